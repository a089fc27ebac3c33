"""Amounts due, each from one fact and once, and the invoices that collect them."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q, Sum

from marketplace.agreements.invoicing import issuer_of, shares_of
from marketplace.agreements.models import Agreement
from marketplace.agreements.models import subject as reference
from marketplace.core.calendar import day_of
from marketplace.core.errors import Conflict
from marketplace.invoices.models import Invoice
from marketplace.invoices.services import ScheduleItem, invoice_create, invoice_issue
from marketplace.invoices.workflow import InvoiceState

from .models import Due

Kind = Due.Kind
ROYALTIES = (Kind.ROYALTY, Kind.CORRECTION, Kind.MINIMUM)  # what the cap is of
UNCOLLECTED = Q(invoice=None) | Q(invoice__state=InvoiceState.VOID, amount__lt=0)
ONCE_ACTIVE = {
    Agreement.State.ACTIVE,
    Agreement.State.SUSPENDED,
    Agreement.State.TERMINATED,
    Agreement.State.EXPIRED,
}


def must_have_run(agreement: Agreement) -> None:
    """What was earned before an agreement ended is still reported, shown and paid after it."""
    if agreement.state not in ONCE_ACTIVE:
        raise Conflict(f"The agreement is {agreement.state}; nothing is due under it yet.")


def charge(
    agreement: Agreement,
    kind: str,
    cause: str,
    amount: int,
    currency: str,
    texts: tuple[str, str],
    *,
    now: datetime,
    year: int | None = None,
) -> Due:
    """Write down what a fact made due, and invoice it with all else that waits. The caller has
    locked the agreement; the database refuses the same cause twice."""
    due = Due.objects.create(
        agreement=agreement,
        kind=kind,
        cause=cause,
        amount=amount,
        currency=currency,
        text=texts[0][:300],
        text_zh=texts[1][:300],
        year=year,
    )
    collect(agreement, currency, now)
    due.refresh_from_db(fields=["invoice"])
    return due


def collect(agreement: Agreement, currency: str, now: datetime) -> Invoice | None:
    """One invoice of all that waits in this currency, credits taken off; None, and they wait on,
    where that comes to nothing. A credit whose invoice the licensor voided waits again."""
    waiting = list(
        Due.objects.filter(UNCOLLECTED, agreement=agreement, currency=currency)
        .exclude(amount=0)
        .order_by("created_at")
    )
    if sum(one.amount for one in waiting) <= 0:
        return None
    deal = agreement.deal
    invoice = invoice_create(
        viewer=issuer_of(deal),
        issuer=deal.licensor_id,
        payer=deal.buyer_id,
        currency=currency,
        items=[ScheduleItem(one.kind, one.text, one.amount, one.text_zh) for one in waiting],
        shares=shares_of(deal, now),
        agreement=reference(agreement),
    )
    Due.objects.filter(pk__in=[one.pk for one in waiting]).update(invoice=invoice)
    return invoice_issue(viewer=issuer_of(deal), invoice_id=invoice.pk, today=day_of(now))


def charged(agreement: Agreement, currency: str) -> int:
    """All royalties so far, of all years."""
    dues = Due.objects.filter(agreement=agreement, currency=currency, kind__in=ROYALTIES)
    found: int | None = dues.aggregate(total=Sum("amount"))["total"]
    return found or 0


def closed_years(agreement: Agreement, currency: str) -> set[int]:
    dues = Due.objects.filter(agreement=agreement, currency=currency, kind=Kind.MINIMUM)
    return {year for year in dues.values_list("year", flat=True) if year is not None}
