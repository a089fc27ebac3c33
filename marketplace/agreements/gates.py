"""What must be settled before terms take effect, at activation or by an amendment, and what keeps
an agreement as it is. Apps above or beside register here, in their `tasks.py`, what they know to
be in the way; the move is refused with all of it at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime

from .models import Agreement

Gate = Callable[[Agreement, datetime], Iterable[str]]
GATES: list[Gate] = []
FREEZES: list[Gate] = []


def gate(check: Gate) -> Gate:
    """Register a check: the reasons, in words for the parties, why its terms, or those of the
    amendment that waits for signatures, may not take effect."""
    GATES.append(check)
    return check


def freeze(check: Gate) -> Gate:
    """Register a check: the reasons why an agreement must stay as it is."""
    FREEZES.append(check)
    return check


def reasons_against(agreement: Agreement, now: datetime) -> list[str]:
    return [reason for check in GATES for reason in check(agreement, now)]


def reasons_to_stay(agreement: Agreement, now: datetime) -> list[str]:
    return [reason for check in FREEZES for reason in check(agreement, now)]
