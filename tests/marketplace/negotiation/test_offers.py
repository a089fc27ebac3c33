from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from marketplace.core.errors import Conflict, DomainError, Faults, Forbidden, NotFound
from marketplace.core.outbox import drain
from marketplace.deals.evidence import verify
from marketplace.deals.models import Deal
from marketplace.deals.services import deal_move
from marketplace.negotiation import tasks
from marketplace.negotiation.models import Negotiation, Offer
from marketplace.negotiation.services import EXCLUSIVITY, comment_add, offer_accept, offer_make
from marketplace.rights.models import Occupation
from marketplace.rights.selectors import standing
from tests.factories import (
    NOW,
    TERMS,
    Parties,
    make_deal,
    make_enquiry,
    make_offer,
    make_organisation,
    make_parties,
    make_patent,
    member_of,
)

pytestmark = pytest.mark.django_db


def talking() -> tuple[Parties, Deal]:
    parties = make_parties()
    return parties, make_deal(parties)


def accept(parties: Parties, deal: Deal, who: str, number: int) -> Negotiation:
    return offer_accept(viewer=getattr(parties, who), deal_id=deal.pk, number=number, now=NOW)


def test_offers_answer_one_another_and_acceptance_locks_the_rights() -> None:
    parties, deal = talking()
    make_offer(parties, deal)
    make_offer(parties, deal, by="buyer", upfront=40_000_000)
    talks = accept(parties, deal, "licensor", 2)
    assert (talks.state, talks.locked_until) == ("accepted", NOW + EXCLUSIVITY)
    (lock,) = Occupation.objects.all()
    assert (lock.kind, lock.holder_id, lock.exclusivity) == (
        "lock",
        parties.buyer_id,
        "exclusive",
    )
    assert (lock.live.lower, lock.live.upper) == (NOW, NOW + EXCLUSIVITY)
    deal.refresh_from_db()
    assert [e.kind for e in deal.events.all()][-3:] == ["offer.make", "offer.make", "offer.accept"]
    assert verify(deal) == []


def test_a_superseded_offer_cannot_be_accepted_nor_answered() -> None:
    parties, deal = talking()
    make_offer(parties, deal)
    make_offer(parties, deal, upfront=60_000_000)
    changed = r"superseded by 2: Upfront fee: HKD 500,000.00 → HKD 600,000.00"
    with pytest.raises(Conflict, match=changed):
        accept(parties, deal, "buyer", 1)
    with pytest.raises(Conflict, match=changed):
        offer_make(viewer=parties.buyer, deal_id=deal.pk, terms=TERMS, answering=1, now=NOW)
    assert Offer.objects.count() == 2
    assert not Occupation.objects.exists()


def test_nobody_accepts_their_own_offer_and_only_who_may_bind() -> None:
    parties, deal = talking()
    make_offer(parties, deal)
    with pytest.raises(Forbidden):
        accept(parties, deal, "licensor", 1)
    dealmaker = member_of(deal.buyer, "dealmaker")
    with pytest.raises(Forbidden, match="bind"):
        offer_accept(viewer=dealmaker, deal_id=deal.pk, number=1, now=NOW)
    with pytest.raises(NotFound):
        offer_accept(
            viewer=member_of(make_organisation("buyer")), deal_id=deal.pk, number=1, now=NOW
        )
    with pytest.raises(Forbidden):
        accept(parties, deal, "operator", 1)
    assert not Occupation.objects.exists()


def test_what_another_buyer_has_locked_cannot_be_accepted() -> None:
    parties, deal = talking()
    rival = Parties(
        parties.licensor, member_of(make_organisation("buyer")), parties.operator, parties.listing
    )
    second = make_deal(rival)
    make_offer(parties, deal)
    make_offer(rival, second)
    accept(parties, deal, "buyer", 1)
    with pytest.raises(Conflict) as refused:
        accept(rival, second, "buyer", 1)
    assert deal.buyer.name not in refused.value.message
    assert Negotiation.objects.get(deal=second).state == "talking"
    make_offer(rival, second, fields_of_use=["medical"])
    assert accept(rival, second, "buyer", 2).state == "accepted"


def test_the_lock_expires_by_itself() -> None:
    parties, deal = talking()
    make_offer(parties, deal)
    accept(parties, deal, "buyer", 1)
    assert tasks.lapse_negotiations(NOW + EXCLUSIVITY - timedelta(seconds=1)) == 0
    assert tasks.lapse_negotiations(NOW + EXCLUSIVITY) == 1
    assert Negotiation.objects.get().state == "lapsed"
    make_offer(parties, deal)
    assert Negotiation.objects.get().state == "talking"


