"""Days and months: a day here is Hong Kong's, which the mainland shares."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, datetime
from zoneinfo import ZoneInfo

from .errors import Invalid

HONG_KONG = ZoneInfo("Asia/Hong_Kong")


def day_of(now: datetime) -> date:
    """The day in Hong Kong."""
    return now.astimezone(HONG_KONG).date()


def months_after(day: date, months: int) -> date:
    """The same day of a later month, or its last where there is none: 30 November + 3 is
    28 (29) February."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    if not 1 <= year <= 9999:
        raise Invalid("A day of this calendar is wanted, such as 2026-11-23.")
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
