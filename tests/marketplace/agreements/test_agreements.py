from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from marketplace.agreements import gates, tasks
from marketplace.agreements.models import Agreement
from marketplace.agreements.services import agreement_draw_up, agreement_move, agreement_sign
from marketplace.agreements.workflow import LIVE, WORKFLOW
from marketplace.core.errors import Conflict, DomainError, Faults, Forbidden, Invalid, NotFound
from marketplace.core.models import OutboxMessage
from marketplace.core.outbox import drain
from marketplace.deals.evidence import verify
from marketplace.deals.models import Deal
from marketplace.deals.services import deal_move
from marketplace.documents.pdf import document_pdf
from marketplace.negotiation.models import Negotiation
from marketplace.negotiation.services import EXCLUSIVITY, offer_accept
from marketplace.negotiation.tasks import lapse_negotiations
from marketplace.rights.models import Occupation
from tests.factories import (
    NOW,
    Parties,
    activate_agreement,
    clear_deal,
    make_agreement,
    make_deal,
    make_offer,
    make_organisation,
    make_parties,
    member_of,
    sign_agreement,
)

pytestmark = pytest.mark.django_db


def moved(parties: Parties, agreement: Agreement, who: str, name: str, **more: Any) -> Agreement:
    return agreement_move(
        viewer=getattr(parties, who),
        agreement_id=agreement.pk,
        move=name,
        revision=agreement.revision,
        **{"now": NOW, **more},
    )


def active(parties: Parties, **terms: Any) -> Agreement:
    return activate_agreement(parties, sign_agreement(parties, make_agreement(parties, **terms)))


def standing(now: datetime = NOW) -> list[tuple[str, str]]:
    held = Occupation.objects.filter(live__contains=now).order_by("kind")
    return [(one.kind, one.exclusivity) for one in held]


def test_an_accepted_offer_becomes_a_text_in_two_languages() -> None:
    parties = make_parties()
    agreement = make_agreement(
        parties,
        exclusivity="sole",
        milestones=[
            {"what": "Pilot", "evidence": "Report", "due": "2028-01-01", "amount": 1_000_000}
        ],
        royalty={
            "base": "net_sales",
            "tiers": [{"above": 0, "rate": 350}, {"above": 10_000_000, "rate": 200}],
            "cap": 90_000_000,
        },
        special="Samples are sent by the licensor.",
    )
    en, zh = agreement.document.text_en, agreement.document.text_zh
    assert "$" not in en + zh
    for words in (
        "licence that is sole to make, use, sell",
        "from 2027-01-01 until the day before 2032-01-01",
        "Upfront fee: HKD 500,000.00",
        "(1) Pilot; Report; 2028-01-01; HKD 10,000.00",
        "3.5 % from HKD 0.00 on; 2 % from HKD 100,000.00 on",
        "Cap of all years together: HKD 900,000.00",
        "arbitration in Hong Kong under the rules of HKIAC",
        "Samples are sent",
    ):
        assert words in en
    for words in ("排他许可，许可行为为：制造、使用、销售", "入门费：HKD 500,000.00"):
        assert words in zh
    assert document_pdf(agreement.document).startswith(b"%PDF")


def test_signed_by_both_and_activated_the_lock_becomes_a_grant() -> None:
    parties = make_parties()
    agreement = sign_agreement(parties, make_agreement(parties))
    assert (agreement.state, agreement.signed_at) == ("signed", NOW)
    assert standing() == [("lock", "exclusive")]
    running = activate_agreement(parties, agreement)
    assert (running.state, running.activated_at) == ("active", NOW)
    assert standing() == [("grant", "exclusive")]
    assert running.deal.state == Deal.State.AGREED
    assert Negotiation.objects.get().state == "concluded"
    deal = Deal.objects.get()
    assert verify(deal) == []
    cleared = ("dossier", "classification", "assessment")
    kinds = [event.kind for event in deal.events.all()]
    assert [kind for kind in kinds if not kind.startswith(cleared)][-6:] == [
        "agreement.draw_up",
        "agreement.sign",
        "agreement.sign",
        "agreement.signed",
        "deal.agree",
        "agreement.activate",
    ]


def test_it_is_not_active_before_both_signed() -> None:
    parties = make_parties()
    agreement = make_agreement(parties)
    with pytest.raises(Conflict):
        activate_agreement(parties, agreement)
    agreement_sign(
        viewer=parties.buyer,
        agreement_id=agreement.pk,
        organisation_id=parties.buyer_id,
        typed_name="Chan Tai Man",
        sha256=agreement.document.sha256,
        address="203.0.113.7",
        now=NOW,
    )
    with pytest.raises(Conflict):
        activate_agreement(parties, agreement)
    assert standing() == [("lock", "exclusive")]


def test_there_is_none_without_an_accepted_offer() -> None:
    parties = make_parties()
    deal = make_deal(parties)
    with pytest.raises(Conflict):
        agreement_draw_up(viewer=parties.buyer, deal_id=deal.pk, now=NOW)
    agreement = make_agreement(
        Parties(
            parties.licensor,
            member_of(make_organisation("buyer")),
            parties.operator,
            parties.listing,
        )
    )
    with pytest.raises(Conflict, match="already"):
        agreement_draw_up(viewer=parties.licensor, deal_id=agreement.deal_id, now=NOW)
    assert Agreement.objects.count() == 1


