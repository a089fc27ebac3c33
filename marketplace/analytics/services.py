"""Counting what is seen."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Literal
from uuid import UUID

from django.db import connection

from marketplace.accounts.viewer import Viewer
from marketplace.core.calendar import day_of

from .policies import others_listings

# In the order of ids, so that two searches that count the same listings wait and never deadlock.
# No search waits for the disk because of this: a crash may lose the last counts.
COUNT = (
    "INSERT INTO analytics_listingday AS known (listing_id, day, impressions, opens)"
    " SELECT id, %s, %s, %s FROM ({}) counted,"
    " (SELECT set_config('synchronous_commit', 'off', true)) no_wait ORDER BY id"
    " ON CONFLICT (listing_id, day) DO UPDATE SET"
    " impressions = known.impressions + excluded.impressions, opens = known.opens + excluded.opens"
)
WHAT: Mapping[str, tuple[int, int]] = {"impressions": (1, 0), "opens": (0, 1)}


def count(
    what: Literal["impressions", "opens"],
    listings: Iterable[UUID | str],
    *,
    viewer: Viewer,
    now: datetime,
) -> None:
    """Count these listings as seen by the viewer: those that policies.py counts, and nothing of
    what operators look at. Call it outside of every transaction: one that it is part of would not
    wait for the disk either."""
    seen = [str(one) for one in listings]
    if viewer.is_operator or not seen:
        return
    rows = others_listings(viewer, now).filter(pk__in=seen).values("id")
    chosen, params = rows.query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(COUNT.format(chosen), [day_of(now), *WHAT[what], *params])
