"""Counting what is seen."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Literal
from uuid import UUID

from django.db import connection

from marketplace.accounts.viewer import Viewer
from marketplace.core.calendar import day_of
from marketplace.listings.models import Listing

# In the order of ids, so that two searches that count the same listings wait and never deadlock.
# No search waits for the disk because of this: a crash may lose the last counts.
COUNT = (
    "INSERT INTO analytics_listingday AS known (listing_id, day, impressions, opens)"
    " SELECT id, %(day)s, %(impressions)s, %(opens)s FROM listings_listing,"
    " (SELECT set_config('synchronous_commit', 'off', true)) no_wait"
    " WHERE id = ANY(%(listings)s::uuid[]) AND state = %(published)s"
    " AND NOT owner_id = ANY(%(mine)s::uuid[]) ORDER BY id"
    " ON CONFLICT (listing_id, day) DO UPDATE SET"
    " impressions = known.impressions + excluded.impressions, opens = known.opens + excluded.opens"
)
WHAT: Mapping[str, Mapping[str, int]] = {
    "impressions": {"impressions": 1, "opens": 0},
    "opens": {"impressions": 0, "opens": 1},
}


def count(
    what: Literal["impressions", "opens"],
    listings: Iterable[UUID | str],
    *,
    viewer: Viewer,
    now: datetime,
) -> None:
    """Count these listings as seen by the viewer: the published ones that are not the viewer's
    own, and nothing of what operators look at. Call it outside of every transaction: one that
    it is part of would not wait for the disk either."""
    seen = [str(one) for one in listings]
    if viewer.is_operator or not seen:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            COUNT,
            {
                **WHAT[what],
                "day": day_of(now),
                "listings": seen,
                "published": Listing.State.PUBLISHED.value,
                "mine": [str(one) for one in viewer.roles],
            },
        )
