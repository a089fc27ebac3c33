"""Measures of a ranking beside judgments, their bootstrap intervals, and the split of queries."""

from __future__ import annotations

import math
import random
import statistics
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

DEPTH = 100
RESAMPLES = 1000


def ndcg10(ranking: Sequence[str], relevant: Mapping[str, int]) -> float:
    """Normalised discounted cumulative gain of the first ten, from 0 to 1. Gains are linear."""

    def dcg(grades: Iterable[int]) -> float:
        return sum(grade / math.log2(n + 1) for n, grade in enumerate(grades, 1))

    best = dcg(sorted(relevant.values(), reverse=True)[:10])
    return dcg(relevant.get(id, 0) for id in ranking[:10]) / best if best else 0.0


@dataclass
class Scores:
    """The figures of each query; `of()` gives the means, `intervals()` how sure they are."""

    ndcg10: list[float] = field(default_factory=list)
    mrr10: list[float] = field(default_factory=list)
    r100: list[float] = field(default_factory=list)

    def add(self, ranking: Sequence[str], relevant: Mapping[str, int]) -> None:
        self.ndcg10.append(ndcg10(ranking, relevant))
        self.mrr10.append(
            next((1 / n for n, id in enumerate(ranking[:10], 1) if relevant.get(id, 0) > 0), 0.0)
        )
        wanted = {id for id, grade in relevant.items() if grade > 0}
        self.r100.append(len(wanted & set(ranking[:DEPTH])) / len(wanted) if wanted else 0.0)

    def of(self) -> dict[str, float]:
        return {
            name: round(statistics.fmean(values), 4) if values else 0.0
            for name, values in self.__dict__.items()
        }

    def intervals(self) -> dict[str, list[float]]:
        """95 % of the means of so many resamples of the queries lie between these two; the same
        queries give the same interval."""
        found = {}
        for name, values in self.__dict__.items():
            dice = random.Random(0)  # noqa: S311 - figures, not secrets
            means = sorted(
                statistics.fmean(dice.choices(values, k=len(values))) for _ in range(RESAMPLES)
            )
            low, high = means[round(0.025 * RESAMPLES)], means[round(0.975 * RESAMPLES) - 1]
            found[name] = [round(low, 4), round(high, 4)]
        return found

    def figures(self) -> dict[str, Any]:
        return {"queries": len(self.ndcg10), **self.of(), "intervals": self.intervals()}


def f1(pairs: Iterable[tuple[Sequence[str], Sequence[str]]]) -> float:
    """Micro-F1 of what was said beside what is so."""
    found = said = true = 0
    for ours, theirs in pairs:
        found += len(set(ours) & set(theirs))
        said += len(ours)
        true += len(theirs)
    return 2 * found / (said + true) if said + true else 0.0


def is_training(query_id: str) -> bool:
    """Whether weights may be tuned on the query: half of them, by the CRC-32 of what follows the
    last hyphen of its id. There stands the patent or the class that is asked for, so that what one
    need is asked for in three languages, or in several sets, falls on one side."""
    return zlib.crc32(query_id.rpartition("-")[2].encode()) % 2 == 0
