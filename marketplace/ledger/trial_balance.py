"""The books as operators read them: every account, and the postings behind it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import Prefetch, Q, QuerySet, Sum
from django.db.models.functions import Coalesce

from marketplace.accounts.viewer import Viewer
from marketplace.core.money import Money

from .models import Account, Entry, Posting


@dataclass(frozen=True)
class TrialLine:
    """`debits` and `credits` are what was ever booked on each side, neither negative."""

    account: str
    name: str
    debits: Money
    credits: Money

    @property
    def balance(self) -> Money:
        return self.debits - self.credits


def trial_balance(viewer: Viewer, on: date) -> list[TrialLine]:
    """Every account and currency as booked up to `on`; for operators. In each currency all debits
    come to all credits."""
    viewer.require_operator("read the books")
    sums = Entry.objects.filter(posting__booked_on__lte=on).values_list("account", "currency")
    rows = sums.annotate(
        debits=Coalesce(Sum("amount", filter=Q(amount__gt=0)), 0),
        credits=Coalesce(Sum("amount", filter=Q(amount__lt=0)), 0),
    )
    return [
        TrialLine(account, Account(account).label, Money(int(up), code), Money(-int(down), code))
        for account, code, up, down in rows.order_by("currency", "account")
    ]


def postings(viewer: Viewer, account: str | None = None) -> QuerySet[Posting]:
    """With their entries; for operators, empty for all others."""
    if not viewer.is_operator:
        return Posting.objects.none()
    lines = Entry.objects.select_related("party").order_by("pk")
    rows = Posting.objects.prefetch_related(Prefetch("entries", lines))
    return rows.filter(entries__account=account).distinct() if account else rows
