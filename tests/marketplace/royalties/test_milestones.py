from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.db import IntegrityError, transaction

from marketplace.agreements.amendments import amendment_propose
from marketplace.agreements.models import Agreement
from marketplace.core.errors import Conflict, Forbidden, Invalid, NotFound
from marketplace.core.outbox import drain
from marketplace.deals.evidence import verify
from marketplace.deals.models import Deal
from marketplace.invoices.models import Invoice
from marketplace.royalties import tasks
from marketplace.royalties.milestones import milestones_set
from marketplace.royalties.models import Due, Milestone
from tests.factories import (
    NOW,
    TERMS,
    Parties,
    clear_deal,
    make_file,
    make_organisation,
    make_parties,
    member_of,
)
from tests.marketplace.agreements.test_amendments import sign
from tests.marketplace.deals.test_mandates import make_centre, make_mandate

from .plain import PILOT, ROYALTY, SECOND, move_milestone, running, show

pytestmark = pytest.mark.django_db


def with_milestones(*milestones: dict[str, Any]) -> tuple[Parties, Agreement, Milestone]:
    parties, agreement = running(milestones=list(milestones) or [PILOT])
    return parties, agreement, agreement.milestones.first() or Milestone()


def test_the_terms_in_force_make_them_once() -> None:
    _, agreement, _ = with_milestones(PILOT, SECOND, PILOT)
    milestones_set(agreement.pk)
    found = agreement.milestones.values_list("what", "nth", "amount", "currency", "state")
    assert sorted(found) == [
        ("First thousand cells", 1, 2_000_000, "HKD", "open"),
        ("Pilot line runs", 1, 1_000_000, "HKD", "open"),
        ("Pilot line runs", 2, 1_000_000, "HKD", "open"),
    ]


def test_shown_and_accepted_it_is_invoiced_once() -> None:
    parties, agreement, row = with_milestones()
    file = make_file(parties, agreement.deal, name="report.txt")
    row = show(parties, row, file_id=file.pk)
    assert (row.state, row.submitted_by_id, Invoice.objects.count()) == (
        "submitted",
        parties.licensor_id,
        0,
    )
    row = move_milestone(parties, row, "accept")
    invoice = Invoice.objects.get()
    assert (invoice.state, invoice.total, invoice.currency) == ("issued", 1_000_000, "HKD")
    assert [(line.kind, line.text) for line in invoice.lines.all()] == [
        ("milestone", "Milestone: Pilot line runs")
    ]
    assert row.charge is not None
    assert row.charge.invoice == invoice
    with pytest.raises(Conflict):
        move_milestone(parties, row, "accept")
    assert Due.objects.count() == Invoice.objects.count() == 1
    assert verify(Deal.objects.get()) == []
    kinds = [event.kind for event in agreement.deal.events.all()]
    assert kinds[-2:] == ["milestone.submit", "milestone.accept"]


def test_only_the_other_side_accepts() -> None:
    parties, _, row = with_milestones()
    row = show(parties, row)
    for viewer, wanted in (
        (parties.licensor, Forbidden),
        (parties.operator, Forbidden),
        (member_of(make_organisation("buyer")), NotFound),
    ):
        stranger = Parties(viewer, viewer, viewer, parties.listing)
        with pytest.raises(wanted):
            move_milestone(stranger, row, "accept")
    assert Milestone.objects.get().state == "submitted"
    assert not Invoice.objects.exists()


def test_a_dispute_says_why_and_it_is_shown_again() -> None:
    parties, _, row = with_milestones()
    row = show(parties, row, "buyer")
    with pytest.raises(Invalid):
        move_milestone(parties, row, "dispute", "licensor")
    row = move_milestone(parties, row, "dispute", "licensor", reason="Not ours.")
    assert (row.state, row.reason) == ("disputed", "Not ours.")
    row = show(parties, row)
    assert (row.state, row.reason, row.submitted_by_id) == ("submitted", "", parties.licensor_id)
    row = move_milestone(parties, row, "withdraw", "licensor")
    assert row.state == "open"
    assert not Invoice.objects.exists()