def test_who_may_move_it() -> None:
    parties = make_parties()
    agreement = sign_agreement(parties, make_agreement(parties))
    dealmaker = member_of(agreement.deal.buyer, "dealmaker")
    for viewer, wanted in (
        (dealmaker, Forbidden),
        (parties.operator, Forbidden),
        (member_of(make_organisation("buyer")), NotFound),
    ):
        with pytest.raises(wanted):
            agreement_move(
                viewer=viewer,
                agreement_id=agreement.pk,
                move="activate",
                revision=agreement.revision,
                now=NOW,
            )
    running = activate_agreement(parties, agreement)
    with pytest.raises(Forbidden):
        moved(parties, running, "buyer", "suspend", reason="Late.")
    with pytest.raises(Invalid):
        moved(parties, running, "licensor", "suspend")
    assert moved(parties, running, "licensor", "suspend", reason="Late.").state == "suspended"
    assert standing() == [("grant", "exclusive")]


def test_ending_it_frees_the_rights() -> None:
    parties = make_parties()
    running = active(parties)
    ended = moved(parties, running, "buyer", "terminate", reason="No market.")
    assert (ended.state, ended.ended_at, ended.reason) == ("terminated", NOW, "No market.")
    assert standing() == []


def test_it_expires_on_its_last_day_in_hong_kong() -> None:
    parties = make_parties()
    active(parties, end=date(2028, 1, 1))
    midnight = datetime(2027, 12, 31, 16, tzinfo=UTC)
    assert tasks.expire_agreements(midnight - timedelta(seconds=1)) == 0
    assert tasks.expire_agreements(midnight) == 1
    assert Agreement.objects.get().state == "expired"
    assert standing(midnight) == []


def test_one_without_an_end_does_not_expire() -> None:
    parties = make_parties()
    active(parties, end=None)
    assert tasks.expire_agreements(NOW.replace(year=2090)) == 0


def test_when_the_lock_lapses_it_is_given_up() -> None:
    parties = make_parties()
    sign_agreement(parties, make_agreement(parties))
    lapse_negotiations(NOW + EXCLUSIVITY)
    drain(NOW + EXCLUSIVITY)
    assert Agreement.objects.get().state == "abandoned"


def test_when_the_deal_ends_it_is_given_up() -> None:
    parties = make_parties()
    agreement = make_agreement(parties)
    deal_move(viewer=parties.buyer, deal_id=agreement.deal_id, move="end", now=NOW)
    drain(NOW)
    assert Agreement.objects.get().state == "abandoned"
    assert standing(NOW + timedelta(seconds=1)) == []


def test_word_of_an_end_that_comes_late_or_twice_ends_nothing_newer() -> None:
    parties = make_parties()
    agreement = make_agreement(parties)
    end = {"deal_id": agreement.deal_id, "now": NOW}
    deal_move(viewer=parties.buyer, move="end", **end)
    drain(NOW)
    deal_move(viewer=parties.operator, move="resume", **end)
    make_offer(parties, agreement.deal)
    offer_accept(viewer=parties.buyer, deal_id=agreement.deal_id, number=2, now=NOW)
    newer = agreement_draw_up(viewer=parties.buyer, deal_id=agreement.deal_id, now=NOW)
    OutboxMessage.objects.filter(topic__in=["deal.end", "offer.lapse"]).update(done_at=None)
    drain(NOW)
    newer.refresh_from_db()
    assert (newer.state, Negotiation.objects.get().state) == ("drawn_up", "accepted")
    assert standing() == [("lock", "exclusive")]


def test_a_second_change_is_refused() -> None:
    parties = make_parties()
    running = active(parties)
    moved(parties, running, "licensor", "suspend", reason="Late.")
    running.revision -= 1
    with pytest.raises(Conflict, match="suspended"):
        moved(parties, running, "buyer", "terminate", reason="No market.")


@pytest.fixture
def a_gate() -> Iterator[None]:
    def closed(agreement: Agreement, now: datetime) -> Iterator[str]:
        yield "The export licence is missing."
        yield "The buyer is not screened."

    gates.gate(closed)
    yield
    gates.GATES.remove(closed)


@pytest.mark.usefixtures("a_gate")
def test_everything_that_stands_against_it_is_said_at_once() -> None:
    parties = make_parties()
    agreement = sign_agreement(parties, make_agreement(parties))
    with pytest.raises(Faults) as refused:
        activate_agreement(parties, agreement)
    assert len(refused.value.errors) >= 2
    assert standing() == [("lock", "exclusive")]
    assert Agreement.objects.get().state == "signed"


MOVES = sorted({name for _, name in WORKFLOW.moves} - {"sign"})


@settings(deadline=None, max_examples=40)
@given(
    plays=st.lists(
        st.tuples(st.sampled_from(MOVES), st.sampled_from(["licensor", "buyer", "operator"])),
        max_size=10,
    )
)
def test_random_moves_keep_to_the_table_and_the_ledger(plays: list[tuple[str, str]]) -> None:
    with transaction.atomic():
        parties = make_parties()
        agreement = sign_agreement(parties, make_agreement(parties))
        clear_deal(parties, agreement.deal)
        for name, who in plays:
            before = agreement.state
            try:
                agreement = moved(parties, agreement, who, name, reason="So it goes.")
            except DomainError:
                agreement = Agreement.objects.get(pk=agreement.pk)
                assert agreement.state == before
            else:
                assert agreement.state == WORKFLOW.moves[before, name].target
            granted = [kind for kind, _ in standing() if kind == "grant"]
            assert bool(granted) == (agreement.state in {"active", "suspended"})
            assert (agreement.state in LIVE) == (agreement.ended_at is None)
        transaction.set_rollback(True)
