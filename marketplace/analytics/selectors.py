"""Figures for owners, by week: seen, opened, asked for, declined, and how fast they answer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import connection
from django.db.models import Count, Sum

from marketplace.accounts.viewer import Viewer
from marketplace.core.calendar import HONG_KONG, day_of
from marketplace.core.errors import Invalid, NotFound
from marketplace.deals.models import Deal
from marketplace.feedback.selectors import Told, told, totals
from marketplace.listings.models import Listing
from marketplace.listings.selectors import listings_visible_to

from .models import ListingDay
from .policies import counted_listings

MOST_WEEKS = 53
MOST_LISTINGS = 100
WEEKS = (
    "SELECT week, sum(impressions)::bigint, sum(opens)::bigint, sum(enquiries)::bigint,"
    " max(median) FROM ("
    "  SELECT date_trunc('week', day)::date AS week, impressions, opens, 0 AS enquiries,"
    "    NULL::int AS median"
    "  FROM analytics_listingday WHERE listing_id = ANY(%(listings)s) AND day >= %(first)s"
    "  UNION ALL"
    "  SELECT date_trunc('week', enquired_at AT TIME ZONE %(zone)s)::date, 0, 0, count(*),"
    "    ceil(percentile_cont(0.5) WITHIN GROUP (ORDER BY"
    "      extract(epoch FROM coalesce(answered_at, %(now)s) - enquired_at))"
    "      FILTER (WHERE state <> 'withdrawn'"
    "        AND (answered_at IS NOT NULL OR due_at <= %(now)s))"
    "      / 3600)::int"
    "  FROM deals_deal WHERE listing_id = ANY(%(listings)s)"
    "    AND enquired_at AT TIME ZONE %(zone)s >= %(first)s GROUP BY 1"
    ") figures GROUP BY week"
)


@dataclass(frozen=True)
class Declines:
    reason: str
    buyers: int


@dataclass(frozen=True)
class Week:
    """`median_answer_hours` are whole hours from enquiry to answer, rounded up; an overdue answer
    counts as long as it has waited; None where there is nothing to tell."""

    starts_on: date
    impressions: int
    opens: int
    enquiries: int
    median_answer_hours: int | None
    declines: Sequence[Declines]


@dataclass(frozen=True)
class Seen:
    """A listing over all the weeks shown."""

    listing: Listing
    impressions: int
    opens: int
    enquiries: int


@dataclass(frozen=True)
class Figures:
    """Weeks from the oldest on, those without anything too; of listings those most seen; feedback
    is of all time, as (listing, reason, buyers), the most first; reasons are those of all of it.
    Weeks and reasons count what is being revised too; who may not see that is not shown it."""

    weeks: Sequence[Week]
    listings: Sequence[Seen]
    feedback: Sequence[tuple[Listing, str, int]]
    reasons: Mapping[str, int]


def figures(
    viewer: Viewer,
    organisation_id: UUID,
    *,
    now: datetime,
    listing_id: UUID | None = None,
    weeks: int = 12,
) -> Figures:
    """The figures of an organisation's listings, or of one of them. NotFound where the viewer may
    not see them. The number of statements does not grow with the listings."""
    if not 1 <= weeks <= MOST_WEEKS:
        raise Invalid(f"1 to {MOST_WEEKS} weeks, such as 12.", field=("weeks",))
    scope = counted_listings(viewer, organisation_id, now)
    if scope is None:
        raise NotFound("No such organisation.", field=("organisation",))
    chosen = Listing.objects.filter(scope)
    shown = listings_visible_to(viewer).filter(scope)
    if listing_id:
        chosen = shown = shown.filter(pk=listing_id)
    ids = list(chosen.values_list("pk", flat=True))
    if listing_id and not ids:
        raise NotFound("No such listing.", field=("listing",))
    today = day_of(now)
    first = today - timedelta(days=today.weekday(), weeks=weeks - 1)
    declined = told(ids)
    feedback = totals(declined)
    seen = most_seen(ids, first)
    known = shown.prefetch_related("texts").in_bulk({*seen, *(one for one, _, _ in feedback)})
    reasons: Counter[str] = Counter()
    for _, reason, buyers in feedback:
        reasons[reason] += buyers
    return Figures(
        weeks=by_week(ids, declined, first, weeks, now),
        listings=[Seen(known[pk], *numbers) for pk, numbers in seen.items() if pk in known],
        feedback=[(known[pk], reason, n) for pk, reason, n in feedback if pk in known],
        reasons=reasons,
    )


def by_week(
    ids: Sequence[UUID], declined: Sequence[Told], first: date, weeks: int, now: datetime
) -> list[Week]:
    with connection.cursor() as cursor:
        zone = str(HONG_KONG)
        cursor.execute(WEEKS, {"listings": list(ids), "first": first, "zone": zone, "now": now})
        rows = {week: numbers for week, *numbers in cursor.fetchall()}
    reasons: dict[date | None, dict[str, int]] = {}
    for one in declined:
        of_week = reasons.setdefault(one.week, {})
        of_week[one.reason] = of_week.get(one.reason, 0) + one.buyers
    found = []
    for number in range(weeks):
        monday = first + timedelta(weeks=number)
        impressions, opens, enquiries, median = rows.get(monday, (0, 0, 0, None))
        given = sorted(reasons.get(monday, {}).items(), key=lambda one: (-one[1], one[0]))
        declines = [Declines(reason, buyers) for reason, buyers in given]
        found.append(Week(monday, impressions, opens, enquiries, median, declines))
    return found


def most_seen(ids: Sequence[UUID], first: date) -> Mapping[UUID, tuple[int, int, int]]:
    """Impressions, opens and enquiries since that day, of the listings most seen."""
    days = ListingDay.objects.filter(listing__in=ids, day__gte=first).values("listing")
    rows = days.annotate(shown=Sum("impressions"), opened=Sum("opens"))
    top = list(rows.order_by("-opened", "-shown", "listing")[:MOST_LISTINGS])
    asked = dict(
        Deal.objects.filter(listing__in=[row["listing"] for row in top])
        .filter(enquired_at__date__gte=first)
        .values_list("listing")
        .annotate(Count("pk"))
    )
    return {
        row["listing"]: (row["shown"], row["opened"], asked.get(row["listing"], 0)) for row in top
    }
