"""What is still free to license of a listing: where, in which field, to do what, from when until
when, and how exclusively. Drawn from the ledger; see covers() for what stands behind it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise

from django.db.models import TextChoices

from marketplace.core.calendar import day_of
from marketplace.core.vocabulary import Exclusivity
from marketplace.listings.models import Listing
from marketplace.patents.models import Patent

from . import scope
from .conflict import SHUT_OUT, claim
from .cover import Cover, Covered, covers, family_members
from .models import Act, Asset, Occupation

FOREVER = date.max


@dataclass(frozen=True)
class Free:
    """`acts` in `field` may be licensed from `start` until the day before `until` (None: for good)
    under any one of `exclusivities`. In `except_fields`, which lie below, less or more is free:
    they have answers of their own, or nothing is left there."""

    field: str
    acts: tuple[str, ...]
    exclusivities: tuple[str, ...]
    start: date
    until: date | None
    except_fields: tuple[str, ...]


class Left(TextChoices):
    ALL = "all", "all that is offered is free"
    SOME = "some", "part of what is offered is taken"
    NOTHING = "nothing", "nothing of what is offered is free, at any time"


@dataclass(frozen=True)
class Part:
    """Territories with one answer."""

    territories: tuple[str, ...]
    cover: Cover
    cover_until: date | None
    left: Left
    free: tuple[Free, ...]


def availability(
    listing: Listing, now: datetime, names: scope.Names = scope.NO_NAMES
) -> list[Part]:
    """For the territories, fields and exclusivities that the listing offers; none said: every one.

    It reads `listing.patents` with their families, events and assets through the relations, so that
    a list of listings can prefetch them (RELATIONS); `names` are selectors.field_names(). Days are
    those of Hong Kong."""
    today = day_of(now)
    territories, offered = offer_of(listing)
    taken = taken_of(listing, now, today)
    cover = covers(listing, territories, on=today)
    parts: dict[tuple[Covered, frozenset[int]], list[str]] = defaultdict(list)
    for territory in territories:
        parts[cover[territory], taken_in(territory, taken)].append(territory)
    fields = fields_of(listing, names)
    whole = free([], fields, offered, today)
    answer = []
    for (covered, here), where in parts.items():
        rows = free([taken[i] for i in sorted(here)], fields, offered, today)
        left = Left.ALL if rows == whole else Left.SOME if rows else Left.NOTHING
        answer.append(Part(tuple(where), covered.cover, covered.until, left, tuple(rows)))
    return answer


def left_by_territory(
    listing: Listing, now: datetime, names: scope.Names = scope.NO_NAMES
) -> dict[str, frozenset[str]]:
    """Of each territory that the listing offers, under which of the exclusivities offered anything
    is free, in any field, at any time; empty where nobody has taken anything anywhere. It reads
    what availability() does, but for what is in force."""
    today = day_of(now)
    territories, offered = offer_of(listing)
    taken = taken_of(listing, now, today)
    if not taken:
        return {}
    fields = fields_of(listing, names)
    found: dict[frozenset[int], frozenset[str]] = {}
    left = {}
    for territory in territories:
        here = taken_in(territory, taken)
        if here not in found:
            rows = free([taken[i] for i in sorted(here)], fields, offered, today)
            found[here] = frozenset(e for row in rows for e in row.exclusivities)
        left[territory] = found[here]
    return left


def offer_of(listing: Listing) -> tuple[Sequence[str], Sequence[str]]:
    """Its territories and exclusivities; none said: every one."""
    territories = listing.territories or scope.territories([scope.WORLD])
    offered = [e for e in Exclusivity.values if e in listing.exclusivity] or Exclusivity.values
    return territories, offered


def fields_of(listing: Listing, names: scope.Names) -> list[str]:
    return scope.widest(scope.renamed(scope.plain(one), names) for one in listing.fields_of_use)


def taken_of(listing: Listing, now: datetime, today: date) -> list[Occupation]:
    """What is in the way, now or later; the same of each of its assets once."""
    ahead = (one for one in occupations(listing) if is_ahead(one, now, today))
    return list({one.subject: one for one in ahead}.values())


def taken_in(territory: str, taken: Sequence[Occupation]) -> frozenset[int]:
    """Which of them are in the way there, by their places."""
    return frozenset(i for i, one in enumerate(taken) if territory in one.territories)


OCCUPATIONS = (  # what left_by_territory() reads
    "asset__occupations",
    "patents__asset__occupations",
    "patents__simple_family__simple_members__asset__occupations",
)
RELATIONS = (
    *OCCUPATIONS,
    "patents__events",
    "patents__simple_family__simple_members__events",
)


def occupations(listing: Listing) -> Iterator[Occupation]:
    sources: list[Listing | Patent] = [listing, *family_members(listing)]
    for source in sources:
        try:
            yield from source.asset.occupations.all()
        except Asset.DoesNotExist:
            continue  # nobody ever took anything of it


def is_ahead(one: Occupation, now: datetime, today: date) -> bool:
    lapsed = one.live.isempty or (one.live.upper is not None and one.live.upper <= now)
    over = one.period.upper is not None and one.period.upper <= today
    return not lapsed and not over


Row = tuple[str, tuple[str, ...], tuple[str, ...], date, date]  # Free without acts


def free(
    taken: Sequence[Occupation], offered_fields: Sequence[str], offered: Sequence[str], today: date
) -> list[Free]:
    """The calendar of one territory: joined over time where nothing changes, acts put together."""
    fields = considered(taken, offered_fields)
    rows: dict[Row, list[str]] = defaultdict(list)
    for act in Act.values:
        of_act = [one for one in taken if act in one.acts]
        for row in joined(calendar(of_act, fields, offered, today)):
            rows[row].append(act)
    found = [
        Free(field, tuple(acts), left, start, None if until == FOREVER else until, apart)
        for (field, left, apart, start, until), acts in rows.items()
    ]
    return sorted(found, key=lambda one: (one.field, one.start))


def considered(taken: Sequence[Occupation], offered: Sequence[str]) -> list[str]:
    """The fields offered and, below them, those that somebody has taken something of."""
    below = {f for one in taken for f in one.fields if any(scope.inside(f, o) for o in offered)}
    return sorted({*offered, *below})


def calendar(
    taken: Sequence[Occupation], fields: Sequence[str], offered: Sequence[str], today: date
) -> Iterator[Row]:
    """Field by field, from one day that changes anything to the next: what is left of `offered`.

    What is left in a field is never more than in one above it. A field that is as its parent is
    has no row of its own."""
    above = {f: parent(f, fields) for f in fields}
    for start, until in pairwise(turning_points(taken, today)):
        now = [
            one
            for one in taken
            if one.period.lower <= start and (one.period.upper or FOREVER) > start
        ]
        left = {f: remaining(f, now, offered) for f in fields}
        apart = [f for f in fields if (up := above[f]) is not None and left[f] != left[up]]
        for field in fields:
            if left[field] and (above[field] is None or field in apart):
                beside = tuple(f for f in apart if nearest(f, above, apart) == field)
                yield field, left[field], beside, start, until


def turning_points(taken: Sequence[Occupation], today: date) -> list[date]:
    days = {day for one in taken for day in (one.period.lower, one.period.upper) if day}
    return [today, *sorted(day for day in days if day > today), FOREVER]


def parent(field: str, fields: Sequence[str]) -> str | None:
    """The nearest of `fields` above it."""
    return max((f for f in fields if f != field and scope.inside(field, f)), key=len, default=None)


def nearest(field: str, above: Mapping[str, str | None], apart: Sequence[str]) -> str | None:
    """The field above it in whose row it is an exception: the first that has a row of its own."""
    up = above[field]
    while up is not None and above[up] is not None and up not in apart:
        up = above[up]
    return up


def remaining(field: str, taken: Iterable[Occupation], offered: Sequence[str]) -> tuple[str, ...]:
    claims = {claim(one) for one in taken if any(scope.inside(field, f) for f in one.fields)}
    return tuple(one for one in offered if not claims & SHUT_OUT[one])


def joined(rows: Iterable[Row]) -> list[Row]:
    """Rows that differ only in time and follow on each other, as one."""
    found: dict[tuple[object, ...], list[Row]] = defaultdict(list)
    for row in rows:
        same = found[row[:3]]
        if same and same[-1][4] == row[3]:
            same[-1] = (*same[-1][:4], row[4])
        else:
            same.append(row)
    return [row for same in found.values() for row in same]
