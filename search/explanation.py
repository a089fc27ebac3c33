"""Why a result ranks: which words, by which way, which classes and fields.

Computed from the plan and from the document as everybody may see it, by the formula of ranking.py,
so it is the same whichever engine served, and can name nothing that the index does not hold for
all. It is asked for page by page, never for all that is found.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from .document import Document, class_token
from .embedded import average, having, idf, rarity, where_they_stand, with_similar
from .lexicon import Alternative
from .listings import document_of_listing, listings_to_index
from .models import Generation
from .plan import Concept, Plan
from .ranking import BM25_B, BM25_K1, NUMBER_BOOST, PHRASE_BOOST, WEIGHTS
from .request import Match, SearchRequest, SearchResult
from .text import APPLICANT, IS_HAN, RUN, grains, latin, normal, tokens

MOST = 8  # grounds of a result, the weightiest
NAMED = 5  # words of a class, or classes, in one ground
Kind = Literal[
    "word", "translation", "synonym", "similar", "prefix", "phrase", "number", "class",
    "candidates", "own", "signs", "meaning",
]  # fmt: skip


@dataclass(frozen=True)
class Ground:
    """One thing that speaks for a result. `asked` is how the query says it, `found` how the result
    does (Chinese in Simplified); `fields` are where, `share` its part of the score, from 0 to 1.
    Of `class`, `asked` is the class that the query names and `found` its words; of `candidates`
    and `own`, `found` are symbols; of `signs`, nothing is named; of `meaning`, `asked` is the
    place."""

    kind: Kind
    asked: str = ""
    found: Sequence[str] = ()
    fields: Sequence[str] = ()
    share: float = 0.0


@dataclass(frozen=True)
class Reading:
    """A document's public words, and where they stand."""

    document: Document

    @cached_property
    def texts(self) -> Mapping[str, str]:
        document = self.document
        found = {name: normal("\n".join(texts)) for name, texts in document.texts.items() if texts}
        return {**found, "claims": normal(document.claims)} if document.claims else found

    @cached_property
    def written(self) -> Mapping[str, str]:
        """Each stem as the document first writes it."""
        return first_writing(self.texts.values())

    @cached_property
    def stems(self) -> Mapping[str, frozenset[str]]:
        """The stems of each field."""
        return {name: frozenset(first_writing([text])) for name, text in self.texts.items()}

    def fields_with(self, word: str) -> tuple[str, ...]:
        """Where a Chinese word, or a stem, stands."""
        if IS_HAN.match(word):
            return tuple(name for name, text in self.texts.items() if word in text)
        return tuple(name for name, stems in self.stems.items() if word in stems)


