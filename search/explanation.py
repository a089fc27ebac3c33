"""Why a result ranks: which words, by which way, which classes and fields.

Computed from the plan and from the document as everybody may see it, by the formula of ranking.py,
so it is the same whichever engine served, and can name nothing that the index does not hold for
all. It is asked for page by page, never for all that is found.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Literal

from . import coverage
from .corrections import with_similar
from .document import Document
from .lexicon import Alternative, chance
from .phrases import spoken, written
from .plan import Concept, Plan
from .ranking import BM25_B, BM25_K1, NUMBER_BOOST, PHRASE_BOOST, WEIGHTS
from .rarity import Counts, average, having, idf
from .reading import Reading, first_writing, readings
from .request import Match, SearchRequest, SearchResult, checked
from .text import APPLICANT, IS_HAN, RUN, Field, field_of, grains, normal, tokens

MOST = 8  # grounds of a result, the weightiest
NAMED = 5  # words of a class, or classes, in one ground
Kind = Literal[
    "word", "translation", "synonym", "similar", "prefix", "phrase", "number", "class",
    "candidates", "own", "signs", "meaning", "filter", "without",
]  # fmt: skip


@dataclass(frozen=True)
class Ground:
    """One thing that speaks for a result. `asked` is how the query says it, `found` how the result
    does (Chinese in Simplified); `fields` are where, `share` its part of the score, from 0 to 1.
    Of `class`, `asked` is the class that the query names and `found` its words; of `candidates`
    and `own`, `found` are symbols; of `signs`, nothing is named; of `meaning`, `asked` is the
    place; of `filter`, `asked` is its name and `found` its values; `without` stands where the query
    only says what must not be there."""

    kind: Kind
    asked: str = ""
    found: Sequence[str] = ()
    fields: Sequence[str] = ()
    share: float = 0.0


@dataclass
class Sum:
    """Grounds of one kind and place, added up."""

    worth: float = 0.0
    found: dict[str, float] = field(default_factory=dict)
    fields: dict[str, None] = field(default_factory=dict)


@dataclass(frozen=True)
class Explainer:
    """Explains results of one query, by how rare its tokens are in the index."""

    text: str
    plan: Plan
    counts: Counts

    @cached_property
    def said(self) -> Mapping[str, str]:
        return first_writing(normal(self.text))

    @cached_property
    def concepts(self) -> Sequence[Concept]:
        return [*self.plan.concepts, *self.plan.lifts]

    @cached_property
    def asking(self) -> Mapping[tuple[str, Field, float], Sequence[tuple[int, int, float]]]:
        """By token, its field and how long that is on average: which alternatives of which concepts
        ask for it, and by how much."""
        found: defaultdict[tuple[str, Field, float], list[tuple[int, int, float]]]
        found = defaultdict(list)
        known = self.counts.of(
            token for c in self.concepts for a in c.alternatives for token, _ in a.asked
        )
        lengths = self.counts.lengths
        for i, concept in enumerate(self.concepts):
            for j, alternative in enumerate(concept.alternatives):
                for token, weight in alternative.asked:
                    if count := known[token]:
                        rare = concept.weight * weight * idf(count, having(lengths, token))
                        key = (token, field_of(token), average(lengths, token))
                        found[key].append((i, j, rare))
        return found

    @cached_property
    def runs(self) -> Sequence[str]:
        """Of Chinese."""
        return [run for run in RUN.findall(normal(self.text)) if IS_HAN.match(run)]

    @cached_property
    def pairs(self) -> set[str]:
        asked = {c.source for c in self.plan.concepts if c.said}
        return {token for token in (*asked, *spoken(self.plan.phrases)) if IS_HAN.match(token)}

    def grounds(self, reading: Reading) -> list[Ground]:
        """The weightiest first."""
        document = reading.document
        sums: dict[tuple[Kind, str], Sum] = defaultdict(Sum)
        words = self.stretches(reading)
        for concept, alternative, worth in self.worths(reading):
            kind, asked, found, fields = self.named(concept, alternative, reading, words)
            one = sums[kind, asked]
            one.worth += worth
            for word in found:
                one.found[word] = one.found.get(word, 0.0) + worth
            one.fields |= dict.fromkeys(fields)
        for phrase in self.plan.phrases:
            asked = written(phrase, self.said)
            by_name = phrase[0].startswith(APPLICANT)
            one = sums["word" if by_name else "phrase", asked]
            one.worth += PHRASE_BOOST
            if by_name:
                one.found[asked] = one.found.get(asked, 0.0) + PHRASE_BOOST
                one.fields["applicants"] = None
        if has := [number for number in self.plan.numbers if number in document.numbers]:
            sums["number", has[0]].worth += NUMBER_BOOST
        whole = sum(one.worth for one in sums.values()) or 1.0
        ordered = sorted(sums.items(), key=lambda item: (item[0][0] == "signs", -item[1].worth))
        return [
            Ground(
                kind,
                asked,
                longest(sorted(one.found, key=lambda word: -one.found[word]))[:NAMED],
                [name for name in (*document.texts, "claims") if name in one.fields],
                round(one.worth / whole, 4),
            )
            for (kind, asked), one in ordered[:MOST]
        ]

    def worths(self, reading: Reading) -> Iterator[tuple[Concept, Alternative, float]]:
        """What each alternative that is found gives of its concept's score."""
        given: defaultdict[int, defaultdict[int, float]] = defaultdict(lambda: defaultdict(float))
        for (token, of_field, usual), asking in self.asking.items():
            if often := reading.frequencies.get(token):
                longer = reading.lengths[of_field] / usual
                slow = BM25_K1 * (1 - BM25_B + BM25_B * longer)
                for i, j, rare in asking:
                    given[i][j] += rare * often * (BM25_K1 + 1) / (often + slow)
        covered = self.covered(reading)
        for i in sorted(given):
            concept, found = self.concepts[i], given[i]
            total = sum(found.values())
            counts = covered if i < len(self.plan.concepts) else 1.0
            whole = counts * (WEIGHTS.tie * total + (1 - WEIGHTS.tie) * max(found.values()))
            for j in sorted(found):
                if found[j] > 0:
                    yield concept, concept.alternatives[j], whole * found[j] / total

    @cached_property
    def saying(self) -> Sequence[tuple[float, Sequence[Sequence[str]]]]:
        """The share of each concept that has one, and the tokens of each way to say it."""
        return [
            (one.share, [[token for token, _ in way.asked] for way in coverage.ways(one)])
            for one in self.plan.concepts
            if one.share
        ]

    def covered(self, reading: Reading) -> float:
        """What counts of the score by words, by how much of the query the document says."""
        if not self.saying:
            return 1.0
        has = reading.frequencies
        said = sum(
            share
            for share, ways in self.saying
            if any(all(token in has for token in way) for way in ways)
        )
        return 1 - WEIGHTS.coverage + WEIGHTS.coverage * min(said, 1.0)

    def named(
        self, concept: Concept, one: Alternative, reading: Reading, words: Mapping[str, str]
    ) -> tuple[Kind, str, Sequence[str], Sequence[str]]:
        """The ground that an alternative belongs to: kind, how it is asked, found, and where."""
        nothing: tuple[Kind, str, Sequence[str], Sequence[str]] = ("signs", "", (), ())
        if one.origin in ("candidates", "own"):
            symbol = reading.symbols.get(one.token)
            return one.origin, "", [symbol] if symbol else (), ()
        if one.origin == "word" and IS_HAN.match(one.token):
            word = words.get(one.token, "")
            return ("word", word, [word], reading.fields_with(word)) if word else nothing
        fields, found = reading.fields_with(one.token), reading.written(one.token)
        if not fields:
            if one.origin not in ("synonym", "class", "translation"):
                return nothing
            stems = tokens(one.token) if one.origin == "synonym" else one.token.split()
            fields = tuple(dict.fromkeys(f for stem in stems for f in reading.fields_with(stem)))
            if one.origin == "translation":  # of two words, those that are there
                found = " ".join(reading.written(s) for s in stems if s in reading.stems)
            if not found:
                return nothing
        if one.origin == "class":
            symbol = self.plan.named.symbol if self.plan.named else ""
            # Most pairs of signs are no words, but ends of two.
            is_word = len(found) > 1 and not (IS_HAN.match(found) and chance(found) is None)
            shown = [found] if fields and is_word else []
            return "class", symbol, shown, fields if shown else ()
        if one.origin == "translation" and one.stands_for:
            meant = coverage.meant_alone(one) or one.stands_for
            asked = " ".join(self.said.get(stem, stem) for stem in meant.split())
        else:
            asked = one.stands_for or self.said.get(concept.source, concept.source)
        return one.origin, asked, [found], fields

    def stretches(self, reading: Reading) -> Mapping[str, str]:
        """Chinese tokens of the query, each with the longest stretch of the query around it that
        stands in the document as it is."""
        found: dict[str, str] = {}
        for run in self.runs:
            for word in shared(run, self.pairs, reading.whole):
                for token in tokens_of(word):
                    found.setdefault(token, word)
        return found


