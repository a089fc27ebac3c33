from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from django.db.models import Count, QuerySet

from .engine import valid_on
from .models import Rule

FRESH = timedelta(days=180)  # how long a check counts; a habit of this marketplace


def rules(*, status: str = "", on: date | None = None, key: str = "") -> QuerySet[Rule]:
    """Rows by status, by the day they are in force, by key or the keys below one."""
    found = valid_on(on).order_by("key", "id") if on else Rule.objects.all()
    if status:
        found = found.filter(status=status)
    if key:
        found = found.filter(key=key) | found.filter(key__startswith=key + ".")
    return found


def count_by_status() -> dict[str, int]:
    counted = Rule.objects.order_by().values_list("status").annotate(number=Count("pk"))
    return dict.fromkeys(Rule.Status.values, 0) | dict(counted)


def stale(today: date) -> Iterator[tuple[Rule, str]]:
    """Rows that want a fresh look, each with why, the most pressing first."""
    rows = list(Rule.objects.exclude(status=Rule.Status.SUPERSEDED))
    for row in rows:
        if row.valid_to and row.valid_to < today and not followed(row, rows):
            yield row, f"ended on {row.valid_to}, nothing follows"
    for row in rows:
        if row.valid_to is None or row.valid_to >= today:
            if row.checked_on is not None and row.checked_on < today - FRESH:
                yield row, f"checked on {row.checked_on}"
            elif row.status == Rule.Status.UNVERIFIED:
                yield row, "not confirmed"


def followed(row: Rule, rows: list[Rule]) -> bool:
    return any(
        (other.key, other.jurisdiction) == (row.key, row.jurisdiction)
        and row.valid_to is not None
        and (other.valid_to is None or other.valid_to > row.valid_to)
        for other in rows
    )
