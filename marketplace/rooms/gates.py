"""May a file go to a reader? Apps that know the law register here, in their `tasks.py`."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime

from marketplace.accounts.models import Organisation

from .models import RoomFile

Gate = Callable[[RoomFile, Organisation, datetime], Iterable[str]]
GATES: list[Gate] = []


def gate(check: Gate) -> Gate:
    """Register a check: the reasons, in words, why the file may not go to the organisation."""
    GATES.append(check)
    return check


def reasons_against(file: RoomFile, reader: Organisation, now: datetime) -> list[str]:
    return [reason for check in GATES for reason in check(file, reader, now)]
