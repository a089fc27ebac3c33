from __future__ import annotations

from typing import Any

import pytest
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from marketplace.agreements.amendments import amendment_propose, amendment_sign
from marketplace.agreements.models import Agreement, subject
from marketplace.agreements.services import agreement_move
from marketplace.core.errors import Conflict, DomainError, Faults, Forbidden, Invalid, NotFound
from marketplace.core.outbox import drain
from marketplace.disputes.models import Dispute
from marketplace.disputes.services import dispute_move, dispute_raise
from marketplace.disputes.workflow import OPEN, TEXT, WORKFLOW
from marketplace.invoices.models import Invoice
from marketplace.invoices.services import (
    ScheduleItem,
    invoice_create,
    invoice_hold_end,
    invoice_issue,
)
from marketplace.rights.models import Occupation
from tests.factories import (
    NOW,
    TERMS,
    Parties,
    activate_agreement,
    make_agreement,
    make_organisation,
    make_parties,
    member_of,
    sign_agreement,
)

pytestmark = pytest.mark.django_db
CLAIM = "The pilot line does not run."


def running(parties: Parties) -> Agreement:
    return activate_agreement(parties, sign_agreement(parties, make_agreement(parties)))


def raised(parties: Parties, agreement: Agreement, who: str = "buyer") -> Dispute:
    return dispute_raise(
        viewer=getattr(parties, who), agreement_id=agreement.pk, claim=CLAIM, now=NOW
    )


def moved(parties: Parties, dispute: Dispute, who: str, name: str, **more: Any) -> Dispute:
    return dispute_move(
        viewer=getattr(parties, who),
        dispute_id=dispute.pk,
        move=name,
        **{
            "revision": dispute.revision,
            "text": "So it is." if name in TEXT else "",
            "now": NOW,
            **more,
        },
    )


def make_invoice(agreement: Agreement) -> Invoice:
    finance = member_of(agreement.deal.licensor, "finance")
    invoice = invoice_create(
        viewer=finance,
        issuer=agreement.deal.licensor_id,
        payer=agreement.deal.buyer_id,
        currency="HKD",
        items=[ScheduleItem("upfront", "Upfront fee", 50_000_000)],
        agreement=subject(agreement),
    )
    return invoice_issue(viewer=finance, invoice_id=invoice.pk, today=NOW.date())


def holds() -> list[list[str]]:
    return list(Invoice.objects.order_by("created_at").values_list("holds", flat=True))


def test_from_claim_to_award() -> None:
    parties = make_parties()
    agreement = running(parties)
    dispute = raised(parties, agreement)
    dispute = moved(parties, dispute, "licensor", "answer", text="It does since May.")
    dispute = moved(parties, dispute, "buyer", "escalate", text="HKIAC/A26123")
    with pytest.raises(Forbidden):
        moved(parties, dispute, "buyer", "decide")
    dispute = moved(parties, dispute, "operator", "decide", text="Half the fee is paid back.")
    assert (dispute.state, dispute.answer, dispute.case, dispute.outcome) == (
        "decided",
        "It does since May.",
        "HKIAC/A26123",
        "Half the fee is paid back.",
    )
    kinds = [event.kind for event in dispute.agreement.deal.events.all()]
    assert kinds[-4:] == [
        "dispute.raise",
        "dispute.answer",
        "dispute.escalate",
        "dispute.decide",
    ]


def test_while_it_is_open_money_is_held_also_of_later_invoices() -> None:
    parties = make_parties()
    agreement = running(parties)
    make_invoice(agreement)
    drain()
    dispute = raised(parties, agreement)
    make_invoice(agreement)
    drain()
    held = [f"dispute:{dispute.pk}"]
    assert holds() == [held, held]
    first = Invoice.objects.earliest("created_at")
    invoice_hold_end(viewer=parties.operator, invoice_id=first.pk)
    assert holds() == [held, held]
    moved(parties, dispute, "buyer", "withdraw")
    assert holds() == [[], []]


def test_while_it_is_open_agreement_and_rights_stay_as_they_are() -> None:
    parties = make_parties()
    agreement = running(parties)
    amendment = amendment_propose(
        viewer=parties.buyer, agreement_id=agreement.pk, terms={**TERMS, "upfront": 1}, now=NOW
    )
    dispute = raised(parties, agreement)
    before = list(Occupation.objects.values())
    for move in ("suspend", "terminate"):
        with pytest.raises(Faults, match="A dispute is open"):
            agreement_move(
                viewer=parties.licensor,
                agreement_id=agreement.pk,
                move=move,
                revision=agreement.revision,
                reason="Late.",
                now=NOW,
            )
    with pytest.raises(Faults, match="A dispute is open"):
        amendment_sign(
            viewer=parties.buyer,
            amendment_id=amendment.pk,
            organisation_id=parties.buyer_id,
            typed_name="Chan Tai Man",
            sha256=amendment.document.sha256,
            address="203.0.113.7",
            now=NOW,
        )
    assert list(Occupation.objects.values()) == before
    moved(parties, dispute, "buyer", "settle", text="The line runs now.")
    ended = agreement_move(
        viewer=parties.licensor,
        agreement_id=agreement.pk,
        move="terminate",
        revision=agreement.revision,
        reason="Late.",
        now=NOW,
    )
    assert ended.state == "terminated"


def test_who_may_raise_what() -> None:
    parties = make_parties()
    with pytest.raises(Conflict, match="nothing to dispute"):
        raised(parties, make_agreement(parties))
    other = make_parties()
    agreement = running(other)
    with pytest.raises(Forbidden):
        raised(other, agreement, "operator")
    with pytest.raises(NotFound):
        dispute_raise(
            viewer=member_of(make_organisation("buyer")),
            agreement_id=agreement.pk,
            claim=CLAIM,
            now=NOW,
        )
    with pytest.raises(Faults):
        dispute_raise(viewer=other.buyer, agreement_id=agreement.pk, claim="Bad.", now=NOW)
    raised(other, agreement)
    with pytest.raises(Conflict, match="open dispute"):
        raised(other, agreement)
    assert raised(other, agreement, "licensor").state == "raised"


def test_each_move_says_what_it_must_and_nothing_else() -> None:
    parties = make_parties()
    dispute = raised(parties, running(parties))
    with pytest.raises(Faults):
        moved(parties, dispute, "licensor", "answer", text=" ")
    with pytest.raises(Invalid):
        moved(parties, dispute, "buyer", "withdraw", text="Never mind.")
    with pytest.raises(Conflict):
        moved(parties, dispute, "buyer", "withdraw", revision=7)
    assert Dispute.objects.get().state == "raised"


@settings(deadline=None, max_examples=30)
@given(
    plays=st.lists(
        st.tuples(
            st.sampled_from(sorted({name for _, name in WORKFLOW.moves})),
            st.sampled_from(["licensor", "buyer", "operator"]),
        ),
        max_size=8,
    )
)
def test_random_moves_keep_to_the_table_and_money_is_held_meanwhile(
    plays: list[tuple[str, str]],
) -> None:
    with transaction.atomic():
        parties = make_parties()
        agreement = running(parties)
        make_invoice(agreement)
        dispute = raised(parties, agreement)
        for name, who in plays:
            before = dispute.state
            try:
                dispute = moved(parties, dispute, who, name)
            except (DomainError, Faults):
                dispute = Dispute.objects.get(pk=dispute.pk)
                assert dispute.state == before
            else:
                assert dispute.state == WORKFLOW.moves[before, name].target
            assert bool(holds()[0]) == (dispute.state in OPEN)
        transaction.set_rollback(True)
