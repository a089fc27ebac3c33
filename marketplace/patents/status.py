"""What the events say about a patent in a country on a day."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.db.models import TextChoices

from marketplace.core.territory import REGIONAL_OFFICES

from .models import Family, LegalEvent, Patent
from .terms import term_ends

K = LegalEvent.Kind


class Status(TextChoices):
    IN_FORCE = "in_force"
    PENDING = "pending"
    ENDED = "ended"
    UNKNOWN = "unknown"


ENDS = {K.LAPSED, K.WITHDRAWN, K.REFUSED, K.REVOKED, K.EXPIRED}
BEST = [Status.IN_FORCE, Status.PENDING, Status.UNKNOWN, Status.ENDED]
# States of the European Patent Convention. Neither Hong Kong nor the mainland is among them.
EPC = frozenset(
    """
    AL AT BE BG CH CY CZ DE DK EE ES FI FR GB GR HR HU IE IS IT LI LT LU LV MC ME MK MT NL NO PL
    PT RO RS SE SI SK SM TR
    """.split()  # noqa: SIM905 - a list of this length is read as text
)


def status_by_territory(events: Iterable[LegalEvent], *, on: date) -> dict[str, Status]:
    """The status in each territory after all that happened up to `on`; an assignment changes none.

    Events of one day count in the order of LegalEvent.Kind: a utility model is published and
    granted on the same day. What is restored is what it was before it ended. A regional office is
    no territory: what it grants is in force where a state's own event says so."""
    order = list(K)
    found: dict[str, Status] = {}
    before: dict[str, Status] = {}
    for event in sorted(events, key=lambda e: (e.on, order.index(K(e.kind)))):
        if event.on > on:
            break
        here = event.territory
        if event.kind in (K.FILED, K.PUBLISHED):
            found.setdefault(here, Status.PENDING)
        elif event.kind == K.GRANTED:
            found[here] = Status.PENDING if here in REGIONAL_OFFICES else Status.IN_FORCE
        elif event.kind in ENDS:
            if found.get(here) != Status.ENDED:
                before[here] = found.get(here, Status.IN_FORCE)
            found[here] = Status.ENDED
        elif event.kind == K.RESTORED:
            found[here] = before.get(here, found.get(here, Status.IN_FORCE))
    return found


def status_of(patent: Patent, *, on: date) -> dict[str, Status]:
    """By territory; UNKNOWN at its own office where nothing was told by then. After its full term
    it has ended everywhere, whether an event says so or not."""
    found = status_by_territory(patent.events.all(), on=on) or {patent.office: Status.UNKNOWN}
    ends = term_ends(patent)
    return dict.fromkeys(found, Status.ENDED) if ends is not None and ends <= on else found


def coverage(
    patents: Iterable[Patent], territories: Iterable[str], *, on: date
) -> dict[str, Status | None]:
    """For each territory the best status that any of the patents has there; None: no member.

    Hong Kong is not covered by the mainland's patent, nor the mainland by Hong Kong's. Of a live
    European patent it is UNKNOWN in which of the states it holds until their own events say."""
    best: dict[str, Status] = {}
    for patent in patents:
        statuses = status_of(patent, on=on)
        if statuses.get("EP", Status.ENDED) != Status.ENDED:
            statuses = dict.fromkeys(EPC, Status.UNKNOWN) | statuses
        for territory, status in statuses.items():
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
