"""What the passing of time makes due: minimums of ended years, and interest on what came late."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import transaction

from marketplace.agreements.models import Agreement
from marketplace.core.calendar import day_of
from marketplace.deals.selectors import lock_with_deals
from marketplace.invoices.models import BankLine, Invoice, TaxCertificate
from marketplace.invoices.workflow import PaymentState
from marketplace.ledger.models import Posting
from marketplace.negotiation.terms import Terms

from .dues import ONCE_ACTIVE, Kind, charge, closed_years
from .models import Due
from .reckoning import ended_years, late_interest, owed
from .statements import sales_by_year

REPORTING = timedelta(days=30)  # after a quarter, as the royalty clause has it


def minimums_close(*, now: datetime) -> int:
    """Close every full licence year whose reports are due by now, and ask for what its royalty
    lacks to the minimum; how many. A year that the agreement did not live to the end of has none;
    what is reported of a closed year later is asked for beyond the minimum alone."""
    waiting = Agreement.objects.filter(
        state__in=ONCE_ACTIVE, terms__royalty__minimum_a_year__gt=0
    ).values_list("pk", flat=True)
    return sum(close_years(one, now) for one in list(waiting))


@transaction.atomic
def close_years(agreement_id: UUID, now: datetime) -> int:
    (agreement,) = lock_with_deals(Agreement.objects.filter(pk=agreement_id))
    terms = Terms.model_validate(agreement.terms)
    if (royalty := terms.royalty) is None:
        return 0
    closed = closed_years(agreement, terms.currency)
    years = [n for n in due_years(agreement, terms, day_of(now)) if n not in closed]
    for year in years:
        sales = sales_by_year(agreement, terms.currency, royalty.base)
        lacks = owed(royalty, sales, closed | {year}) - owed(royalty, sales, closed)
        charge(
            agreement,
            Kind.MINIMUM,
            f"minimum:{agreement.pk}:{year}:{terms.currency}",
            lacks,
            terms.currency,
            (f"Top-up to the minimum of licence year {year}", f"第{year}许可年度最低提成费补足"),
            now=now,
            year=year,
        )
        closed.add(year)
    return len(years)


def due_years(agreement: Agreement, terms: Terms, today: date) -> list[int]:
    ends = [terms.end, agreement.ended_at and day_of(agreement.ended_at)]
    return ended_years(terms.start, min([today - REPORTING, *(one for one in ends if one)]))


@transaction.atomic
def interest_ask(invoice_id: UUID, *, now: datetime) -> Due | None:
    """Ask, once, for the interest on a paid invoice of an agreement whose terms have a rate; None
    where nothing came late. Nothing is asked while an invoice is unpaid."""
    invoice = Invoice.objects.get(pk=invoice_id)
    kind, _, agreement_id = invoice.agreement.partition(":")
    if kind != "agreement" or invoice.due_on is None:
        return None
    (agreement,) = lock_with_deals(Agreement.objects.filter(pk=agreement_id))
    rate = Terms.model_validate(agreement.terms).late_interest
    principal = sum(line.amount for line in invoice.lines.exclude(kind=Kind.INTEREST))
    amount = late_interest(
        paid_on(invoice),
        due=invoice.due_on,
        principal=max(principal, 0),
        total=invoice.total,
        rate=rate,
    )
    cause = f"interest:{invoice.pk}"
    if not amount or Due.objects.filter(cause=cause).exists():
        return None
    return charge(
        agreement,
        Kind.INTEREST,
        cause,
        amount,
        invoice.currency,
        (f"Interest on invoice {invoice.number}", f"第{invoice.number}号账单逾期利息"),
        now=now,
    )


def paid_on(invoice: Invoice) -> Iterator[tuple[date, int]]:
    """Each payment's day, as the books have it, and how much it paid of the invoice."""
    for payment in invoice.payments.filter(state=PaymentState.CAPTURED):
        refs = [f"charge:{payment.charge}"] if payment.charge else []
        refs += [f"wire:{line.pk}" for line in BankLine.objects.filter(payment=payment)]
        refs += [f"tax:{one.pk}" for one in TaxCertificate.objects.filter(payment=payment)]
        day = Posting.objects.filter(ref__in=refs).values_list("booked_on", flat=True).first()
        yield day or day_of(payment.updated_at), payment.received - payment.excess
