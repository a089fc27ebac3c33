from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet

from marketplace.accounts.viewer import Viewer
from marketplace.core.calendar import HONG_KONG
from marketplace.core.vocabulary import DeclineReason
from marketplace.listings.models import Listing
from marketplace.listings.selectors import WORDS
from marketplace.matching.declines import Declined
from marketplace.matching.scoring import Reason
from marketplace.needs.models import Need

from .models import MatchDecline
from .policies import visible_declines

ENOUGH = 3  # buyers; fewer could be told apart
OF_THE_WORDS = {
    DeclineReason.BENEFIT_UNCLEAR,
    DeclineReason.COMMERCIAL_ROUTE_UNCLEAR,
    DeclineReason.DESCRIPTION_UNCLEAR,
}


def declines_visible_to(viewer: Viewer) -> QuerySet[MatchDecline]:
    return MatchDecline.objects.filter(visible_declines(viewer))


def declines_of_buyer(viewer: Viewer, need: Need) -> list[MatchDecline]:
    """All that the need's buyer declined, for any need, if the viewer may know; the last first."""
    declines = declines_visible_to(viewer).filter(need__organisation=need.organisation_id)
    return list(declines.order_by("-declined_at", "pk"))


def as_it_was(decline: MatchDecline, need: Need) -> Declined:
    return Declined(
        reasons=decline.reasons,
        same_need=decline.need_id == need.pk,
        trl=decline.trl,
        ipr_status=decline.ipr_status,
        territories=decline.territories,
        price=decline.price_amount,
        currency=decline.price_currency,
        groups=decline.ipc,
    )


def verdict(decline: MatchDecline, need: Need, listing: Listing) -> Reason:
    """What the decline of this very listing means for it: it is out of that need, until its words
    change where nothing else was wrong; for another need it counts against it."""
    values = {"reasons": ", ".join(decline.reasons)}
    if decline.need_id != need.pk:
        return Reason("declined_elsewhere", values)
    unclear = OF_THE_WORDS.issuperset(decline.reasons)
    if unclear and decline.listing_id == listing.pk and decline.words != words_of(listing):
        return Reason("declined_before_it_changed", values)
    return Reason("declined", values)


def words_of(listing: Listing) -> str:
    """A fingerprint of what the public reads of the listing: its words and its advantages."""
    texts = sorted(tuple(getattr(t, n) for n in ("language", *WORDS)) for t in listing.texts.all())
    figures = sorted(str(advantage) for advantage in listing.advantages.all())
    return sha256(repr((texts, figures)).encode()).hexdigest()


@dataclass(frozen=True)
class Told:
    """That `buyers` more declined a listing for a reason, told in the week that began that day; in
    none yet, where they are too few to be told of one."""

    listing_id: UUID
    reason: str
    week: date | None
    buyers: int


def told(listings: Iterable[UUID]) -> list[Told]:
    """What owners may know of the declines of these listings. A reason stays hidden until
    `ENOUGH` buyers gave it for the listing; then all are counted, and a week counts so many at a
    time, those of whom the last one declined in it: beside the opens of a week, one buyer could be
    told. Only buyers that were vouched for count, or an owner that makes up two would know of the
    third. Weeks begin on Monday, in Hong Kong."""
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH one AS ("
            "  SELECT decline.listing_id, reason, min(decline.declined_at) AS at"
            "  FROM feedback_matchdecline decline"
            "  JOIN needs_need need ON need.id = decline.need_id"
            "  CROSS JOIN unnest(decline.reasons) reason"
            "  WHERE decline.listing_id = ANY(%(listings)s)"
            "  AND decline.vouched"
            "  GROUP BY decline.listing_id, reason, need.organisation_id),"
            " placed AS (SELECT *, count(*) OVER (PARTITION BY listing_id, reason) AS buyers,"
            "  row_number() OVER (PARTITION BY listing_id, reason ORDER BY at) - 1 AS before"
            "  FROM one)"
            " SELECT listing_id, reason, CASE WHEN count(*) = %(enough)s THEN"
            "  date_trunc('week', max(at) AT TIME ZONE %(zone)s)::date END, count(*)"
            " FROM placed WHERE buyers >= %(enough)s"
            " GROUP BY listing_id, reason, before / %(enough)s ORDER BY 3, 2, 1",
            {"listings": list(listings), "enough": ENOUGH, "zone": str(HONG_KONG)},
        )
        return [Told(*row) for row in cursor.fetchall()]


def totals(rows: Iterable[Told]) -> list[tuple[UUID, str, int]]:
    """Listing, reason and number of buyers, the most first."""
    found: Counter[tuple[UUID, str]] = Counter()
    for row in rows:
        found[row.listing_id, row.reason] += row.buyers
    ordered = sorted(found.items(), key=lambda one: (-one[1], one[0][1], str(one[0][0])))
    return [(listing, reason, buyers) for (listing, reason), buyers in ordered]
