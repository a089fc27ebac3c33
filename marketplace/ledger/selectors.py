"""Reading the books."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import QuerySet, Sum

from marketplace.accounts.models import Organisation
from marketplace.accounts.viewer import Role, Viewer
from marketplace.core.errors import NotFound
from marketplace.core.money import Money

from .models import Account, Entry


def entries(
    account: str, *, party: UUID | None = None, subject: str | None = None
) -> QuerySet[Entry]:
    found = Entry.objects.filter(account=account)
    if party is not None:
        found = found.filter(party=party)
    return found if subject is None else found.filter(subject=subject)


def balance(
    account: str, currency: str, *, party: UUID | None = None, subject: str | None = None
) -> int:
    """Signed minor units: what we own is positive, what we owe negative."""
    found = entries(account, party=party, subject=subject).filter(currency=currency)
    return int(found.aggregate(total=Sum("amount"))["total"] or 0)


def books() -> dict[tuple[str, str], int]:
    """The balance of each account and currency that is not nought."""
    rows = Entry.objects.values_list("account", "currency").annotate(total=Sum("amount"))
    return {(account, currency): total for account, currency, total in rows if total}


@dataclass(frozen=True)
class StatementLine:
    """`amount` and `balance` as the party sees them: what we owe it is positive."""

    booked_on: date
    ref: str
    memo: str
    amount: Money
    balance: Money


@dataclass(frozen=True)
class Statement:
    organisation: Organisation
    start: date
    end: date
    opening: dict[str, Money]
    lines: list[StatementLine]
    closing: dict[str, Money]


def finance_party_for(viewer: Viewer, organisation_id: UUID) -> Organisation:
    """The organisation, for its finance role and for operators; NotFound for all others."""
    if viewer.is_operator or viewer.has_role(organisation_id, Role.FINANCE):
        found = Organisation.objects.filter(pk=organisation_id).first()
        if found is not None:
            return found
    raise NotFound("No such organisation.")


def statement_for(viewer: Viewer, organisation_id: UUID, start: date, end: date) -> Statement:
    """For the finance of the party and operators; NotFound for all others."""
    return statement_of(finance_party_for(viewer, organisation_id), start, end)


def statement_of(organisation: Organisation, start: date, end: date) -> Statement:
    """What was credited and paid to a party from `start` to `end`, both included."""
    ours = entries(Account.PAYABLE, party=organisation.pk)
    before = ours.filter(posting__booked_on__lt=start).values_list("currency")
    running = {code: -total for code, total in before.annotate(total=Sum("amount"))}
    opening = {code: Money(amount, code) for code, amount in sorted(running.items())}
    lines = []
    within = ours.filter(posting__booked_on__gte=start, posting__booked_on__lte=end)
    for entry in within.select_related("posting").order_by("posting__booked_on", "pk"):
        code = entry.currency
        running[code] = running.get(code, 0) - entry.amount
        lines.append(
            StatementLine(
                entry.posting.booked_on,
                entry.posting.ref,
                entry.posting.memo,
                Money(-entry.amount, code),
                Money(running[code], code),
            )
        )
    closing = {code: Money(amount, code) for code, amount in sorted(running.items())}
    return Statement(organisation, start, end, opening, lines, closing)


def statement_csv(statement: Statement) -> str:
    """UTF-8 with a header row; amounts in whole minor units beside the way people write them."""
    out = io.StringIO()
    rows = csv.writer(out)
    rows.writerow(["date", "reference", "memo", "currency", "minor_units", "amount", "balance"])
    for code, money in statement.opening.items():
        rows.writerow([statement.start, "opening", "", code, "", "", money])
    for line in statement.lines:
        amount = line.amount
        shown = (amount.currency, amount.amount, amount, line.balance)
        rows.writerow([line.booked_on, line.ref, plain(line.memo), *shown])
    for code, money in statement.closing.items():
        rows.writerow([statement.end, "closing", "", code, "", "", money])
    return out.getvalue()


def plain(text: str) -> str:
    """Text that a spreadsheet does not take for a formula."""
    return "'" + text if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text
