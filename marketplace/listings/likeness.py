"""How much two texts are the same, told by signatures of a fixed size.

A signature holds, of all runs of `RUN` words (in Chinese, of `RUN` characters), the least of their
hashes in each of `SIZE` places: MinHash by one permutation, with empty places filled from others
(Shrivastava 2017). The share of places in which two signatures agree estimates the Jaccard index of
the runs, with a standard error of some 0.04. Neither script, width, case nor punctuation counts.
"""

from __future__ import annotations

import re
import struct
import unicodedata
from collections.abc import Sequence
from hashlib import blake2b

from marketplace.core.language import to_simplified

WORD = re.compile(r"[㐀-䶿一-鿿]|[^\W_]+?(?=[㐀-䶿一-鿿]|\b)")
RUN = 3
SIZE = 128
BAND = 3  # places that agree all together before two texts are held against each other
BITS = 31  # of a place, so that it is an integer of PostgreSQL
# For each place, where to look for a value if no run fell into it; the same for all texts.
ELSEWHERE = [
    sorted(range(SIZE), key=lambda other: blake2b(bytes([place, other])).digest())
    for place in range(SIZE)
]


def words(text: str) -> list[str]:
    folded = to_simplified(unicodedata.normalize("NFKC", text).casefold())
    return WORD.findall(folded)


def runs(text: str) -> set[str]:
    said = words(text)
    return {" ".join(said[i : i + RUN]) for i in range(max(len(said) - RUN + 1, min(len(said), 1)))}


def signature(text: str) -> list[int]:
    """`SIZE` integers below 2**31; none where the text has no word."""
    least: dict[int, int] = {}
    for run in runs(text):
        number = int.from_bytes(blake2b(run.encode(), digest_size=8).digest())
        value, place = divmod(number, SIZE)
        value >>= 64 - 7 - BITS
        least[place] = min(least.get(place, value), value)
    if not least:
        return []
    return [
        least[next(place for place in (own, *ELSEWHERE[own]) if place in least)]
        for own in range(SIZE)
    ]


def bands(of: Sequence[int]) -> list[int]:
    """What two texts that are alike share at least one of; integers of 64 bits, with sign."""
    found = []
    for start in range(0, len(of), BAND):
        band = of[start : start + BAND]
        packed = struct.pack(f">{len(band) + 1}I", start, *band)
        found.append(int.from_bytes(blake2b(packed, digest_size=8).digest(), signed=True))
    return found


def likeness(one: Sequence[int], other: Sequence[int]) -> float:
    """From 0 to 1."""
    same = sum(a == b for a, b in zip(one, other, strict=True))
    return same / SIZE
