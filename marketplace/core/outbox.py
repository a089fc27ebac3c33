"""Side effects leave by the outbox: written in the transaction of their cause, done by the worker.

A message carries an id, never a copy of data: its handler reads the row again, may run twice and
must give the same end either way. `OutboxMessage.pk` is the idempotency key of whatever it calls.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone

from .models import OutboxMessage

logger = logging.getLogger(__name__)


class Terminal(Exception):
    """Trying again cannot help: park the message for the operators at once."""


Handler = Callable[[OutboxMessage], None]
HANDLERS: dict[str, list[Handler]] = {}
LEASE = timedelta(minutes=5)
PARK_AFTER = 12  # attempts; with the waits below, some three days


def handles(*topics: str) -> Callable[[Handler], Handler]:
    """Register a handler in an app's `tasks.py`. Several handlers of one topic run in turn."""

    def register(handler: Handler) -> Handler:
        for topic in topics:
            HANDLERS.setdefault(topic, []).append(handler)
        return handler

    return register


def publish(topic: str, subject: object, *, not_before: datetime | None = None) -> None:
    """Have `topic` handled for the row with id `subject` once this transaction commits."""
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError(f"publish({topic!r}) outside a transaction: its cause could be lost")
    OutboxMessage.objects.create(
        topic=topic, subject=str(subject), due_at=not_before or timezone.now()
    )


def publish_all(topic: str, subjects: Iterable[object], *, not_before: datetime) -> None:
    """The same for many subjects, in a few statements."""
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError(f"publish({topic!r}) outside a transaction: its cause could be lost")
    OutboxMessage.objects.bulk_create(
        (OutboxMessage(topic=topic, subject=str(one), due_at=not_before) for one in subjects),
        batch_size=2000,
    )


def claim(now: datetime, limit: int = 100) -> list[OutboxMessage]:
    """Lease due messages to this worker, oldest first; no other worker gets them meanwhile."""
    with transaction.atomic():
        due = list(
            OutboxMessage.objects.select_for_update(skip_locked=True)
            .filter(done_at=None, parked_at=None, due_at__lte=now)
            .filter(Q(leased_until=None) | Q(leased_until__lt=now))
            .order_by("due_at", "pk")[:limit]
        )
        OutboxMessage.objects.filter(pk__in=[message.pk for message in due]).update(
            leased_until=now + LEASE, attempts=models.F("attempts") + 1
        )
    for message in due:
        message.attempts += 1
    return due


def handle(message: OutboxMessage) -> None:
    """Run the handlers of one leased message and write down how it went. Never raises."""
    try:
        for handler in HANDLERS.get(message.topic, ()):
            handler(message)
    except Exception as error:
        logger.exception("outbox message %s (%s) failed", message.pk, message.topic)
        wait = timedelta(seconds=min(5 * 4**message.attempts, 6 * 3600))
        message.error = f"{type(error).__name__}: {error}"[:2000]
        message.due_at = timezone.now() + wait
        over = message.attempts >= PARK_AFTER or isinstance(error, Terminal)
        message.parked_at = timezone.now() if over else None
    else:
        message.done_at = timezone.now()
        message.error = ""
    message.leased_until = None
    message.save(update_fields=["done_at", "due_at", "parked_at", "error", "leased_until"])


def drain(now: datetime | None = None) -> int:
    """Handle what is due until nothing is; the number of messages handled."""
    count = 0
    while messages := claim(now or timezone.now()):
        for message in messages:
            handle(message)
            count += 1
    return count
