"""Words of Taiwan in a query in Traditional, with those of the mainland: 軟體 is 软件 there, 矽 is
硅. What text.py makes Simplified keeps its words, so the one would not find the other. OpenCC knows
them; they join the synonyms of the query."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from functools import lru_cache

from marketplace.core.language import converter, to_simplified

from .lexicon import chance
from .text import IS_HAN, RUN

UNKNOWN = float("-inf")  # log probability
LONGEST = 5  # signs of such a word
MOST_TEXT = 3000  # characters, of which it takes some milliseconds


def of_regions(text: str) -> list[list[str]]:
    """Each word of the text that the mainland calls otherwise, with what it calls it."""
    folded = unicodedata.normalize("NFKC", text[:MOST_TEXT])
    runs = dict.fromkeys(run for run in RUN.findall(folded) if IS_HAN.match(run))
    return [list(pair) for run in runs for pair in dict.fromkeys(renamed(run))]


def mainland(word: str) -> str:
    return str(converter("tw2sp").convert(word))


@lru_cache(maxsize=10_000)
def other_name(word: str) -> str:
    """What the mainland calls it; empty where it is the same word, or one that the lexicon, made
    of the mainland's patents, knows better: 裝置 and 程序 are said there too."""
    here, there = to_simplified(word), mainland(word)
    commoner = (chance(there) or UNKNOWN) > (chance(here) or UNKNOWN)
    return there if here != there and commoner else ""


def renamed(run: str) -> Iterator[tuple[str, str]]:
    """Of a run of Chinese, the shortest stretches with another name. A single sign has one within
    the pairs that it is in."""
    if mainland(run) == to_simplified(run):
        return
    taken = [False] * len(run)
    for length in range(1, LONGEST + 1):
        for start in range(len(run) - length + 1):
            end = start + length
            if any(taken[start:end]) or not other_name(run[start:end]):
                continue
            taken[start:end] = [True] * length
            if length > 1 or len(run) == 1:
                yield run[start:end], other_name(run[start:end])
                continue
            for first in (start - 1, start):
                pair = run[max(first, 0) : first + 2]
                if len(pair) == 2:
                    yield pair, mainland(pair)
