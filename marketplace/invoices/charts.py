"""Figures of money for operators: volume and fees by month, and how old what is owed is."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from functools import partial

from django.db.models import Q, QuerySet, Sum
from django.db.models.functions import TruncMonth

from marketplace.core.calendar import months_after
from marketplace.core.charts import Chart, drawn
from marketplace.core.money import Money
from marketplace.ledger.models import Account, Entry

from .models import Invoice
from .services import outstanding
from .workflow import OWING

MONTHS = 12
MONEY_IN = r"^(charge|wire|tax):"
AGES = ((0, "not due"), (30, "1-30 days"), (60, "31-60 days"), (90, "61-90 days"))
OLDEST = "over 90 days"


def charts(today: date) -> list[Chart]:
    """One chart for each figure and currency, of the last twelve months or as of today."""
    paid_in = Entry.objects.filter(posting__ref__regex=MONEY_IN, amount__lt=0).filter(
        Q(account=Account.FUNDS_HELD) | Q(account=Account.UNMATCHED)
    )
    fees = Entry.objects.filter(account=Account.REVENUE_FEE)
    return [
        *by_currency("Volume paid in", by_month(paid_in, today)),
        *by_currency("Platform fees", by_month(fees, today)),
        *by_currency("Open invoices by age", by_age(today)),
    ]


Figures = dict[str, dict[str, int]]
"""By currency, then by label in its order; minor units."""


def by_month(entries: QuerySet[Entry], today: date) -> Figures:
    """What was credited, by month, those without anything too."""
    first = months_after(today.replace(day=1), 1 - MONTHS)
    months = [f"{months_after(first, number):%Y-%m}" for number in range(MONTHS)]
    within = entries.filter(posting__booked_on__gte=first, posting__booked_on__lte=today)
    rows = within.annotate(month=TruncMonth("posting__booked_on")).values_list("currency", "month")
    found: Figures = {}
    for code, month, total in rows.annotate(total=Sum("amount")):
        found.setdefault(code, dict.fromkeys(months, 0))[f"{month:%Y-%m}"] -= total
    return found


def by_age(today: date) -> Figures:
    """What is owed, by how long it has been due."""
    labels = [label for _, label in AGES] + [OLDEST]
    found: Figures = {}
    open_ones = Invoice.objects.filter(state__in=OWING).prefetch_related("payments")
    for invoice in open_ones:
        late = (today - invoice.due_on).days if invoice.due_on else 0
        label = next((name for most, name in AGES if late <= most), OLDEST)
        sums = found.setdefault(invoice.currency, dict.fromkeys(labels, 0))
        sums[label] += outstanding(invoice).amount
    return found


def by_currency(title: str, figures: Figures) -> Iterable[Chart]:
    for code, sums in sorted(figures.items()):
        yield drawn(f"{title}, {code}", sums, partial(Money, currency=code))
