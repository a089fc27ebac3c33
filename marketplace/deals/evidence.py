"""The record of a deal (N16): events that hold each other's hashes, so that altering one shows.

An event's hash is the SHA-256 of its canonical JSON, in which `previous` is the hash of the event
before; the first has 64 zeros. `bundle.py` gives the same to an arbitrator.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from .models import Deal, DealEvent

START = "0" * 64


@dataclass(frozen=True)
class Act:
    """Who acts, for which organisation, and under which mandate where it is not their own."""

    user: UUID | None = None
    organisation: UUID | None = None
    mandate: UUID | None = None


SYSTEM = Act()


def canonical(event: DealEvent) -> bytes:
    """The bytes that are hashed: JSON with sorted keys, no spaces, UTC times."""
    content = {
        "deal": str(event.deal_id),
        "number": event.number,
        "kind": event.kind,
        "at": event.at.astimezone(UTC).isoformat(),
        "user": text(event.user_id),
        "organisation": text(event.organisation_id),
        "mandate": text(event.mandate_id),
        "facts": event.facts,
        "previous": event.previous,
    }
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def text(value: UUID | None) -> str | None:
    return None if value is None else str(value)


@transaction.atomic
def record(deal: Deal, kind: str, *, by: Act, now: datetime, **facts: Any) -> DealEvent:
    """Append an event and count up the deal's revision. `facts` are plain JSON values; a document
    goes in by its SHA-256. Locks the deal, so that two events never get one number."""
    held = Deal.objects.select_for_update().get(pk=deal.pk)
    last = DealEvent.objects.filter(deal=held).order_by("-number").first()
    event = DealEvent(
        deal=held,
        number=last.number + 1 if last else 1,
        kind=kind,
        at=now,
        user_id=by.user,
        organisation_id=by.organisation,
        mandate_id=by.mandate,
        facts=facts,
        previous=last.sha256 if last else START,
    )
    event.sha256 = hashlib.sha256(canonical(event)).hexdigest()
    event.save()
    Deal.objects.filter(pk=held.pk).update(revision=event.number)
    deal.revision = event.number
    return event


def faults(events: Iterable[DealEvent]) -> list[str]:
    """What is wrong with the chain of one deal, in words; empty: nothing was altered."""
    found = []
    previous, number = START, 1
    for event in events:
        if event.number != number:
            found.append(f"event {number} is missing")
            number = event.number
        if event.previous != previous:
            found.append(f"event {event.number} does not follow the one before it")
        if hashlib.sha256(canonical(event)).hexdigest() != event.sha256:
            found.append(f"event {event.number} was altered")
        previous, number = event.sha256, number + 1
    return found


def verify(deal: Deal) -> list[str]:
    """The faults of the deal's own chain, its missing tail included."""
    events = list(deal.events.all())
    found = faults(events)
    if deal.revision != (events[-1].number if events else 0):
        found.append(f"the last event is not the {deal.revision}th")
    return found


def since(deal: Deal, revision: int) -> str:
    """What happened after `revision`, in words for whoever meant to change what they had read."""
    later = deal.events.filter(number__gt=revision).values_list("kind", "at")
    return ", ".join(f"{kind} at {at:%Y-%m-%d %H:%M} UTC" for kind, at in later)


def plain(values: Mapping[str, Any]) -> dict[str, Any]:
    """Values of a form as JSON has them: times and dates in ISO 8601, ids and amounts as text."""
    found: dict[str, Any] = json.loads(json.dumps(values, default=str))
    return found