def test_ending_the_deal_frees_what_was_locked() -> None:
    parties, deal = talking()
    make_offer(parties, deal)
    accept(parties, deal, "buyer", 1)
    deal_move(viewer=parties.buyer, deal_id=deal.pk, move="end", now=NOW)
    drain()
    assert Negotiation.objects.get().state == "lapsed"
    assert Occupation.objects.count() == 1
    assert not standing(NOW).exists()


@pytest.mark.parametrize(
    ("wrong", "fields"),
    [
        ({"upfront": -1}, [("terms", "upfront")]),
        (
            {"territories": ["XX"], "currency": "dollars", "acts": []},
            [("terms", "territories"), ("terms", "acts"), ("terms", "currency")],
        ),
        ({"end": date(2026, 1, 1)}, [("terms",)]),
        ({"know_how": False}, [("terms",)]),
        ({"royalty": {"base": "net_sales", "tiers": []}}, [("terms", "royalty", "tiers")]),
        (
            {"royalty": {"base": "units", "tiers": [{"above": 5, "rate": 1}]}},
            [("terms", "royalty")],
        ),
        ({"rules": "court"}, [("terms", "rules")]),
        ({"colour": "red"}, [("terms", "colour")]),
    ],
)
def test_wrong_terms_are_all_named(wrong: dict[str, Any], fields: list[tuple[str, ...]]) -> None:
    parties, deal = talking()
    with pytest.raises(Faults) as refused:
        make_offer(parties, deal, **wrong)
    assert [error.field for error in refused.value.errors] == fields
    assert not Offer.objects.exists()


def test_only_patents_of_the_listing_can_be_licensed() -> None:
    parties, deal = talking()
    with pytest.raises(NotFound) as refused:
        make_offer(parties, deal, patents=[make_patent().pk])
    assert refused.value.field == ("terms", "patents", "0")


def test_there_are_no_terms_before_the_enquiry_is_accepted() -> None:
    parties = make_parties()
    deal = make_enquiry(parties)
    with pytest.raises(Conflict):
        make_offer(parties, deal)
    with pytest.raises(Conflict):
        comment_add(viewer=parties.buyer, deal_id=deal.pk, text="Hello?", now=NOW)


def test_offers_and_comments_cannot_be_changed() -> None:
    parties, deal = talking()
    make_offer(parties, deal)
    comment_add(viewer=parties.buyer, deal_id=deal.pk, text="Too dear.", now=NOW)
    for table in (Offer.objects, deal.negotiation.comments):
        with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
            table.all().delete()


PLAYS = st.lists(
    st.tuples(
        st.sampled_from(["offer", "accept", "accept old", "lapse", "end", "resume"]),
        st.sampled_from(["licensor", "buyer", "operator"]),
        st.sampled_from([0, 1]),
        st.sampled_from(["exclusive", "sole", "non_exclusive"]),
    ),
    max_size=14,
)


@settings(deadline=None, max_examples=40)
@given(plays=PLAYS)
def test_random_play_of_two_deals_never_locks_a_right_twice(
    plays: list[tuple[str, str, int, str]],
) -> None:
    with transaction.atomic():
        parties = make_parties()
        rival = Parties(
            parties.licensor,
            member_of(make_organisation("buyer")),
            parties.operator,
            parties.listing,
        )
        both = [(parties, make_deal(parties)), (rival, make_deal(rival))]
        now = NOW
        for act, who, which, exclusivity in plays:
            people, deal = both[which]
            now += timedelta(minutes=1)
            number = Offer.objects.filter(negotiation__deal=deal).count()
            viewer = getattr(people, who)
            try:
                if act == "offer":
                    make_offer(people, deal, by=who, exclusivity=exclusivity)
                elif act.startswith("accept"):
                    number -= act == "accept old"
                    offer_accept(viewer=viewer, deal_id=deal.pk, number=number, now=now)
                elif act == "lapse":
                    now += EXCLUSIVITY
                    tasks.lapse_negotiations(now)
                else:
                    deal_move(viewer=viewer, deal_id=deal.pk, move=act, now=now)
                    drain()
            except DomainError:
                continue
        held = [one.exclusivity for one in Occupation.objects.filter(live__contains=now)]
        assert len(held) <= 1 or set(held) == {"non_exclusive"}
        for talks in Negotiation.objects.filter(state="accepted"):
            assert talks.accepted == talks.offers.last()
        assert all(verify(Deal.objects.get(pk=deal.pk)) == [] for _, deal in both)
        transaction.set_rollback(True)
