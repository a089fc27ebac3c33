"""What the classification knows of a query.

Who asks by the title of a class, or nearly so, asks for the class: the words of all titles below
it, in both languages, lift what is found. The table is search/data/ipc-words-1.tsv.gz, made by
`manage.py lexicon classes` and described in search/data/README.md; it is read once a process.
"""

from __future__ import annotations

import gzip
import math
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from .text import tokens

FILE = Path(__file__).parent / "data" / "ipc-words-1.tsv.gz"
LONGEST = 600  # characters; no title of a class is longer


@dataclass(frozen=True)
class Named:
    """The class that a text names: how like its title the text is, from 0 to 1 (the cosine of
    their tokens by idf), and the words of the class, whose weights sum to 1 in each language."""

    symbol: str
    likeness: float
    words: Sequence[tuple[str, float]]


@dataclass(frozen=True)
class Titles:
    """An inverted index of the titles: for each token the rows, each with its share of one."""

    rows: Sequence[tuple[str, str]]
    idf: dict[str, float]
    postings: dict[str, list[tuple[int, bool, float]]]

    def likeness(self, text: str) -> dict[int, float]:
        unknown = math.log(2 * len(self.rows) + 2)  # a word of no title tells most against it
        asked = {token: self.idf.get(token, unknown) for token in set(tokens(text))}
        length = math.sqrt(sum(w * w for w in asked.values())) or 1.0
        shared: defaultdict[tuple[int, bool], float] = defaultdict(float)
        for token in sorted(asked):
            for row, chinese, share in self.postings.get(token, ()):
                shared[row, chinese] += asked[token] * share / length
        found: dict[int, float] = {}
        for (row, _), likeness in shared.items():
            found[row] = max(found.get(row, 0.0), likeness)
        return found


@cache
def titles() -> Titles:
    rows: list[tuple[str, str]] = []
    sides: list[tuple[int, bool, frozenset[str]]] = []
    spread: Counter[str] = Counter()
    with gzip.open(FILE, "rt", encoding="utf-8") as lines:
        for line in lines:
            if line.startswith("#"):
                continue
            symbol, english, chinese, words = line.rstrip("\n").split("\t", 3)
            one, other = frozenset(english.split()), frozenset(chinese.split())
            spread.update(one | other)
            sides += [(len(rows), False, one), (len(rows), True, other)]
            rows.append((symbol, words))
    count = len(rows)
    idf = {token: math.log(1 + (count - n + 0.5) / (n + 0.5)) for token, n in spread.items()}
    postings: defaultdict[str, list[tuple[int, bool, float]]] = defaultdict(list)
    for row, is_chinese, side in sides:
        length = math.sqrt(sum(idf[token] ** 2 for token in side)) or 1.0
        for token in side:
            postings[token].append((row, is_chinese, idf[token] / length))
    return Titles(rows, idf, dict(postings))


def named(text: str) -> Named | None:
    """The class whose title, in either language, is most like the text; the first one of equals.
    None where it shares no word with any, or is too long for a title."""
    if len(text) > LONGEST:
        return None
    found = titles().likeness(text)
    if not found:
        return None
    row = min(found, key=lambda row: (-round(found[row], 9), row))
    symbol, words = titles().rows[row]
    cells = words.split("\t")
    pairs = zip(cells[::2], map(float, cells[1::2]), strict=True)
    return Named(symbol, min(found[row], 1.0), tuple(pairs))
