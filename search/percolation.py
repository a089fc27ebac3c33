"""Searching the other way round: which saved searches a new listing answers.

A saved search is the real search with `match` ALL: every word, phrase and filter has to hold. Each
is filed under `keys`: of the things of which a listing must have each, the rarest, and where that
can be had in several ways, the rarest of each. So a listing is held against the few saved searches
filed under what it has, instead of each search being run.
tests/search/test_percolation.py holds the answer to that of both engines.
"""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from django.db import connection, transaction
from django.db.models import Exists, OuterRef, QuerySet

from marketplace.alerts.models import Percolated, SavedSearch
from marketplace.alerts.services import alerts_forget, alerts_record, alerts_return
from marketplace.core.errors import Invalid
from marketplace.listings.models import Listing

from . import demand as demands
from . import lexicon, synonyms
from .demand import DEMANDS, Demand, Offered, facet_groups, whole
from .document import ANALYSIS, Document
from .engine import live
from .indexing import only_one
from .listings import document_of_listing, listings_to_index
from .plan import Plan, plan
from .query_language import OPERATORS_WITHIN
from .ranking import LONG_TEXT
from .rarity import rarity
from .request import Price, SearchRequest, checked
from .synonyms import Synonyms
from .text import APPLICANT
from .watched import Watched

BATCH = 500  # listings held against the saved searches at a time
FILED = 2000  # saved searches filed at a time
FEW = 2000  # keys, such as those of some three listings
ANEW = 0  # is no revision
AMONG = "EXISTS (SELECT 1 FROM unnest(keys) AS one(key) WHERE one.key = ANY(%s))"


def version() -> str:
    """Of all that keys and demands depend on: saved searches filed by another are filed anew."""
    return f"{ANALYSIS}:{DEMANDS}:{lexicon.version()}:{synonyms.version()}"


def checked_filters(text: str, filters: Mapping[str, Any], price: Price | None) -> dict[str, Any]:
    """The filters as a saved search keeps them. Faults name every field that is wrong; so does
    Invalid for a text that says nothing to look for, or more than an alert can ask of a listing."""
    request = checked(SearchRequest(text=text, filters=filters, price=price))
    found: dict[str, Any] = {name: list(values) for name, values in request.filters.items()}
    if price:
        found["price"] = {
            "currency": price.currency.upper(),
            "least": price.least,
            "most": price.most,
        }
    planned = planned_for(text)
    if len(text) > OPERATORS_WITHIN or len(planned.concepts) > LONG_TEXT:
        raise Invalid(
            f"At most {LONG_TEXT} words; for a page of text, state a need.", field=("text",)
        )
    if planned.impossible:
        raise Invalid(planned.warnings[0], field=("text",))
    if text.strip() and not (found or wishes_of(planned, request)):
        raise Invalid("Say what to look for, not only what to leave out.", field=("text",))
    return found


def request_of(saved: SavedSearch) -> SearchRequest:
    """The search that it stands for."""
    filters = dict(saved.filters)
    price = filters.pop("price", None)
    return SearchRequest(
        text=saved.text, match="all", filters=filters, price=Price(**price) if price else None
    )


def everything(tokens: Sequence[str]) -> dict[str, float]:
    return dict.fromkeys(tokens, 1.0)


def planned_for(text: str, same: Synonyms = synonyms.among) -> Plan:
    """As for an index that holds every word: what a listing has, the index has too."""
    return plan(text, everything, "all", synonyms=same)


# Filing saved searches under keys, each with what it asks.


Wish = list[frozenset[str]]  # ways to meet it, each all of its keys together


def wishes_of(planned: Plan, request: SearchRequest) -> list[Wish]:
    """What a listing must meet, each of it, or the saved search does not find it."""
    numbers = [frozenset({f"number={number}"}) for number in planned.numbers]
    wishes = [[*map(whole, c.alternatives), *numbers] for c in planned.concepts]
    if numbers and not wishes:
        wishes.append(numbers)
    for phrase in planned.phrases:
        wishes.append([frozenset(token.removeprefix(APPLICANT) for token in phrase)])
    wishes += [[frozenset({key}) for key in one] for one in facet_groups(planned, request)]
    if request.price:
        wishes.append([frozenset({f"currency={request.price.currency}"})])
    return wishes


# Whose text changed since it was read stays to be filed.
FILE = """
    UPDATE alerts_savedsearch s SET keys = f.keys, keys_version = %s, demand = f.demand
    FROM jsonb_to_recordset(%s::jsonb)
        AS f(id uuid, updated_at timestamptz, keys text[], demand jsonb)
    WHERE s.id = f.id AND s.updated_at = f.updated_at
"""