def first_writing(texts: Iterable[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for text in texts:
        for run in RUN.findall(text):
            if not IS_HAN.match(run):
                for stem in latin(run):
                    found.setdefault(stem, run)
    return found


@dataclass
class Sum:
    """Grounds of one kind and place, added up."""

    worth: float = 0.0
    found: Counter[str] = field(default_factory=Counter)
    fields: dict[str, None] = field(default_factory=dict)


@dataclass(frozen=True)
class Explainer:
    """Explains results of one query. `standing` says of each result which of the words it has, how
    often, and how long it is where they stand, as the index counts."""

    text: str
    plan: Plan
    counts: Mapping[str, int]
    lengths: Mapping[str, Sequence[float]]
    standing: Mapping[str, Mapping[str, tuple[float, float]]]

    @cached_property
    def said(self) -> Mapping[str, str]:
        return first_writing([normal(self.text)])

    def grounds(self, document: Document) -> list[Ground]:
        """The weightiest first."""
        reading = Reading(document)
        sums: dict[tuple[Kind, str], Sum] = defaultdict(Sum)
        words = self.stretches(reading)
        for concept in (*self.plan.concepts, *self.plan.lifts):
            for alternative, worth in self.worths(concept, document):
                kind, asked, found, fields = self.named(concept, alternative, reading, words)
                one = sums[kind, asked]
                one.worth += worth
                one.found.update(dict.fromkeys(found, worth))
                one.fields |= dict.fromkeys(fields)
        for phrase in self.plan.phrases:
            spoken = [token.removeprefix(APPLICANT) for token in phrase]
            sums["phrase", " ".join(self.said.get(t, t) for t in spoken)].worth += PHRASE_BOOST
        if self.plan.number and self.plan.number in document.numbers:
            sums["number", self.plan.number].worth += NUMBER_BOOST
        whole = sum(one.worth for one in sums.values()) or 1.0
        ordered = sorted(sums.items(), key=lambda item: (item[0][0] == "signs", -item[1].worth))
        return [
            Ground(
                kind,
                asked,
                longest([word for word, _ in one.found.most_common()])[:NAMED],
                [name for name in (*document.texts, "claims") if name in one.fields],
                round(one.worth / whole, 4),
            )
            for (kind, asked), one in ordered[:MOST]
        ]

    def worths(self, concept: Concept, document: Document) -> Iterator[tuple[Alternative, float]]:
        """What each alternative that is found gives of the concept's score."""
        each = [(a, self.score(concept, a, document)) for a in concept.alternatives]
        found = [(a, worth) for a, worth in each if worth > 0]
        if not found:
            return
        total = sum(worth for _, worth in found)
        whole = WEIGHTS.tie * total + (1 - WEIGHTS.tie) * max(worth for _, worth in found)
        for alternative, worth in found:
            yield alternative, whole * worth / total

    def score(self, concept: Concept, alternative: Alternative, document: Document) -> float:
        found = 0.0
        for token, weight in alternative.asked:
            often, length = self.standing.get(document.id, {}).get(token, (0.0, 0.0))
            if often and token in self.counts:
                longer = length / average(self.lengths, token)
                slow = BM25_K1 * (1 - BM25_B + BM25_B * longer)
                rare = idf(self.counts[token], having(self.lengths, token))
                found += weight * rare * often * (BM25_K1 + 1) / (often + slow)
        return concept.weight * found

    def named(
        self, concept: Concept, one: Alternative, reading: Reading, words: Mapping[str, str]
    ) -> tuple[Kind, str, Sequence[str], Sequence[str]]:
        """The ground that an alternative belongs to: kind, how it is asked, found, and where."""
        nothing: tuple[Kind, str, Sequence[str], Sequence[str]] = ("signs", "", (), ())
        if one.origin in ("candidates", "own"):
            symbols = {class_token(s): s for s in reading.document.facets.get("ipc", ())}
            return one.origin, "", [symbols[one.token]] if one.token in symbols else (), ()
        if one.origin == "word" and IS_HAN.match(one.token):
            word = words.get(one.token, "")
            return ("word", word, [word], reading.fields_with(word)) if word else nothing
        fields = reading.fields_with(one.token)
        if not fields:
            if one.origin != "synonym" and one.origin != "class":
                return nothing
            stems = tokens(one.token) if one.origin == "synonym" else []
            fields = tuple(dict.fromkeys(f for stem in stems for f in reading.fields_with(stem)))
        found = reading.written.get(one.token, one.token)
        if one.origin == "class":
            symbol = self.plan.named.symbol if self.plan.named else ""
            shown = [found] if fields and len(found) > 1 else []
            return "class", symbol, shown, fields if shown else ()
        asked = one.stands_for or self.said.get(concept.source, concept.source)
        return one.origin, asked, [found], fields

    def stretches(self, reading: Reading) -> Mapping[str, str]:
        """Chinese tokens of the query, each with the longest stretch of the query around it that
        stands in the document as it is."""
        asked = {c.source for c in self.plan.concepts if c.said and IS_HAN.match(c.source)}
        found: dict[str, str] = {}
        whole = "\n".join(reading.texts.values())
        for run in RUN.findall(normal(self.text)):
            if not IS_HAN.match(run):
                continue
            for word in shared(run, asked, whole):
                for token in (*tokens(word), *grains(word)):
                    found.setdefault(token, word)
        return found


def shared(run: str, asked: set[str], whole: str) -> Iterator[str]:
    """The stretches of a run that stand in the whole, of pairs that are asked for."""
    start = 0
    while start + 1 < len(run):
        end = start
        while end + 1 < len(run) and run[end : end + 2] in asked and run[start : end + 2] in whole:
            end += 1
        if end > start:
            yield run[start : end + 1]
        start = max(end, start + 1)


def longest(words: Sequence[str]) -> list[str]:
    """Those that are no part of another."""
    return [word for word in words if not any(word in o and word != o for o in words)]


def explained(result: SearchResult, request: SearchRequest) -> dict[str, list[Ground]]:
    """The grounds of each hit of a search of listings that is still public, in a fixed number of
    statements."""
    ids = [hit.id for hit in result.hits]
    found = explainer("listing", request.text, result.plan, ids, request.match)
    if found is None:
        return {}
    rows = listings_to_index().filter(pk__in=ids)
    near = {hit.id: hit.nearest for hit in result.hits}
    grounds = {str(row.pk): found.grounds(document_of_listing(row, card=False)) for row in rows}
    return {id: [*meaning(near[id]), *told] for id, told in grounds.items()}


def meaning(place: int) -> list[Ground]:
    """Of a place by meaning there is no share: places are fused, not scores."""
    return [Ground("meaning", asked=str(place))] if place else []


def explainer(
    kind: str, text: str, plan: Plan | None, ids: Sequence[str], match: Match = "best"
) -> Explainer | None:
    """Of these results of the live index of `kind`; None where nothing was asked or found."""
    generation = Generation.objects.filter(kind=kind, live=True).first()
    if generation is None or plan is None or not ids:
        return None
    if match == "fuzzy":
        plan = with_similar(generation, plan)
    asked = sorted(
        {
            token
            for concept in (*plan.concepts, *plan.lifts)
            for alternative in concept.alternatives
            for token, _ in alternative.asked
        }
    )
    standing = where_they_stand(generation, asked, ids)
    return Explainer(text, plan, rarity(generation, asked), generation.lengths, standing)
