from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime
from threading import Barrier
from typing import Any
from uuid import UUID

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import Sum
from hypothesis import given, settings
from hypothesis import strategies as st

from marketplace.agreements.models import Agreement
from marketplace.agreements.services import agreement_move
from marketplace.core.errors import Conflict, Faults, Forbidden, Invalid, NotFound
from marketplace.core.outbox import drain
from marketplace.deals.evidence import verify
from marketplace.deals.models import Deal
from marketplace.disputes.services import dispute_raise
from marketplace.invoices.models import Invoice
from marketplace.invoices.services import invoice_void
from marketplace.negotiation.terms import Royalty
from marketplace.royalties.models import Due, RoyaltyStatement
from marketplace.royalties.reckoning import owed
from marketplace.royalties.statements import royalty_statement_correct
from tests.factories import NOW, Parties, make_organisation, make_parties, member_of

from .plain import LATER, Q1, Q2, Q3, Q4, ROYALTY, accepted, line, move, report, running

pytestmark = pytest.mark.django_db
UNITS = {"base": "units", "tiers": [{"above": 0, "rate": 20}, {"above": 1000, "rate": 15}]}


def invoiced() -> list[int]:
    return list(Invoice.objects.order_by("number").values_list("total", flat=True))


def correct(
    parties: Parties, row: RoyaltyStatement, *lines: dict[str, Any], who: str = "buyer"
) -> RoyaltyStatement:
    return royalty_statement_correct(
        viewer=getattr(parties, who),
        statement_id=row.pk,
        lines=lines,
        note="A product was left out.",
        now=LATER,
    )


def test_accepted_it_is_invoiced() -> None:
    parties, agreement = running(territories=["CN", "HK"])
    row = report(
        parties, agreement, Q1, line(60_000, 6), line(60_000, 5, territory="hk", product=" Cell ")
    )
    assert (row.state, row.amount, row.net_sales, row.units) == ("submitted", 5600, 120_000, 11)
    assert invoiced() == []
    row = move(parties, row, "accept")
    invoice = Invoice.objects.get()
    assert (row.state, row.charge and row.charge.invoice) == ("accepted", invoice)
    assert (invoice.total, invoice.issuer_id, invoice.payer_id, invoice.state) == (
        5600,
        parties.licensor_id,
        parties.buyer_id,
        "issued",
    )
    (asked,) = invoice.lines.all()
    assert (asked.kind, asked.text, asked.text_zh) == (
        "royalty",
        "Royalty of 2027-01-01 to 2027-03-31",
        "提成费：2027-01-01至2027-03-31",
    )
    assert verify(Deal.objects.get()) == []


def test_tiers_are_reached_by_the_sales_of_a_licence_year() -> None:
    parties, agreement = running()
    amounts = [accepted(parties, agreement, q, 80_000).amount for q in (Q1, Q2)]
    next_year = accepted(parties, agreement, (date(2028, 1, 1), date(2028, 4, 1)), 80_000)
    assert [*amounts, next_year.amount] == [4000, 2800, 4000]
    assert (next_year.year, invoiced()) == (2, [4000, 2800, 4000])


def test_by_units() -> None:
    parties, agreement = running(royalty=UNITS)
    row = move(parties, report(parties, agreement, Q1, line(units=1001)), "accept")
    assert (row.amount, invoiced()) == (20_015, [20_015])


def test_without_sales_there_is_no_invoice() -> None:
    parties, agreement = running()
    row = move(parties, report(parties, agreement, Q1), "accept")
    assert (row.state, row.amount, row.charge and row.charge.invoice) == ("accepted", 0, None)
    assert invoiced() == []


def test_never_more_than_the_cap() -> None:
    parties, agreement = running(royalty={**ROYALTY, "cap": 6000})
    amounts = [accepted(parties, agreement, q, 80_000).amount for q in (Q1, Q2, Q3)]
    assert (amounts, invoiced()) == ([4000, 2000, 0], [4000, 2000])


@pytest.mark.parametrize(
    "figure", [-1, 1.5, float("nan"), float("inf"), True, "5", 10**15 + 1, 10**30]
)
@pytest.mark.parametrize("name", ["units", "net_sales"])
def test_fault_49_what_is_no_whole_number_from_nought_is_refused(name: str, figure: Any) -> None:
    parties, agreement = running()
    with pytest.raises(Faults) as refused:
        report(parties, agreement, Q1, line(5), {**line(product="Other"), name: figure})
    assert [one.field for one in refused.value.errors] == [("lines", "1", name)]
    assert not RoyaltyStatement.objects.exists()


