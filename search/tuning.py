"""Judged sets in memory, ranked as the engines rank, so that weights can be tried by the thousand.

Needs numpy, which is there for development only.
"""

from __future__ import annotations

import statistics
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from . import abroad, bridge, coverage, fusion
from .document import Document
from .evaluation import Judged, read_corpus
from .measures import DEPTH, Scores, is_training
from .plan import Concept, Plan, plan
from .ranking import BM25_B, BM25_K1, Weights
from .rarity import average, having, idf
from .request import Hit
from .text import field_of

Floats = np.ndarray[Any, np.dtype[np.float64]]
Places = np.ndarray[Any, np.dtype[np.int64]]


@dataclass
class Corpus:
    """An inverted index in memory: of each token where it stands, and what BM25 makes of how often
    it stands there."""

    ids: list[str] = field(default_factory=list)
    classes: list[list[str]] = field(default_factory=list)
    lengths: dict[str, list[float]] = field(default_factory=dict)
    postings: dict[str, tuple[Places, Floats]] = field(default_factory=dict)

    def telling(self, tokens: Sequence[str]) -> dict[str, float]:
        return {
            t: idf(len(self.postings[t][0]), having(self.lengths, t))
            for t in tokens
            if t in self.postings
        }

    def scores(self, concepts: Sequence[Concept], weights: Weights) -> Floats:
        total = np.zeros(len(self.ids))
        for concept in concepts:
            found = [one for a in concept.alternatives if (one := self.alternative(a.asked))]
            if len(found) == 1:
                places, values = found[0]
                total[places] += concept.weight * values
            elif found:
                places = np.concatenate([one[0] for one in found])
                values = np.concatenate([one[1] for one in found])
                best, every = np.zeros(len(self.ids)), np.zeros(len(self.ids))
                np.maximum.at(best, places, values)
                np.add.at(every, places, values)
                total += concept.weight * (weights.tie * every + (1 - weights.tie) * best)
        return total

    def covered(self, concepts: Sequence[Concept], weights: Weights) -> Floats | float:
        """What of its score each document has, by how much it says of what is asked."""
        if not coverage.counts(concepts):
            return 1.0
        said = np.zeros(len(self.ids))
        for concept in concepts:
            if concept.share:
                here = np.zeros(len(self.ids), dtype=bool)
                for one in coverage.ways(concept):
                    here |= self.having([token for token, _ in one.asked])
                said += concept.share * here
        return 1 - weights.coverage + weights.coverage * np.minimum(said, 1.0)

    def having(self, tokens: Sequence[str]) -> Any:
        """Which documents have all of these tokens."""
        found = np.zeros(len(self.ids), dtype=int)
        for token in tokens:
            if token in self.postings:
                found[self.postings[token][0]] += 1
        return found == len(tokens)

    def alternative(self, asked: Sequence[tuple[str, float]]) -> tuple[Places, Floats] | None:
        known = [
            (self.postings[t], w * idf(len(self.postings[t][0]), having(self.lengths, t)))
            for t, w in asked
            if t in self.postings
        ]
        if not known:
            return None
        if len(known) == 1:
            (places, values), weight = known[0]
            return places, values * weight
        places = np.concatenate([one[0] for one, _ in known])
        values = np.concatenate([one[1] * weight for one, weight in known])
        own, back = np.unique(places, return_inverse=True)
        return own, np.bincount(back, values).astype(np.float64)


def read(documents: Iterator[Document]) -> Corpus:
    corpus = Corpus()
    raw: defaultdict[str, list[tuple[int, float]]] = defaultdict(list)
    longs: list[Mapping[str, float]] = []
    totals: defaultdict[str, list[float]] = defaultdict(lambda: [0, 0.0])
    for number, document in enumerate(documents):
        corpus.ids.append(document.id)
        corpus.classes.append(document.classes)
        longs.append(document.lengths)
        for name, length in document.lengths.items():
            totals[name][0] += 1
            totals[name][1] += length
        for token, often in document.frequencies.items():
            raw[token].append((number, often))
    corpus.lengths = dict(totals)
    by_field = {name: np.array([float(one.get(name, 0.0)) for one in longs]) for name in totals}
    for token, found in raw.items():
        places = np.array([n for n, _ in found], dtype=np.int64)
        times = np.array([n for _, n in found], dtype=np.float64)
        longer = by_field[field_of(token)][places] / average(corpus.lengths, token)
        values = times * (BM25_K1 + 1) / (times + BM25_K1 * (1 - BM25_B + BM25_B * longer))
        corpus.postings[token] = (places, values)
    return corpus


def ranked(corpus: Corpus, text: str, own: str | None, weights: Weights) -> list[str]:
    """As search_in ranks a text."""
    planned = plan(text, corpus.telling, weights=weights)
    hits = bridged(corpus, planned, own, weights, max(DEPTH, fusion.WINDOW))
    if abroad.is_long(planned) and (other := abroad.translated(planned)).concepts:
        near = bridged(corpus, other, own, weights, fusion.NEAREST)
        exchange = abroad.Exchange.of(planned, other, corpus.telling, weights)
        scores = exchange.kept(hits, near)
        return sorted(scores, key=lambda id: (scores[id], id), reverse=True)[:DEPTH]
    return [hit.id for hit in hits[:DEPTH]]


