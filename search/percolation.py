"""Searching the other way round: which saved searches a new listing answers.

A saved search is the real search with `match` ALL: every word, phrase and filter has to hold. Each
is filed under `keys`, the rarest of the things of which a listing must have one; so a listing is
held against the few saved searches filed under what it has, instead of each search being run.
tests/search/test_percolation.py holds the answer to that of both engines.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from marketplace.alerts.models import Percolated, SavedSearch
from marketplace.alerts.services import alerts_record
from marketplace.core.errors import Invalid
from marketplace.core.outbox import publish_all
from marketplace.listings.models import Listing

from . import lexicon, synonyms
from .document import ANALYSIS, Document
from .embedded import rarity, telling
from .engine import live
from .indexing import one_writer
from .listings import document_of_listing, listings_to_index
from .models import Term
from .plan import OPERATORS_WITHIN, Plan, Telling, plan
from .ranking import LONG_TEXT
from .request import Price, SearchRequest, checked
from .synonyms import Synonyms
from .text import APPLICANT

BATCH = 200  # listings held against the saved searches at a time
FILED = 2000  # saved searches filed at a time
MANY = 500  # from so many candidates on, it pays to know all words of the index


def version() -> str:
    """Of all that a key depends on: saved searches filed by another are filed anew."""
    return f"{ANALYSIS}:{lexicon.FILE.name}:{synonyms.version()}"


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
    if text.strip() and not (found or keys_of(planned, request)):
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


def planned_for(text: str, known: Telling = everything, same: Synonyms = synonyms.among) -> Plan:
    return plan(text, known, "all", synonyms=same)


# What a listing has, and what a saved search asks of it.


@dataclass(frozen=True)
class Offered:
    """A listing's document as it is held against saved searches."""

    document: Document

    @cached_property
    def body(self) -> frozenset[str]:
        return frozenset(self.document.body()) | frozenset(self.document.grains)

    @cached_property
    def words(self) -> frozenset[str]:
        """Those of the claims too."""
        return self.body | frozenset(self.document.claim_tokens)

    @cached_property
    def facets(self) -> frozenset[str]:
        facets = self.document.facets
        return frozenset(f"{name}={value}" for name, values in facets.items() for value in values)

    @cached_property
    def running(self) -> str:
        return " | ".join(["", *(" ".join(p) for p in self.document.phrases), ""])

    @cached_property
    def keys(self) -> frozenset[str]:
        numbers = {f"number={number}" for number in self.document.numbers}
        return self.words | self.facets | numbers | {f"currency={self.document.currency}"}

    @cached_property
    def fingerprint(self) -> str:
        """Of all that a search can find, and of nothing else: a renewal changes nothing."""
        document = replace(self.document, revision=0, published=0, card={}, family="")
        return document.checksum


@dataclass(frozen=True)
class Demand:
    """A saved search's plan as sets. A concept holds by a word of the first set anywhere, or by
    one of the second, its translations, where the engine that serves looks for those."""

    concepts: tuple[tuple[frozenset[str], frozenset[str]], ...]
    phrases: tuple[str, ...]
    without: frozenset[str]
    apart: frozenset[str]
    number: str
    facets: tuple[frozenset[str], ...]
    price: Price | None
    possible: bool

    def met_by(self, offered: Offered) -> bool:
        document = offered.document
        return (
            self.possible
            and (self.has_words(offered) or bool(self.number and self.number in document.numbers))
            and all(not one.isdisjoint(offered.facets) for one in self.facets)
            and self.without.isdisjoint(offered.words)
            and self.apart.isdisjoint(offered.facets)
            and all(phrase in offered.running for phrase in self.phrases)
            and (self.price is None or affordable(self.price, document))
        )

    def has_words(self, offered: Offered) -> bool:
        if not self.concepts:
            return not self.number
        # Elasticsearch looks for translations in the body only, the embedded engine everywhere.
        foreign = offered.body if settings.ELASTICSEARCH_URL else offered.words
        return all(
            not said.isdisjoint(offered.words) or not translated.isdisjoint(foreign)
            for said, translated in self.concepts
        )


def affordable(price: Price, document: Document) -> bool:
    if document.price is None or document.currency != price.currency:
        return False
    low = price.least if price.least is not None else document.price
    high = price.most if price.most is not None else document.price
    return low <= document.price <= high


def demand_of(saved: SavedSearch, known: Telling, same: Synonyms) -> Demand:
    request = request_of(saved)
    planned = planned_for(request.text, known, same)
    return Demand(
        concepts=tuple(
            (
                frozenset(t for a in c.alternatives if a.origin != "translation"
                          for t, _ in a.asked),
                frozenset(t for a in c.alternatives if a.origin == "translation"
                          for t, _ in a.asked),
            )
            for c in planned.concepts
            if c.said
        ),
        phrases=tuple(f" {' '.join(phrase)} " for phrase in planned.phrases),
        without=frozenset(planned.without),
        apart=frozenset(f"{name}={v}" for name, vs in planned.apart.items() for v in vs),
        number=planned.number,
        facets=tuple(facet_groups(planned, request)),
        price=request.price,
        possible=not planned.impossible,
    )  # fmt: skip


def facet_groups(planned: Plan, request: SearchRequest) -> Iterator[frozenset[str]]:
    for chosen in (planned.filters, request.filters):
        for name, values in chosen.items():
            yield frozenset(f"{name}={value}" for value in values)


# Filing saved searches under keys.