def test_all_that_is_wrong_with_its_lines_is_said_at_once() -> None:
    parties, agreement = running()
    with pytest.raises(Faults) as refused:
        report(
            parties,
            agreement,
            Q1,
            line(5, territory="US"),
            line(5, territory="XX", product=" "),
            line(5),
            line(6),
        )
    assert [one.field for one in refused.value.errors] == [
        ("lines", "0", "territory"),
        ("lines", "1", "product"),
        ("lines", "1", "territory"),
        ("lines",),
    ]
    assert not RoyaltyStatement.objects.exists()


def test_what_comes_to_more_than_an_invoice_can_ask_is_refused() -> None:
    parties, agreement = running(royalty={"base": "units", "tiers": [{"above": 0, "rate": 10**9}]})
    with pytest.raises(Invalid, match="more than"):
        report(parties, agreement, Q1, line(units=10**15))
    assert not RoyaltyStatement.objects.exists()


@pytest.mark.parametrize(
    ("start", "end"),
    [
        (date(2027, 4, 1), date(2027, 4, 1)),
        (date(2027, 4, 1), date(2027, 1, 1)),
        (date(2026, 12, 31), date(2027, 1, 1)),
        (date(2027, 3, 1), date(2027, 5, 1)),
        (date(2028, 7, 1), date(2028, 7, 2)),
        (date(9999, 10, 1), date(9999, 12, 31)),
    ],
)
def test_its_days_are_over_of_one_quarter_and_of_the_licence(start: date, end: date) -> None:
    parties, agreement = running()
    with pytest.raises(Invalid):
        report(parties, agreement, (start, end), line(5))
    assert not RoyaltyStatement.objects.exists()


def test_a_quarter_in_two_licence_years_is_reported_in_two_parts() -> None:
    parties, agreement = running(start=date(2027, 2, 15), end=date(2032, 2, 15))
    first, end, anniversary = date(2028, 1, 1), date(2028, 4, 1), date(2028, 2, 15)
    with pytest.raises(Invalid, match="licence year"):
        report(parties, agreement, (first, end), line(5))
    rows = [
        report(parties, agreement, p, line(5)) for p in ((first, anniversary), (anniversary, end))
    ]
    assert [row.year for row in rows] == [1, 2]


def test_no_day_is_reported_twice() -> None:
    parties, agreement = running()
    row = report(parties, agreement, Q1, line(5))
    with pytest.raises(Conflict, match="reported already"):
        report(parties, agreement, (date(2027, 3, 31), date(2027, 4, 1)), line(5))
    move(parties, row, "withdraw", "buyer")
    again = report(parties, agreement, Q1, line(6))
    report(parties, agreement, Q2, line(5))
    assert (again.state, RoyaltyStatement.objects.count()) == ("submitted", 3)
    with pytest.raises(IntegrityError, match="no_day"), transaction.atomic():
        RoyaltyStatement.objects.filter(pk=again.pk).update(period=DateRange(*Q2))


def test_who_reports_and_who_accepts() -> None:
    parties, agreement = running()
    accountant = member_of(agreement.deal.buyer, "finance")
    row = report(Parties(*[accountant] * 3, parties.listing), agreement, Q1, line(5_000))
    for viewer, wanted in (
        (parties.buyer, Forbidden),
        (parties.operator, Forbidden),
        (member_of(agreement.deal.licensor, "viewer"), NotFound),
        (member_of(make_organisation("buyer")), NotFound),
    ):
        with pytest.raises(wanted):
            move(Parties(*[viewer] * 3, parties.listing), row, "accept")
    with pytest.raises(Forbidden):
        report(Parties(*[parties.licensor] * 3, parties.listing), agreement, Q2, line(5))
    assert (RoyaltyStatement.objects.get().state, invoiced()) == ("submitted", [])
    treasurer = member_of(agreement.deal.licensor, "finance")
    assert move(Parties(*[treasurer] * 3, parties.listing), row, "accept").state == "accepted"


def test_a_dispute_says_why_and_may_end_in_agreement() -> None:
    parties, agreement = running()
    row = report(parties, agreement, Q1, line(5_000))
    with pytest.raises(Invalid):
        move(parties, row, "dispute")
    row = move(parties, row, "dispute", reason="The bus cells are missing.")
    assert (row.state, row.reason, invoiced()) == ("disputed", "The bus cells are missing.", [])
    assert move(parties, row, "accept").state == "accepted"
    assert invoiced() == [250]


def test_a_correction_upwards_is_invoiced_by_its_difference() -> None:
    parties, agreement = running()
    first = accepted(parties, agreement, Q1, 80_000)
    accepted(parties, agreement, Q2, 80_000)
    better = correct(parties, first, line(90_000))
    assert (better.amount, better.state) == (300, "submitted")
    with pytest.raises(Conflict):
        correct(parties, first, line(95_000))
    move(parties, better, "accept")
    first.refresh_from_db()
    assert (first.state, invoiced()) == ("superseded", [4000, 2800, 300])
    with pytest.raises(Conflict):
        correct(parties, first, line(95_000))
    third = move(parties, correct(parties, better, line(80_000), who="licensor"), "accept", "buyer")
    assert (third.amount, invoiced()) == (-300, [4000, 2800, 300])


