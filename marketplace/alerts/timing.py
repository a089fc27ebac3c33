"""When an alert goes out: at once, or at eight in the subscriber's own morning."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from .models import SavedSearch

HOUR = 8
MONDAY = 0


def due_at(frequency: str, time_zone: str, now: datetime) -> datetime:
    """The next moment for `frequency`. Eight is eight by the clock there, all year."""
    if frequency == SavedSearch.Frequency.IMMEDIATE:
        return now
    local = now.astimezone(zone_of(time_zone))
    day = local.date()
    if frequency == SavedSearch.Frequency.WEEKLY:
        day += timedelta(days=(MONDAY - day.weekday()) % 7)
    step = timedelta(days=7 if frequency == SavedSearch.Frequency.WEEKLY else 1)
    due = datetime(day.year, day.month, day.day, HOUR, tzinfo=local.tzinfo)
    if due <= local:
        day += step
        due = datetime(day.year, day.month, day.day, HOUR, tzinfo=local.tzinfo)
    return due


def zone_of(name: str) -> tzinfo:
    """Of a name that is none, UTC: the others of a burst are told with it, and must not wait."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):  # unknown, no name at all, a folder's
        return UTC