@contextmanager
def uncollected() -> Iterator[None]:
    """Without Python's cycle collector: of millions of objects that all are needed it would look at
    each again and again, for a third of the time."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


@uncollected()
def file_saved_searches() -> int:
    """File those that are new, changed or filed by another version; how many there were."""
    generation = live("listing")
    now = version()
    same = synonyms.loaded()
    count = 0
    unfiled = SavedSearch.objects.filter(need=None).exclude(keys_version=now).order_by("pk")
    while rows := list(unfiled.only("pk", "text", "filters", "updated_at")[:FILED]):
        wishes: dict[UUID, list[Wish]] = {}
        asked: dict[UUID, dict[str, Any]] = {}
        for row in rows:
            request = request_of(row)
            planned = planned_for(request.text, same)
            asked[row.pk] = demands.written(planned, request)
            wishes[row.pk] = [] if planned.impossible else wishes_of(planned, request)
        tokens = {t for found in wishes.values() for wish in found for way in wish for t in way}
        spread = rarity(generation, sorted(tokens)) if generation else {}
        filed = [
            {
                "id": row.pk,
                "updated_at": row.updated_at,
                "keys": rarest(wishes[row.pk], spread),
                "demand": asked[row.pk],
            }
            for row in rows
        ]
        with connection.cursor() as cursor:
            cursor.execute(FILE, [now, orjson.dumps(filed).decode()])
        count += len(rows)
    return count


COMMON = 10**6  # listings, for what is no word: most have one of its kind


def rarest(wishes: Iterable[Wish], spread: Mapping[str, int]) -> list[str]:
    """The keys under which fewest listings come by: of one wish, the rarest key of each way."""

    def listings(key: str) -> int:
        return COMMON if "=" in key else spread.get(key, 0)

    found = [sorted({min(sorted(way), key=listings) for way in wish}) for wish in wishes]
    return min(found, key=lambda keys: (sum(map(listings, keys)), keys), default=[])


# New listings.


@uncollected()
def percolate(*, now: datetime, made: Mapping[str, Document] | None = None) -> int | None:
    """Hold every published listing that is new or says something new against the saved searches
    and the needs; how many listings, or None where somebody else is at it. Finds by itself what is
    due, so it may run at any time and any number of times; one at a time. `made` are documents by
    id, of which those of the right revision are not made again."""
    count = 0
    with only_one("alerts") as alone:
        if not alone:
            return None
        waiting, watched = Waiting(), Watched()
        while rows := list(due()[:BATCH]):
            # After the listings were read: what was saved before any of them hears of it.
            if file_saved_searches():
                waiting = Waiting()
            if watched.is_old():
                watched = Watched()
            offered = {row.pk: Offered(document_of(row, made or {})) for row in rows}
            held = {row.pk: row for row in Percolated.objects.filter(pk__in=offered)}
            said = {pk: row.fingerprint for pk, row in held.items()}
            fresh = {row.pk: row for row in rows if said.get(row.pk) != offered[row.pk].fingerprint}
            since = {
                pk: now if pk in held and held[pk].revision == ANEW else row.updated_at
                for pk, row in fresh.items()
            }
            found: list[tuple[Held | SavedSearch, UUID]] = [
                *waiting.matches({pk: offered[pk] for pk in fresh}),
                *watched.matches(fresh, {pk: one.document for pk, one in offered.items()}, now),
            ]
            news = [(s.pk, pk) for s, pk in found if s.created_at <= since[pk]]
            if changed := fresh.keys() & held.keys():
                alerts_forget(changed, {(s.pk, pk) for s, pk in found if pk in changed})
            with transaction.atomic():
                alerts_record(news, now=now)
                alerts_return([pk for pk in offered if pk not in fresh], now=now)
                Percolated.objects.bulk_create(
                    [Percolated(pk=row.pk, revision=row.revision,
                                fingerprint=offered[row.pk].fingerprint) for row in rows],
                    update_conflicts=True,
                    unique_fields=["listing"],
                    update_fields=["revision", "fingerprint"],
                )  # fmt: skip
            count += len(fresh)
    return count


def document_of(listing: Listing, made: Mapping[str, Document]) -> Document:
    document = made.get(str(listing.pk))
    if document is None or document.revision != listing.revision:
        return document_of_listing(listing, card=False)
    return document


def hold_anew(listings: Iterable[UUID | str]) -> bool:
    """Have held against them again what may say something new without a revision of its own, by its
    patents or its owner. Not while somebody is at it, who may have read it as it was before, and
    would write over this."""
    with only_one("alerts") as alone:
        if alone:
            Percolated.objects.filter(pk__in=list(listings)).update(revision=ANEW)
    return alone


def due() -> QuerySet[Listing]:
    """Published listings of which another revision, or none, was held against them."""
    current = Percolated.objects.filter(pk=OuterRef("pk"), revision=OuterRef("revision"))
    return listings_to_index().filter(~Exists(current)).order_by("pk")


@dataclass(eq=False, slots=True)  # told apart by identity, which is quicker than by id
class Held:
    """A saved search, of which only what matters here is read."""

    pk: UUID
    created_at: datetime
    demand: Demand


class Waiting:
    """The saved searches as they come up in one run, each read once."""

    def __init__(self) -> None:
        self.held: dict[UUID, Held] = {}
        self.filed: dict[str, list[Held]] = {}

    def matches(self, offered: Mapping[UUID, Offered]) -> list[tuple[Held, UUID]]:
        """Each saved search with each of these listings that it finds."""
        self.read(sorted({key for one in offered.values() for key in one.keys} - self.filed.keys()))
        found = []
        for pk, one in offered.items():
            candidates = {held for key in one.keys for held in self.filed[key]}
            found += [(held, pk) for held in candidates if held.demand.met_by(one)]
        return found

    def read(self, keys: Sequence[str]) -> None:
        """Of few keys the index tells; of very many it is quicker to look at each saved search."""
        rows = SavedSearch.objects.filter(paused_at=None, need=None)
        if len(keys) <= FEW:
            rows = rows.filter(keys__overlap=keys)
        else:
            rows = rows.extra(where=[AMONG], params=[keys])  # noqa: S610 - it is constant
        self.filed.update((key, []) for key in keys)
        wanted = frozenset(keys)
        for pk, created_at, filed, asked in rows.values_list("pk", "created_at", "keys", "demand"):
            held = self.held.get(pk)
            if held is None:
                held = self.held[pk] = Held(pk, created_at, demands.read(asked))
            for key in wanted.intersection(filed):
                self.filed[key].append(held)