def test_nobody_accepts_what_changed_since_it_was_read() -> None:
    parties, _, row = with_milestones()
    row = show(parties, row)
    read = row.revision
    row = move_milestone(parties, row, "withdraw", "licensor")
    row = show(parties, row, shown="Another report.")
    row.revision = read
    with pytest.raises(Conflict, match="revision"):
        move_milestone(parties, row, "accept")
    assert not Invoice.objects.exists()


def test_the_file_is_a_ready_one_of_the_submitter() -> None:
    parties, agreement, row = with_milestones()
    theirs = make_file(parties, agreement.deal, by="buyer")
    with pytest.raises(NotFound):
        show(parties, row, file_id=theirs.pk)
    assert Milestone.objects.get().state == "open"


def test_an_amendment_changes_what_is_not_accepted() -> None:
    parties, agreement, _ = with_milestones(PILOT, SECOND, {**PILOT, "what": "Third"})
    rows = {one.what: one for one in agreement.milestones.all()}
    move_milestone(parties, show(parties, rows["Pilot line runs"]), "accept")
    show(parties, rows["First thousand cells"])
    changed = [{**PILOT, "amount": 9}, {**SECOND, "amount": 3_000_000}, {**PILOT, "what": "New"}]
    amendment = amendment_propose(
        viewer=parties.buyer,
        agreement_id=agreement.pk,
        terms={**TERMS, "upfront": 0, "royalty": ROYALTY, "milestones": changed},
        now=NOW,
    )
    clear_deal(parties, agreement.deal)
    for who in ("buyer", "licensor"):
        sign(parties, amendment, who)
    drain(NOW)
    assert sorted(agreement.milestones.values_list("what", "amount", "state")) == [
        ("First thousand cells", 3_000_000, "open"),
        ("New", 1_000_000, "open"),
        ("Pilot line runs", 1_000_000, "accepted"),
        ("Third", 1_000_000, "dropped"),
    ]
    assert [one.total for one in Invoice.objects.all()] == [1_000_000]


def test_when_its_day_has_passed_both_are_told_once() -> None:
    _, _, row = with_milestones()
    day_after = NOW.replace(year=2027, month=7, day=1)
    assert tasks.remind_of_milestones(day_after - timedelta(days=1)) == 0
    mail.outbox.clear()
    assert tasks.remind_of_milestones(day_after) == 1
    assert tasks.remind_of_milestones(day_after + timedelta(days=1)) == 0
    drain(day_after)
    assert len(mail.outbox) == 2
    assert "2027-06-30" in mail.outbox[0].body
    assert row.what not in mail.outbox[0].body


def test_the_database_holds_what_matters() -> None:
    _, agreement, row = with_milestones()
    with pytest.raises(IntegrityError, match="charged"), transaction.atomic():
        Milestone.objects.update(state="accepted", shown="So.", submitted_by=agreement.deal.buyer)
    due = {"agreement": agreement, "cause": f"milestone:{row.pk}", "amount": 1, "currency": "HKD"}
    Due.objects.create(kind="milestone", **due)
    with pytest.raises(IntegrityError, match="cause"), transaction.atomic():
        Due.objects.create(kind="milestone", **due)


def test_the_licensors_broker_has_its_share_and_does_not_see_it() -> None:
    parties, centre = make_parties(), make_centre()
    make_mandate(parties.licensor, centre, commission_bp=500)
    _, agreement = running(parties, milestones=[PILOT])
    row = agreement.milestones.get()
    broker = Parties(centre, centre, centre, parties.listing)
    with pytest.raises(NotFound):
        show(broker, row)
    move_milestone(parties, show(parties, row), "accept")
    shares = Invoice.objects.get().shares.order_by("role")
    assert [(one.role, one.basis_points) for one in shares] == [("broker", 500), ("licensor", None)]
