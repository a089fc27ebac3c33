"""What a listing has, and what a saved search asks of it, as sets.

A demand is drawn up once, when its saved search is filed, and kept with it as JSON: to plan a
hundred thousand queries for every burst would take longer than all the rest.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from . import lexicon
from .document import Document
from .plan import Plan
from .request import Price, SearchRequest

# To be raised with any change of what plan.py says, so that saved searches are filed anew.
DEMANDS = 3


@dataclass(frozen=True)
class Offered:
    """A listing's document as it is held against saved searches."""

    document: Document

    @cached_property
    def words(self) -> frozenset[str]:
        return frozenset(self.document.frequencies)

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
        document = replace(self.document, revision=0, published=0, card={}, family="", vector=())
        return document.checksum


@dataclass(frozen=True, slots=True)
class AnyOf:
    """Any of these words has to be there, or any of the groups, whole."""

    words: frozenset[str]
    groups: tuple[frozenset[str], ...]


@dataclass(frozen=True, slots=True)
class Demand:
    """All of it has to hold."""

    concepts: tuple[AnyOf, ...]
    phrases: tuple[str, ...]
    without: frozenset[str]
    without_phrases: tuple[str, ...]
    apart: frozenset[str]
    numbers: frozenset[str]
    facets: tuple[frozenset[str], ...]
    price: Price | None

    def met_by(self, offered: Offered) -> bool:
        """Plain loops: it is asked some million times a burst."""
        for one in self.facets:
            if one.isdisjoint(offered.facets):
                return False
        if not self.has_words(offered.words) and self.numbers.isdisjoint(offered.document.numbers):
            return False
        for phrase in self.phrases:
            if phrase not in offered.running:
                return False
        for phrase in self.without_phrases:
            if phrase in offered.running:
                return False
        return (
            self.without.isdisjoint(offered.words)
            and self.apart.isdisjoint(offered.keys)
            and (self.price is None or affordable(self.price, offered.document))
        )

    def has_words(self, words: frozenset[str]) -> bool:
        for concept in self.concepts:
            if concept.words.isdisjoint(words):
                for group in concept.groups:
                    if group <= words:
                        break
                else:
                    return False
        return bool(self.concepts) or not self.numbers


def affordable(price: Price, document: Document) -> bool:
    if document.price is None or document.currency != price.currency:
        return False
    low = price.least if price.least is not None else document.price
    high = price.most if price.most is not None else document.price
    return low <= document.price <= high


def whole(alternative: lexicon.Alternative) -> frozenset[str]:
    return frozenset(token for token, _ in alternative.asked)


def facet_groups(planned: Plan, request: SearchRequest) -> Iterator[frozenset[str]]:
    for chosen in (planned.filters, request.filters):
        for name, values in chosen.items():
            yield frozenset(f"{name}={value}" for value in values)


def running(phrase: Sequence[str]) -> str:
    """As it stands in a document's running tokens."""
    return f" {' '.join(phrase)} "


def written(planned: Plan, request: SearchRequest) -> dict[str, Any]:
    """The demand as it is kept; what it does not ask is left out."""
    price = request.price
    said = {
        "concepts": [
            sorted({tuple(sorted(whole(one))) for one in concept.alternatives})
            for concept in planned.concepts
        ],
        "phrases": [running(phrase) for phrase in planned.phrases],
        "without": list(planned.without),
        "without_phrases": [running(phrase) for phrase in planned.without_phrases],
        "apart": [
            *(f"{name}={v}" for name, vs in planned.apart.items() for v in vs),
            *(f"number={number}" for number in planned.without_numbers),
        ],
        "numbers": list(planned.numbers),
        "facets": [sorted(group) for group in facet_groups(planned, request)],
        "price": [price.currency, price.least, price.most] if price else None,
    }
    return {name: value for name, value in said.items() if value}


def read(kept: Mapping[str, Any]) -> Demand:
    price = kept.get("price")
    return Demand(
        concepts=tuple(
            AnyOf(
                frozenset(one[0] for one in ways if len(one) == 1),
                tuple(frozenset(one) for one in ways if len(one) != 1),
            )
            for ways in kept.get("concepts", ())
        ),
        phrases=tuple(kept.get("phrases", ())),
        without=frozenset(kept.get("without", ())),
        without_phrases=tuple(kept.get("without_phrases", ())),
        apart=frozenset(kept.get("apart", ())),
        numbers=frozenset(kept.get("numbers", ())),
        facets=tuple(map(frozenset, kept.get("facets", ()))),
        price=Price(*price) if price else None,
    )
