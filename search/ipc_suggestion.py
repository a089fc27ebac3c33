"""Which classes a text may belong to, told by a linear model of its words.

The table is search/data/ipc-model-1.tsv.gz, made by `manage.py ipc_suggester build` and described
in search/data/README.md; it is read once a process, and a row is parsed only when its word stands
in a text.
"""

from __future__ import annotations

import gzip
import json
import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from .request import SearchRequest, checked
from .text import grains, tokens

FILE = Path(__file__).parent / "data" / "ipc-model-1.tsv.gz"
MOST = 3  # subclasses of a text


def features(text: str) -> dict[str, float]:
    """Tokens and grains, each worth the more the oftener it stands there, but less each time."""
    counted = Counter([*tokens(text), *grains(text)])
    return {token: 1 + math.log(times) for token, times in counted.items()}


@dataclass(frozen=True)
class Model:
    """A score of a subclass is its base and the sum of the weights of the text's words by idf, at
    length 1; a logistic curve, of the score and of how far it is behind the best one's, makes a
    probability of it. From `say_from` on, a text is said to be in the subclass. A row is a word's
    idf, then a subclass and its weight in turn."""

    rows: Mapping[str, str]
    base: Mapping[str, float]
    slope: float
    behind: float
    intercept: float
    say_from: float

    def scores(self, text: str) -> dict[str, float]:
        known = [(self.rows[t].split("\t"), n) for t, n in features(text).items() if t in self.rows]
        length = math.sqrt(sum((n * float(cells[0])) ** 2 for cells, n in known)) or 1.0
        found: defaultdict[str, float] = defaultdict(float)
        for cells, times in known:
            worth = times * float(cells[0]) / length
            for subclass, weight in zip(cells[1::2], cells[2::2], strict=True):
                found[subclass] += worth * float(weight)
        return {one: score + self.base.get(one, 0.0) for one, score in found.items() if score > 0}

    def ranked(self, text: str) -> list[tuple[str, float]]:
        """Subclasses with how likely the text is in each, the likeliest first."""
        scores = self.scores(text)
        best = max(scores.values(), default=0.0)
        odds = {
            one: self.slope * score + self.behind * (best - score) + self.intercept
            for one, score in scores.items()
        }
        each = [(one, round(1 / (1 + math.exp(-n)), 4)) for one, n in odds.items()]
        return sorted(each, key=lambda item: (-item[1], item[0]))

    def chosen(self, text: str) -> list[tuple[str, float]]:
        """The likeliest one, and others that are likely enough; none where no word is known."""
        return likely(self.ranked(text), self.say_from)


def likely(ranked: Sequence[tuple[str, float]], say_from: float) -> list[tuple[str, float]]:
    return [*ranked[:1], *(one for one in ranked[1:MOST] if one[1] >= say_from)]


def parsed(lines: Sequence[str]) -> Model:
    about = json.loads(lines[0].removeprefix("# "))
    rows = dict(line.split("\t", 1) for line in lines[1:])
    curve = (about[name] for name in ("slope", "behind", "intercept", "say_from"))
    return Model(rows, about["base"], *curve)


@cache
def model() -> Model:
    return parsed(gzip.decompress(FILE.read_bytes()).decode().splitlines())


def suggest_ipc(text: str) -> list[tuple[str, float]]:
    """Subclasses for the text of a need or a listing, each with how likely it is. Faults as of a
    search."""
    return model().chosen(checked(SearchRequest(text=text)).text)
