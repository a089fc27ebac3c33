"""Checks of other apps that a listing must pass on its way to the public.

An app above this one knows things that may forbid an offer; it registers its check here when it
starts, so that this app need not know of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime

from marketplace.core.errors import DomainError

from .models import Listing

Gate = Callable[[Listing, datetime], Iterable[DomainError]]
GATES: list[Gate] = []
GUARDED = {"submit", "publish", "renew"}  # moves


def gate(check: Gate) -> Gate:
    """Register a check that tells all that is wrong with the offer at that time."""
    GATES.append(check)
    return check


def objections(listing: Listing, now: datetime) -> Iterable[DomainError]:
    for check in GATES:
        yield from check(listing, now)
