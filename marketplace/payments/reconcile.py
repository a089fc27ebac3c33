"""Do the books agree with Stripe? What does not is an alarm; nothing is mended here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from django.db.models import Q, Sum

from marketplace.core.models import OutboxMessage
from marketplace.ledger.models import Account, Entry

from .gateway import BalanceTransaction, Gateway
from .inbox import last_seen, raise_alarm, receive

OVERLAP = timedelta(hours=2)
KEPT_BY_STRIPE = timedelta(days=30)
STUCK = timedelta(hours=6)
IN_FLIGHT = timedelta(hours=1)  # in which a movement is booked, its webhook lost or not
WINDOW = timedelta(days=8)  # each night, so that a difference is seen for a week

Difference = tuple[str, str, str]


def page_events(gateway: Gateway, now: datetime) -> int:
    """Fetch events that no webhook brought; how many were new."""
    since = max((last_seen() or now - KEPT_BY_STRIPE) - OVERLAP, now - KEPT_BY_STRIPE)
    return sum(receive(one, found_by="paging") for one in gateway.events(since))


def differences(
    gateway: Gateway, now: datetime, since: datetime | None = None
) -> Iterator[Difference]:
    """What does not agree, as kind, subject and message: of what moved since, or ever. The
    balances are compared whole, so that nothing older hides; what is in flight is left out."""
    there = {one.id: one for one in gateway.balance_transactions(since=since)}
    moves = Entry.objects.filter(account=Account.STRIPE)
    ours = moves.filter(posting__balance_transaction__isnull=False)
    if since is not None:  # of the first day some may lie before it
        later = Q(posting__booked_on__gt=since.astimezone(UTC).date())
        ours = ours.filter(later | Q(posting__balance_transaction__in=list(there)))
        moves = moves.filter(posting__booked_on__gte=since.astimezone(UTC).date())
    rows = ours.values_list("posting__balance_transaction")
    posted = dict(rows.annotate(total=Sum("amount")))
    flying = [
        one for name, one in there.items() if name not in posted and one.created > now - IN_FLIGHT
    ]
    for name, one in there.items():
        if one in flying:
            continue
        if name not in posted:
            yield "not_posted", name, f"{one.kind} {one.amount} of {one.source} is not booked."
        elif posted[name] != one.net:
            yield "other_amount", name, f"Booked {posted[name]}, Stripe has {one.net}."
    for name in posted.keys() - there.keys():
        yield "not_at_stripe", str(name), "Booked, but Stripe has no such balance transaction."
    bare = moves.filter(posting__balance_transaction=None)
    for ref in bare.values_list("posting__ref", flat=True).distinct():
        yield "no_transaction", ref, "Moves the balance at Stripe without saying by what."
    yield from balances(gateway, flying)


def balances(gateway: Gateway, flying: list[BalanceTransaction]) -> Iterator[Difference]:
    rows = Entry.objects.filter(account=Account.STRIPE).values_list("currency")
    ours = dict(rows.annotate(total=Sum("amount")))
    theirs = Counter(gateway.balance().total)
    for one in flying:
        theirs[one.amount.currency] -= one.net
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


def reconcile(
    gateway: Gateway, now: datetime, *, window: timedelta | None = WINDOW
) -> list[Difference]:
    """Raise an alarm for each difference of the window, or of all time, and return them."""
    found = [*differences(gateway, now, now - window if window else None), *stuck(now)]
    for one in found:
        raise_alarm(*one)
    return found
