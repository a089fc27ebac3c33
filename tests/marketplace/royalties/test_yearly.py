from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from marketplace.agreements.amendments import amendment_propose
from marketplace.agreements.models import Agreement
from marketplace.agreements.services import agreement_move
from marketplace.core.money import Money
from marketplace.core.outbox import drain
from marketplace.invoices.bank_statement import StatementLine
from marketplace.invoices.models import Invoice
from marketplace.invoices.wire import bank_line_approve, bank_lines_import
from marketplace.royalties import tasks
from marketplace.royalties.models import Due
from marketplace.royalties.statements import royalty_statement_correct
from marketplace.royalties.yearly import interest_ask
from tests.factories import NOW, TERMS, Parties, clear_deal, make_operator
from tests.marketplace.agreements.test_amendments import sign

from .plain import LATER, Q1, Q2, Q3, ROYALTY, accepted, line, move, report, running

pytestmark = pytest.mark.django_db
MINIMUM = {**ROYALTY, "minimum_a_year": 10_000}
CLOSING = datetime(2028, 1, 30, 16, tzinfo=UTC)  # 31 January in Hong Kong, 30 days after


def kinds() -> list[tuple[str, int]]:
    return list(Due.objects.values_list("kind", "amount"))


def wired(parties: Parties, invoice: Invoice, amount: int, on: date) -> None:
    """Booked by two persons, as of the day the bank says."""
    said = StatementLine(
        reference=f"{invoice.pk}-{on}",
        booked_on=on,
        amount=Money(amount, invoice.currency),
        payer="Buyer",
        text=invoice.wire_reference,
    )
    (row,) = bank_lines_import(viewer=parties.operator, lines=[said])
    bank_line_approve(viewer=make_operator(), bank_line_id=row.pk)
    drain()


def test_an_ended_year_is_topped_up_to_its_minimum_once() -> None:
    parties, agreement = running(royalty=MINIMUM)
    accepted(parties, agreement, Q1, 80_000)
    assert tasks.close_minimums(CLOSING.replace(hour=15)) == 0
    assert tasks.close_minimums(CLOSING) == 1
    assert tasks.close_minimums(LATER) == 0
    assert kinds() == [("royalty", 4000), ("minimum", 6000)]
    top_up = Invoice.objects.get(number=2)
    assert (top_up.total, top_up.lines.get().text) == (
        6000,
        "Top-up to the minimum of licence year 1",
    )


def test_what_is_reported_of_a_closed_year_counts_beyond_the_minimum_alone() -> None:
    parties, agreement = running(royalty=MINIMUM)
    tasks.close_minimums(CLOSING)
    for period, sales in ((Q1, 80_000), (Q2, 80_000), (Q3, 180_000)):
        accepted(parties, agreement, period, sales)
    # 5 % of 1,000.00 and 3 % of 2,400.00 are 122.00; 100.00 were asked for.
    assert kinds() == [("minimum", 10_000), ("royalty", 0), ("royalty", 0), ("royalty", 2200)]


def test_a_year_that_owes_enough_closes_without_an_invoice() -> None:
    parties, agreement = running(royalty=MINIMUM)
    accepted(parties, agreement, Q1, 400_000)
    assert tasks.close_minimums(CLOSING) == 1
    assert kinds() == [("royalty", 14_000), ("minimum", 0)]
    assert Invoice.objects.count() == 1


def test_the_minimum_keeps_to_the_cap() -> None:
    parties, agreement = running(royalty={**MINIMUM, "cap": 13_000})
    accepted(parties, agreement, Q1, 80_000)
    tasks.close_minimums(CLOSING)
    tasks.close_minimums(CLOSING.replace(year=2029))
    assert kinds() == [("royalty", 4000), ("minimum", 6000), ("minimum", 3000)]


def test_a_year_that_the_agreement_did_not_live_to_the_end_of_has_none() -> None:
    parties, agreement = running(royalty=MINIMUM)
    agreement_move(
        viewer=parties.licensor,
        agreement_id=agreement.pk,
        move="terminate",
        revision=agreement.revision,
        reason="Unpaid.",
        now=datetime(2027, 12, 30, tzinfo=UTC),
    )
    assert tasks.close_minimums(LATER) == 0
    assert kinds() == []


