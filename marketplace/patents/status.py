"""What the events say about a patent in a country on a day."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.db.models import TextChoices

from marketplace.core.territory import REGIONAL_OFFICES

from .models import Family, LegalEvent, Patent

K = LegalEvent.Kind


class Status(TextChoices):
    IN_FORCE = "in_force"
    PENDING = "pending"
    ENDED = "ended"
    UNKNOWN = "unknown"


AFTER: dict[str, Status] = {
    K.FILED: Status.PENDING,
    K.PUBLISHED: Status.PENDING,
    K.GRANTED: Status.IN_FORCE,
    K.RESTORED: Status.IN_FORCE,
    K.LAPSED: Status.ENDED,
    K.WITHDRAWN: Status.ENDED,
    K.REFUSED: Status.ENDED,
    K.REVOKED: Status.ENDED,
    K.EXPIRED: Status.ENDED,
}
BEST = [Status.IN_FORCE, Status.PENDING, Status.ENDED, Status.UNKNOWN]


def status_by_territory(events: Iterable[LegalEvent], *, on: date) -> dict[str, Status]:
    """The status in each territory after all that happened up to `on`; an assignment changes none.

    A regional office is no territory: what it grants is in force where a state's event says so."""
    found: dict[str, Status] = {}
    for event in sorted(events, key=lambda e: (e.on, BEST.index(AFTER.get(e.kind, BEST[-1])))):
        if event.on <= on and event.kind in AFTER:
            regional = event.territory in REGIONAL_OFFICES and event.kind == K.GRANTED
            found[event.territory] = Status.PENDING if regional else AFTER[event.kind]
    return found


def status_of(patent: Patent, *, on: date) -> dict[str, Status]:
    """By territory; UNKNOWN at its own office where nothing was ever told."""
    found = status_by_territory(patent.events.all(), on=on)
    return found or {patent.office: Status.UNKNOWN}


def coverage(
    patents: Iterable[Patent], territories: Iterable[str], *, on: date
) -> dict[str, Status | None]:
    """For each territory the best status that any of the patents has there; None: no member.

    Hong Kong is not covered by the mainland's patent, nor the mainland by Hong Kong's."""
    best: dict[str, Status] = {}
    for patent in patents:
        for territory, status in status_of(patent, on=on).items():
            if territory not in best or BEST.index(status) < BEST.index(best[territory]):
                best[territory] = status
    return {territory: best.get(territory) for territory in territories}


def relatives(patent: Patent, kind: Family.Kind = Family.Kind.SIMPLE) -> list[Patent]:
    """The members of its family of that kind, itself among them."""
    family = patent.simple_family if kind == Family.Kind.SIMPLE else patent.extended_family
    if family is None:
        return [patent]
    members = family.simple_members if kind == Family.Kind.SIMPLE else family.extended_members
    return list(members.order_by("docdb"))