@lru_cache(maxsize=10_000)
def tokens_of(word: str) -> tuple[str, ...]:
    return (*tokens(word), *grains(word))


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


def explained(
    result: SearchResult, request: SearchRequest, public: Mapping[str, int]
) -> dict[str, list[Ground]]:
    """The grounds of each hit of a search of listings that is still `public`, by id with its
    revision."""
    found = explainer(request.text, result.plan, request.match)
    hits = {hit.id: hit for hit in result.hits if hit.id in public}
    if found is None or not hits:
        return {}
    narrow = checked(request)
    return {
        id: [
            *meaning(hits[id].nearest),
            *found.grounds(reading),
            *narrowed(found.plan, narrow, reading.document),
        ]
        or left(found.plan)
        for id, reading in readings(
            found.counts.generation, {id: (public[id], hits[id].checksum) for id in hits}
        ).items()
    }


def narrowed(plan: Plan, request: SearchRequest, document: Document) -> list[Ground]:
    """The filters that let the document through, whether typed or chosen: of their values those
    that it has."""
    asked: defaultdict[str, list[str]] = defaultdict(list)
    for filters in (plan.filters, request.filters):
        for name, values in filters.items():
            has = document.facets.get(name, ())
            asked[name] += [v for v in values if v in has and v not in asked[name]]
    found = [Ground("filter", name, values) for name, values in asked.items() if values]
    return [*found, Ground("filter", "price")] if request.price else found


def left(plan: Plan) -> list[Ground]:
    """Of a query that only says what must not be there."""
    out = (plan.without, plan.without_phrases, plan.without_numbers, plan.apart)
    return [Ground("without")] if any(out) else []


def meaning(place: int) -> list[Ground]:
    """Of a place by meaning there is no share: places are fused, not scores."""
    return [Ground("meaning", asked=str(place))] if place else []


def explainer(text: str, plan: Plan | None, match: Match = "best") -> Explainer | None:
    """Of what was planned and found in an index; None where there is none."""
    if plan is None or plan.counts is None:
        return None
    counts = plan.counts
    if match == "fuzzy":
        plan = with_similar(counts.generation, plan)
    return Explainer(text, plan, counts)
