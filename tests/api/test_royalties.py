"""Milestones, royalty statements and audits, by the documents that clients use."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from marketplace.agreements.models import Agreement
from marketplace.core.calendar import months_after
from marketplace.core.outbox import drain
from marketplace.royalties.models import Due, Milestone, RoyaltyStatement
from tests.conftest import OPERATIONS, Api, done, gid
from tests.factories import Parties, make_file, make_parties, member_of
from tests.marketplace.deals.test_mandates import make_centre, make_mandate
from tests.marketplace.royalties.plain import (
    PILOT,
    Q1,
    Q2,
    ROYALTY,
    SECOND,
    accepted,
    move_milestone,
    running,
    show,
)

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate()


def old_agreement(**terms: Any) -> tuple[Parties, Agreement]:
    """One whose licence has run for two years, so that there is something to report today."""
    return running(**{"start": months_after(TODAY, -24).replace(day=1), **terms})


def a_day() -> dict[str, str]:
    """Yesterday, as a period: of one quarter whenever the test runs."""
    return {"start": str(TODAY - timedelta(days=1)), "end": str(TODAY)}


def test_a_milestone_is_shown_and_accepted(api: Api) -> None:
    parties, agreement = running(milestones=[PILOT])
    finance = member_of(agreement.deal.buyer, "finance")
    licensor, buyer = api.as_(parties.licensor), api.as_(finance)
    file = make_file(parties, agreement.deal, name="report.txt")
    id = gid("Agreement", agreement.pk)
    (row,) = licensor.run("schedule", id=id)["agreement"]["schedule"]["milestones"]
    assert (row["state"], row["availableActions"]) == ("OPEN", ["submit"])
    shown = done(
        licensor.run(
            "milestone_submit",
            id=row["id"],
            shown="Report 12.",
            file=gid("RoomFile", file.pk),
            revision=row["revision"],
        )
    )["milestone"]
    assert (shown["fileName"], shown["availableActions"]) == ("report.txt", ["withdraw"])
    refused = buyer.run("milestone_move", id=row["id"], move="dispute", revision=2)
    assert refused["milestoneMove"]["errors"] == [
        {
            "code": "INVALID",
            "message": "Say why, for the other side to read.",
            "field": ["reason"],
        }
    ]
    taken = done(buyer.run("milestone_move", id=row["id"], move="accept", revision=2))["milestone"]
    assert taken["state"] == "ACCEPTED"
    (due,) = licensor.run("schedule", id=id)["agreement"]["schedule"]["dues"]
    assert (due["kind"], due["amount"]["amount"]) == ("MILESTONE", 1_000_000)
    assert due["invoice"] == taken["invoice"]
    # A dealmaker sees what is due, and not the invoice, which is for those who keep the books.
    assert licensor.run("invoice", id=taken["invoice"]) == {"invoice": None}
    asked = buyer.run("invoice", id=taken["invoice"])["invoice"]
    assert (asked["state"], asked["total"]["amount"]) == ("ISSUED", 1_000_000)


def test_a_quarter_is_reported_accepted_and_corrected(api: Api) -> None:
    parties, agreement = old_agreement()
    licensor, buyer = api.as_(parties.licensor), api.as_(parties.buyer)
    id = gid("Agreement", agreement.pk)
    lines = [{"product": "Cell", "territory": "CN", "units": 5, "netSales": 80_000}]
    sent = done(buyer.run("royalty_statement_submit", agreement=id, lines=lines, **a_day()))
    statement = sent["royaltyStatement"]
    assert (statement["amount"]["amount"], statement["state"]) == (4000, "SUBMITTED")
    again = buyer.run("royalty_statement_submit", agreement=id, lines=lines, **a_day())
    assert [one["code"] for one in again["royaltyStatementSubmit"]["errors"]] == ["CONFLICT"]
    taken = done(licensor.run("royalty_statement_move", id=statement["id"], move="accept"))
    assert taken["royaltyStatement"]["availableActions"] == ["correct"]
    fixed = done(
        buyer.run(
            "royalty_statement_correct",
            id=statement["id"],
            lines=[{**lines[0], "netSales": 90_000}],
            note="One shop was left out.",
        )
    )["royaltyStatement"]
    assert (fixed["amount"]["amount"], fixed["corrects"]) == (500, statement["id"])
    done(licensor.run("royalty_statement_move", id=fixed["id"], move="accept"))
    seen = licensor.run("schedule", id=id)["agreement"]["schedule"]
    assert {one["state"] for one in seen["royaltyStatements"]} == {"ACCEPTED", "SUPERSEDED"}
    assert [one["amount"]["amount"] for one in seen["dues"]] == [4000, 500]


def test_fault_49_sales_that_are_no_whole_number_never_reach_the_books(api: Api) -> None:
    parties, agreement = old_agreement()
    buyer = api.as_(parties.buyer)
    document = (OPERATIONS / "royalty_statement_submit.graphql").read_text(encoding="utf-8")
    for wrong in (1.5, "1.5", float("nan"), float("inf"), True, "12a", []):
        answer = buyer.post(
            document,
            agreement=gid("Agreement", agreement.pk),
            lines=[{"product": "Cell", "territory": "CN", "netSales": wrong}],
            **a_day(),
        )
        assert "errors" in answer, wrong
    refused = buyer.run(
        "royalty_statement_submit",
        agreement=gid("Agreement", agreement.pk),
        lines=[
            {"product": "Cell", "territory": "CN", "netSales": -1},
            {"product": "Cell", "territory": "US", "netSales": "5"},
        ],
        **a_day(),
    )["royaltyStatementSubmit"]
    assert [(one["code"], one["field"]) for one in refused["errors"]] == [
        ("INVALID", ["lines", "0", "netSales"]),
        ("INVALID", ["lines", "1", "territory"]),
    ]
    assert not RoyaltyStatement.objects.exists()


def test_a_number_in_the_document_itself_is_whole_too(api: Api) -> None:
    for wrong in ("1.5", '"x"', "true"):
        answer = api.post(
            f'{{ paymentRoutes(amount: {wrong}, currency: "HKD", payerCountry: "CN",'
            ' payeeCountry: "HK") { method } }'
        )
        assert "errors" in answer, wrong


def test_an_audit_is_requested_and_closed(api: Api) -> None:
    parties, agreement = old_agreement()
    licensor, buyer = api.as_(parties.licensor), api.as_(parties.buyer)
    wanted = {"agreement": gid("Agreement", agreement.pk), "auditor": "Chan & Co", **a_day()}
    audit = done(licensor.run("audit_request", **wanted))["audit"]
    assert audit["availableActions"] == ["withdraw"]
    begun = done(buyer.run("audit_move", id=audit["id"], move="begin"))["audit"]
    assert (begun["state"], begun["availableActions"]) == ("UNDER_WAY", [])
    closed = licensor.run("audit_move", id=audit["id"], move="close", findings="All is well.")
    assert done(closed)["audit"]["state"] == "CLOSED"


def test_a_broker_reads_nothing_of_it_and_does_nothing(
    api: Api, codes: Callable[[dict[str, Any]], list[str]]
) -> None:
    parties, centre = make_parties(), make_centre()
    make_mandate(parties.licensor, centre)
    _, agreement = running(parties, milestones=[PILOT])
    broker = api.as_(centre)
    row = Milestone.objects.get()
    assert (
        broker.run("schedule", id=gid("Agreement", agreement.pk))["agreement"]["schedule"] is None
    )
    assert broker.run("node", id=gid("Milestone", row.pk)) == {"node": None}
    refused = broker.run(
        "milestone_submit", id=gid("Milestone", row.pk), shown="Report.", revision=1
    )
    assert codes(refused["milestoneSubmit"]) == ["NOT_FOUND"]
    row.refresh_from_db()
    assert row.state == "open"


@pytest.mark.parametrize("rows", [1, 2])
def test_a_schedule_costs_the_same_however_long_it_is(
    api: Api, django_assert_num_queries: Any, rows: int
) -> None:
    parties, agreement = running(milestones=[PILOT, SECOND][:rows], royalty=ROYALTY)
    for milestone, period in zip(agreement.milestones.all(), (Q1, Q2), strict=False):
        move_milestone(parties, show(parties, milestone), "accept")
        accepted(parties, agreement, period, 5_000)
    drain()
    assert Due.objects.count() == 2 * rows
    client = api.as_(member_of(agreement.deal.buyer, "finance"))
    with django_assert_num_queries(12):
        seen = client.run("schedule", id=gid("Agreement", agreement.pk))["agreement"]["schedule"]
    assert len(seen["royaltyStatements"]) == len(seen["milestones"]) == rows
