"""Side effects leave by the outbox: written in the transaction of their cause, done by the worker.

A message carries an id, never a copy of data: its handler reads the row again, may run twice and
must give the same end either way. `OutboxMessage.pk` is the idempotency key of whatever it calls.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from time import monotonic

from django.db import connection, models, transaction
from django.db.models import Q
from django.utils import timezone

from .models import OutboxMessage

logger = logging.getLogger(__name__)


class Terminal(Exception):
    """Trying again cannot help: park the message for the operators at once."""


Handler = Callable[[OutboxMessage], None]
HANDLERS: dict[str, list[Handler]] = {}
Together = Callable[[Sequence[OutboxMessage]], None]
TOGETHER: dict[str, Together] = {}
LEASE = timedelta(minutes=5)
PATIENCE = 5.0  # seconds for what comes after others, of one claim
PARK_AFTER = 12  # attempts; with the waits below, some three days
AFTER_OTHERS: set[str] = set()
MORE = 2000  # messages of topics handled together that come along with a full batch
PUBLISH = """
    INSERT INTO core_outboxmessage (topic, subject, created_at, due_at, attempts, error)
    SELECT %s, subject, %s, %s, 0, '' FROM unnest(%s::text[]) AS subject
"""


def handles(*topics: str, after_others: bool = False) -> Callable[[Handler], Handler]:
    """Register a handler in an app's `tasks.py`. Several handlers of one topic run in turn.
    `after_others` is for what comes by the ten thousand, behind which nothing else should wait."""

    def register(handler: Handler) -> Handler:
        AFTER_OTHERS.update(topics if after_others else ())
        for topic in topics:
            HANDLERS.setdefault(topic, []).append(handler)
        return handler

    return register


def handles_together(topic: str) -> Callable[[Together], Together]:
    """Register what takes many messages of `topic` at once, since a hundred cost it little more
    than one, before the handlers of that topic. Where it fails, it is tried with each alone."""

    def register(handler: Together) -> Together:
        if topic in TOGETHER:
            raise ValueError(f"{topic} is handled together already")
        TOGETHER[topic] = handler
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
    """The same for many subjects, in one statement."""
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError(f"publish({topic!r}) outside a transaction: its cause could be lost")
    with connection.cursor() as cursor:
        cursor.execute(PUBLISH, [topic, timezone.now(), not_before, [str(one) for one in subjects]])


def claim(now: datetime, limit: int = 100) -> list[OutboxMessage]:
    """Lease due messages to this worker, oldest first; no other worker gets them meanwhile. What
    comes after others has the places that they leave, and a tenth at least in any case. Of what is
    handled together, more come along."""
    with transaction.atomic():
        waiting = (
            OutboxMessage.objects.select_for_update(skip_locked=True)
            .filter(done_at=None, parked_at=None, due_at__lte=now)
            .filter(Q(leased_until=None) | Q(leased_until__lt=now))
            .order_by("due_at", "pk")
        )
        due = list(waiting.exclude(topic__in=AFTER_OTHERS)[: limit * 9 // 10])
        due += waiting.exclude(pk__in=[message.pk for message in due])[: limit - len(due)]
        topics = {message.topic for message in due} & TOGETHER.keys()
        if topics and len(due) == limit:
            leased = [message.pk for message in due]
            due += waiting.filter(topic__in=topics).exclude(pk__in=leased)[:MORE]
        OutboxMessage.objects.filter(pk__in=[message.pk for message in due]).update(
            leased_until=now + LEASE, attempts=models.F("attempts") + 1
        )
    for message in due:
        message.attempts += 1
    return due


def handle_all(messages: Sequence[OutboxMessage]) -> None:
    """Run the handlers of leased messages and write down how each went. Never raises. What is
    handled together comes last: it may take long, and a payment should not wait for it. What comes
    after others gives way once it takes long, as where servers that are told let each wait: what
    came meanwhile is claimed before it."""
    enough = monotonic() + (LEASE / 2).total_seconds()
    several: dict[str, list[OutboxMessage]] = defaultdict(list)
    after_others: list[OutboxMessage] = []
    for message in messages:
        if message.topic in TOGETHER:
            several[message.topic].append(message)
        elif message.topic in AFTER_OTHERS:
            after_others.append(message)
        else:
            handle(message)
    patience = monotonic() + PATIENCE
    for count, message in enumerate(after_others, start=1):
        handle(message)
        if monotonic() > patience:
            give_back(after_others[count:])
            break
    for topic, of_topic in several.items():
        done = len(of_topic) > 1 and taken_together(topic, of_topic)
        if done and not HANDLERS.get(topic):
            OutboxMessage.objects.filter(pk__in=[message.pk for message in of_topic]).update(
                done_at=timezone.now(), error="", leased_until=None
            )
            continue
        for count, message in enumerate(of_topic, start=1):
            handle(message, together=done)
            if monotonic() > enough:
                give_back(of_topic[count:])
                break


def give_back(messages: Sequence[OutboxMessage]) -> None:
    """Before the lease of so many ends, as where an engine lets each wait: as if never leased."""
    OutboxMessage.objects.filter(pk__in=[message.pk for message in messages]).update(
        leased_until=None, attempts=models.F("attempts") - 1
    )


def taken_together(topic: str, messages: Sequence[OutboxMessage]) -> bool:
    try:
        TOGETHER[topic](messages)
    except Exception:
        logger.exception("%s outbox messages of %s failed together", len(messages), topic)
        return False
    return True


def handle(message: OutboxMessage, *, together: bool = False) -> None:
    """Run the handlers of one leased message; `together` where what is done with many at once is
    done with it already."""
    try:
        if not together and message.topic in TOGETHER:
            TOGETHER[message.topic]([message])
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
        handle_all(messages)
        count += len(messages)
    return count