def test_the_last_year_of_an_expired_agreement_has_one() -> None:
    _, agreement = running(royalty=MINIMUM, end=date(2028, 1, 1))
    Agreement.objects.filter(pk=agreement.pk).update(state="expired", ended_at=CLOSING)
    assert tasks.close_minimums(LATER) == 1
    assert kinds() == [("minimum", 10_000)]


def test_what_came_late_bears_interest_by_the_day_of_each_payment() -> None:
    parties, agreement = running(late_interest=1000)
    accepted(parties, agreement, Q1, 3_000_000)
    invoice = Invoice.objects.get()
    assert (invoice.total, invoice.due_on) == (92_000, date(2028, 7, 31))
    wired(parties, invoice, 42_000, date(2028, 7, 31))
    wired(parties, invoice, 50_000, date(2028, 9, 29))  # sixty days late
    assert kinds() == [("royalty", 92_000), ("interest", 821)]  # 821.9
    on_interest = Invoice.objects.get(number=2)
    assert (on_interest.total, on_interest.lines.get().text) == (821, "Interest on invoice 1")
    assert interest_ask(invoice.pk, now=LATER) is None
    wired(parties, on_interest, 821, date(2030, 1, 1))
    assert Invoice.objects.count() == 2


def test_interest_on_a_mixed_invoice_is_on_its_principal() -> None:
    parties, agreement = running(late_interest=1000)
    row = move(parties, report(parties, agreement, Q1, line(3_000_000)), "accept")
    invoice = Invoice.objects.get()
    invoice.lines.create(position=2, kind="interest", text="Interest", amount=0)
    invoice.lines.filter(position=1).update(amount=46_000)
    invoice.lines.filter(position=2).update(amount=46_000)
    wired(parties, invoice, 92_000, date(2029, 7, 31))
    assert row.amount == 92_000
    assert kinds()[1:] == [("interest", 4600)]


@pytest.mark.parametrize(("rate", "on"), [(0, date(2030, 1, 1)), (1000, date(2028, 7, 31))])
def test_no_interest_without_a_rate_or_a_delay(rate: int, on: date) -> None:
    parties, agreement = running(late_interest=rate)
    accepted(parties, agreement, Q1, 3_000_000)
    wired(parties, Invoice.objects.get(), 92_000, on)
    assert kinds() == [("royalty", 92_000)]


def test_the_upfront_fee_bears_interest_too() -> None:
    parties, _ = running(upfront=1_000_000, late_interest=365, royalty=None)
    invoice = Invoice.objects.get()
    assert invoice.due_on == date(2026, 12, 23)
    wired(parties, invoice, 1_000_000, date(2027, 1, 2))
    assert kinds() == [("interest", 1000)]


def test_an_amendment_counts_for_what_is_reported_after_it_and_the_cap_for_all() -> None:
    parties, agreement = running(royalty={**flat(900), "cap": 9_500})
    first = accepted(parties, agreement, Q1, 100_000)
    amendment = amendment_propose(
        viewer=parties.buyer,
        agreement_id=agreement.pk,
        terms={**TERMS, "upfront": 0, "royalty": {**flat(100), "cap": 9_500}},
        now=NOW,
    )
    clear_deal(parties, agreement.deal)
    for who in ("buyer", "licensor"):
        sign(parties, amendment, who)
    second = accepted(parties, agreement, Q2, 800_000)
    assert (first.amount, second.amount) == (9_000, 500)  # 1 % would be 8,000
    fixed = royalty_statement_correct(
        viewer=parties.buyer, statement_id=first.pk, lines=[line(50_000)], note="Half.", now=LATER
    )
    assert fixed.royalty["tiers"] == [{"above": 0, "rate": 900}]


def flat(rate: int) -> dict[str, Any]:
    return {"base": "net_sales", "tiers": [{"above": 0, "rate": rate}]}
