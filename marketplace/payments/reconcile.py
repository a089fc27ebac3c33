"""Do the books agree with Stripe? What does not is an alarm; nothing is mended here."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db.models import Sum
from django.utils import timezone

from marketplace.core.models import OutboxMessage
from marketplace.ledger.models import Account, Entry, Posting

from .gateway import Gateway
from .inbox import last_seen, raise_alarm, receive

OVERLAP = timedelta(hours=2)
KEPT_BY_STRIPE = timedelta(days=30)
STUCK = timedelta(hours=6)

Difference = tuple[str, str, str]


def page_events(gateway: Gateway, now: datetime) -> int:
    """Fetch events that no webhook brought; how many were new."""
    since = max((last_seen() or now - KEPT_BY_STRIPE) - OVERLAP, now - KEPT_BY_STRIPE)
    return sum(receive(one, found_by="paging") for one in gateway.events(since))


def differences(gateway: Gateway) -> Iterator[Difference]:
    """What does not agree, as kind, subject and message."""
    rows = Entry.objects.filter(
        account=Account.STRIPE, posting__balance_transaction__isnull=False
    ).values_list("posting__balance_transaction")
    posted = dict(rows.annotate(total=Sum("amount")))
    there = {one.id: one for one in gateway.balance_transactions()}
    for name, one in there.items():
        if name not in posted:
            yield "not_posted", name, f"{one.kind} {one.amount} of {one.source} is not booked."
        elif posted[name] != one.net:
            yield "other_amount", name, f"Booked {posted[name]}, Stripe has {one.net}."
    for name in posted.keys() - there.keys():
        yield "not_at_stripe", str(name), "Booked, but Stripe has no such balance transaction."
    ours = Posting.objects.filter(entries__account=Account.STRIPE, balance_transaction=None)
    for ref in ours.values_list("ref", flat=True).distinct():
        yield "no_transaction", ref, "Moves the balance at Stripe without saying by what."
    yield from balances(gateway)


def balances(gateway: Gateway) -> Iterator[Difference]:
    rows = Entry.objects.filter(account=Account.STRIPE).values_list("currency")
    ours = dict(rows.annotate(total=Sum("amount")))
    theirs = gateway.balance().total
    for code in sorted(ours.keys() | theirs.keys()):
        if ours.get(code, 0) != theirs.get(code, 0):
            message = f"Books {ours.get(code, 0)}, Stripe {theirs.get(code, 0)} {code}."
            yield "balance", code, message


def stuck(now: datetime) -> Iterator[Difference]:
    """What the worker has given up or not come to."""
    waiting = OutboxMessage.objects.filter(done_at=None)
    for one in waiting.exclude(parked_at=None):
        yield "parked", f"{one.topic}:{one.pk}", one.error
    for one in waiting.filter(parked_at=None, due_at__lt=now - STUCK):
        yield "not_handled", f"{one.topic}:{one.pk}", f"Due since {one.due_at}."


def reconcile(gateway: Gateway, now: datetime | None = None) -> list[Difference]:
    """Raise an alarm for each difference, and return them."""
    found = [*differences(gateway), *stuck(now or timezone.now())]
    for one in found:
        raise_alarm(*one)
    return found
