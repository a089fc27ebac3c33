"""Writing the books. A fact is posted once, however often it is told."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import IntegrityError, transaction

from marketplace.core.errors import Conflict

from .models import Entry, Posting


@dataclass(frozen=True)
class Line:
    """An entry to be written; `amount` in signed minor units."""

    account: str
    amount: int
    currency: str
    party: UUID | None = None
    subject: str = ""


@transaction.atomic
def post(
    ref: str,
    lines: Iterable[Line],
    *,
    on: date,
    memo: str = "",
    balance_transaction: str | None = None,
    reverses: Posting | None = None,
) -> Posting:
    """Book a fact. The same fact again gives the posting there is; with other lines, Conflict."""
    wanted = merged(lines)
    try:
        with transaction.atomic():
            posting = Posting.objects.create(
                ref=ref,
                booked_on=on,
                memo=memo,
                balance_transaction=balance_transaction,
                reverses=reverses,
            )
    except IntegrityError:
        found = Posting.objects.filter(ref=ref).first()
        if found is None:
            raise
        if merged(lines_of(found)) != wanted:
            raise Conflict(f"{ref} is in the books with other amounts.") from None
        return found
    Entry.objects.bulk_create(
        Entry(
            posting=posting,
            account=account,
            amount=amount,
            currency=currency,
            party_id=party,
            subject=subject,
        )
        for (account, currency, party, subject), amount in wanted.items()
    )
    return posting


def reverse(posting: Posting, ref: str, *, on: date, memo: str = "") -> Posting:
    """Take a posting back by its mirror image; once only."""
    mirror = [
        Line(one.account, -one.amount, one.currency, one.party, one.subject)
        for one in lines_of(posting)
    ]
    return post(ref, mirror, on=on, memo=memo, reverses=posting)


def lines_of(posting: Posting) -> list[Line]:
    return [
        Line(one.account, one.amount, one.currency, one.party_id, one.subject)
        for one in posting.entries.all()
    ]


def merged(lines: Iterable[Line]) -> dict[tuple[str, str, UUID | None, str], int]:
    """One amount for each account, currency, party and subject; those of nought left out."""
    sums: dict[tuple[str, str, UUID | None, str], int] = {}
    for one in lines:
        key = (str(one.account), one.currency, one.party, one.subject)
        sums[key] = sums.get(key, 0) + one.amount
    return {key: amount for key, amount in sums.items() if amount}