def test_a_correction_downwards_is_taken_off_the_next_invoice() -> None:
    parties, agreement = running()
    first = accepted(parties, agreement, Q1, 80_000)
    move(parties, correct(parties, first, line(20_000)), "accept")
    assert invoiced() == [4000]
    small = accepted(parties, agreement, Q2, 40_000)
    assert (small.amount, small.charge and small.charge.invoice, invoiced()) == (2000, None, [4000])
    accepted(parties, agreement, Q3, 40_000)
    assert invoiced() == [4000, 1000]
    last = Invoice.objects.get(number=2)
    assert [(one.kind, one.amount) for one in last.lines.all()] == [
        ("correction", -3000),
        ("royalty", 2000),
        ("royalty", 2000),
    ]
    assert Due.objects.aggregate(Sum("amount")) == {"amount__sum": 5000}


def test_a_credit_outlives_an_invoice_that_is_voided() -> None:
    parties, agreement = running()
    first = accepted(parties, agreement, Q1, 80_000)
    move(parties, correct(parties, first, line(60_000)), "accept")
    accepted(parties, agreement, Q2, 40_000)
    finance = member_of(agreement.deal.licensor, "finance")
    invoice_void(viewer=finance, invoice_id=Invoice.objects.get(number=2).pk)
    accepted(parties, agreement, Q3, 100_000)
    assert invoiced() == [4000, 1000, 2000]


def test_after_its_end_what_was_sold_before_is_still_reported() -> None:
    parties, agreement = running()
    agreement_move(
        viewer=parties.licensor,
        agreement_id=agreement.pk,
        move="terminate",
        revision=agreement.revision,
        reason="Unpaid.",
        now=datetime(2027, 5, 20, 4, tzinfo=NOW.tzinfo),
    )
    with pytest.raises(Invalid, match="until 2027-05-21"):
        report(parties, agreement, Q2, line(5))
    accepted(parties, agreement, (date(2027, 4, 1), date(2027, 5, 21)), 1000)
    assert invoiced() == [50]


def test_one_without_a_royalty_takes_no_statement() -> None:
    parties, agreement = running(royalty=None)
    with pytest.raises(Conflict):
        report(parties, agreement, Q1, line(5))


def test_an_invoice_made_in_a_dispute_is_held() -> None:
    parties, agreement = running()
    dispute_raise(
        viewer=parties.buyer, agreement_id=agreement.pk, claim="The line stands still.", now=LATER
    )
    accepted(parties, agreement, Q1, 5_000)
    drain()
    assert len(Invoice.objects.get().holds) == 1


@settings(max_examples=15)
@given(
    sales=st.lists(st.integers(0, 300_000), min_size=4, max_size=4),
    corrected=st.lists(st.tuples(st.integers(0, 3), st.integers(0, 300_000)), max_size=4),
    order=st.permutations(range(4)),
    cap=st.none() | st.integers(0, 30_000),
)
def test_whatever_is_reported_and_corrected_comes_to_what_the_year_owes(
    sales: list[int], corrected: list[tuple[int, int]], order: list[int], cap: int | None
) -> None:
    with transaction.atomic():
        parties, agreement = running(royalty={**ROYALTY, "cap": cap})
        rows = {n: accepted(parties, agreement, (Q1, Q2, Q3, Q4)[n], sales[n]) for n in order}
        for n, figure in corrected:
            rows[n] = move(parties, correct(parties, rows[n], line(figure)), "accept")
            sales[n] = figure
        royalty = Royalty.model_validate({**ROYALTY, "cap": cap})
        total = Due.objects.aggregate(Sum("amount"))["amount__sum"]
        assert total == owed(royalty, {1: sum(sales)})
        waiting = Due.objects.filter(invoice=None).aggregate(Sum("amount"))["amount__sum"] or 0
        assert sum(invoiced()) + waiting == total
        assert waiting <= 0
        transaction.set_rollback(True)


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("templates")
def test_one_statement_and_one_invoice_however_many_do_it_at_once() -> None:
    parties, agreement = running(make_parties())
    start = Barrier(8)

    def tried(act: Any) -> UUID | None:
        try:
            start.wait()
            found: UUID = act().pk
            return found
        except Conflict:
            return None
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        acts = [lambda: report(parties, agreement, Q1, line(5_000))] * 8
        (row,) = (one for one in pool.map(tried, acts) if one)
        statement = RoyaltyStatement.objects.get(pk=row)
        acts = [lambda: move(parties, statement, "accept")] * 8
        assert sum(one is not None for one in pool.map(tried, acts)) == 1
    assert (RoyaltyStatement.objects.count(), invoiced()) == (1, [250])
    assert Agreement.objects.get().dues.count() == 1