def keys_of(planned: Plan, request: SearchRequest) -> list[frozenset[str]]:
    """Groups of which a listing must have one each, or the saved search does not find it."""
    number = {f"number={planned.number}"} if planned.number else frozenset[str]()
    groups = [
        frozenset(t for a in c.alternatives for t, _ in a.asked) | number
        for c in planned.concepts
        if c.said
    ]
    if planned.number and not groups:
        groups.append(frozenset(number))
    tokens = (token.removeprefix(APPLICANT) for phrase in planned.phrases for token in phrase)
    groups += [frozenset({token}) for token in tokens]
    groups += facet_groups(planned, request)
    if request.price:
        groups.append(frozenset({f"currency={request.price.currency}"}))
    return groups


def file_saved_searches() -> int:
    """File those that are new, changed or filed by another version; how many there were."""
    generation = live("listing")
    now = version()
    same = synonyms.loaded()
    count = 0
    while True:
        rows = list(
            SavedSearch.objects.filter(need=None).exclude(keys_version=now).order_by("pk")[:FILED]
        )
        if not rows:
            return count
        groups = {row.pk: groups_of(row, same) for row in rows}
        tokens = {t for found in groups.values() for group in found for t in group}
        spread = rarity(generation, sorted(tokens)) if generation else {}
        for row in rows:
            row.keys = sorted(rarest(groups[row.pk], spread))
            row.keys_version = now
        SavedSearch.objects.bulk_update(rows, ["keys", "keys_version"], batch_size=FILED)
        count += len(rows)


def groups_of(saved: SavedSearch, same: Synonyms) -> list[frozenset[str]]:
    request = request_of(saved)
    return keys_of(planned_for(request.text, same=same), request)


COMMON = 10**6  # what stands for no word: most listings have one


def rarest(groups: Iterable[frozenset[str]], spread: Mapping[str, int]) -> frozenset[str]:
    """The group that fewest listings have one of."""

    def listings(group: frozenset[str]) -> tuple[int, int]:
        return sum(COMMON if "=" in t else spread.get(t, 0) for t in group), len(group)

    return min(groups, key=listings, default=frozenset())


# New listings.


def percolate(*, now: datetime) -> int:
    """Hold every published listing that is new or says something new against the saved searches;
    how many listings. Finds by itself what is due, so it may run at any time and any number of
    times; one at a time."""
    count = 0
    with one_writer("alerts"):
        file_saved_searches()
        while rows := list(due()[:BATCH]):
            offered = {row.pk: Offered(document_of_listing(row)) for row in rows}
            seen = dict(Percolated.objects.filter(pk__in=offered).values_list("pk", "fingerprint"))
            fresh = {
                row.pk: row.updated_at
                for row in rows
                if seen.get(row.pk) != offered[row.pk].fingerprint
            }
            found = matches({pk: offered[pk] for pk in fresh})
            with transaction.atomic():
                alerts_record(
                    ((saved.pk, pk) for saved, pk in found if saved.created_at <= fresh[pk]),
                    now=now,
                )
                Percolated.objects.bulk_create(
                    [Percolated(pk=row.pk, revision=row.revision,
                                fingerprint=offered[row.pk].fingerprint) for row in rows],
                    update_conflicts=True,
                    unique_fields=["listing"],
                    update_fields=["revision", "fingerprint"],
                )  # fmt: skip
                publish_all("listing.offered", fresh, not_before=now)
            count += len(fresh)
    return count


def due() -> QuerySet[Listing]:
    """Published listings of which another revision, or none, was held against them."""
    current = Percolated.objects.filter(pk=OuterRef("pk"), revision=OuterRef("revision"))
    return listings_to_index().filter(~Exists(current)).order_by("pk")


def matches(offered: Mapping[UUID, Offered]) -> list[tuple[SavedSearch, UUID]]:
    """Each saved search with each of these listings that it finds."""
    keys = sorted({key for one in offered.values() for key in one.keys})
    candidates = list(
        SavedSearch.objects.filter(paused_at=None, need=None, keys__overlap=keys)
        .only("pk", "text", "filters", "created_at", "keys")
    )  # fmt: skip
    filed: dict[str, list[int]] = defaultdict(list)
    for number, saved in enumerate(candidates):
        for key in saved.keys:
            filed[key].append(number)
    known = knowledge(offered.values(), len(candidates))
    same = synonyms.loaded()
    demands: dict[int, Demand] = {}
    found = []
    for pk, one in offered.items():
        for number in {n for key in one.keys if key in filed for n in filed[key]}:
            if number not in demands:
                demands[number] = demand_of(candidates[number], known, same)
            if demands[number].met_by(one):
                found.append((candidates[number], pk))
    return found


def knowledge(offered: Iterable[Offered], candidates: int) -> Telling:
    """Which words the live index knows, with these listings in it: asked for each plan, or for
    very many once."""
    generation = live("listing")
    fresh = {word for one in offered for word in one.words}
    if generation is None:
        return lambda tokens: {t: 1.0 for t in tokens if t in fresh}
    if candidates < MANY:
        return lambda tokens: {
            **telling(generation, tokens), **{t: 1.0 for t in tokens if t in fresh}
        }  # fmt: skip
    rows = Term.objects.filter(generation=generation, entries__gt=0).values_list("term", flat=True)
    fresh |= set(rows.iterator(chunk_size=10_000))
    return lambda tokens: {t: 1.0 for t in tokens if t in fresh}