def bridged(
    corpus: Corpus, planned: Plan, own: str | None, weights: Weights, count: int
) -> list[Hit]:
    """As engine.bridged asks, and searches then."""
    asked = corpus.scores(planned.concepts, weights) * corpus.covered(planned.concepts, weights)
    found = asked > 0
    if own is not None and own in corpus.ids:
        found[corpus.ids.index(own)] = False
    first = with_lifts(corpus, planned, asked, weights)
    if "classes" in corpus.lengths:
        best = hits_of(corpus, first, found, weights.candidates)
        planned = bridge.lifted(planned, best, (), corpus.telling, weights)
        first = with_lifts(corpus, planned, asked, weights)
    return hits_of(corpus, first, found, count)


def hits_of(corpus: Corpus, scores: Floats, found: Any, count: int) -> list[Hit]:
    return [
        Hit(corpus.ids[n], round(float(scores[n]), 6), {}, "", corpus.classes[n])
        for n in top(corpus, scores, found, count)
    ]


def with_lifts(corpus: Corpus, planned: Plan, asked: Floats, weights: Weights) -> Floats:
    return asked + corpus.scores(planned.lifts, weights) if planned.lifts else asked


def top(corpus: Corpus, scores: Floats, found: Any, count: int) -> list[int]:
    """The best of what is found; ties by id, downwards, as the engines have it."""
    places = np.flatnonzero(found)
    if len(places) > count * 2:
        places = places[np.argpartition(-scores[places], count * 2)[: count * 2]]
    own: list[int] = places.tolist()
    own.sort(key=lambda n: (round(float(scores[n]), 6), corpus.ids[n]), reverse=True)
    return own[:count]


# What each weight is tried at beside what it is: these multiples of it.
STEPS = (0.5, 0.75, 1.33, 2.0)
LEAST_GAIN = 0.0005  # of the objective; less is chance
INSTEAD = ("zh-Hant",)  # asked in Simplified too, which is the same to search


@dataclass(frozen=True)
class Half:
    """The queries of each set that one half of the split has: of those to train on at most so many,
    spread evenly, each with what is relevant to it."""

    queries: Mapping[str, Sequence[tuple[str, str | None, Mapping[str, int]]]]

    @classmethod
    def of(cls, sets: Sequence[Judged], *, training: bool, most: int = 10**6) -> Half:
        found = {}
        for judged in sets:
            chosen = [
                (str(q["text"]), q.get("self"), judged.relevant.get(q["_id"], {}))
                for q in judged.queries
                if is_training(q["_id"]) is training and q.get("lang") not in INSTEAD
            ]
            step = max(1.0, len(chosen) / most)
            if chosen:
                found[judged.name] = [chosen[int(n * step)] for n in range(min(most, len(chosen)))]
        return cls(found)

    def figures(self, known: Mapping[str, Corpus], weights: Weights) -> dict[str, dict[str, float]]:
        """nDCG@10, MRR@10 and R@100 of each set."""
        found = {}
        for name, queries in self.queries.items():
            scores = Scores()
            for text, own, relevant in queries:
                scores.add(ranked(known[name], text, own, weights), relevant)
            found[name] = scores.of()
        return found


def objective(figures: Mapping[str, Mapping[str, float]]) -> float:
    """The mean over sets of nDCG@10 and R@100 alike: the first page, and what a need's list of
    candidates holds at all."""
    return statistics.fmean((one["ndcg10"] + one["r100"]) / 2 for one in figures.values())


def tuned(
    known: Mapping[str, Corpus],
    half: Half,
    start: Weights,
    passes: int,
    say: Callable[[str], None],
    names: Sequence[str],
) -> Weights:
    """The weights that do best on the half, found by changing one at a time: those of the names, or
    all."""
    weights, best = start, objective(half.figures(known, start))
    say(f"start: {best:.4f}")
    for _ in range(passes):
        before = best
        for name, value in asdict(weights).items():
            if names and name not in names:
                continue
            for step in STEPS:
                new = Weights(**{**asdict(weights), name: tried(value, step)})
                got = objective(half.figures(known, new)) if new != weights else best
                if got - best >= LEAST_GAIN:
                    say(f"{name} {value:g} -> {getattr(new, name):g}: {got:.4f}")
                    weights, best = new, got
        if best - before < LEAST_GAIN:
            break
    return weights


def tried(value: float, step: float) -> float:
    return max(1, round(value * step)) if isinstance(value, int) else round(value * step, 4)


def corpora(sets: Sequence[Judged], data: Path) -> dict[str, Corpus]:
    """The corpus of each set, by the set's name; read once where sets share it."""
    known: dict[str, Corpus] = {}
    found = {}
    for judged in sets:
        key = f"{judged.corpus} {judged.classified}"
        if key not in known:
            known[key] = read(read_corpus(judged.corpus, data, judged.classified))
        found[judged.name] = known[key]
    return found
