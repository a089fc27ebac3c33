"""Which classes a text may belong to, told by what is like it: the nearest documents vote for the
subclasses that they are in, each by how near it is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from .engine import live, search_in
from .request import SearchRequest, checked

NEIGHBOURS = 20
SHARPNESS = 2.0  # of the votes: how much more a nearer neighbour counts
ENOUGH = 0.5  # of the votes of the first subclass, for others to be named too
MOST = 3  # subclasses of a text
Vote = tuple[float, Sequence[str]]  # a neighbour's score, and its subclasses


def voted(neighbours: Iterable[Vote]) -> list[tuple[str, float]]:
    """Subclasses with their share of the votes, the likeliest first. A neighbour in several gives
    each less, since what is in many classes tells little of one."""
    votes: Counter[str] = Counter()
    best = 0.0
    for score, subclasses in neighbours:
        best = best or score
        for one in subclasses:
            votes[one] += (score / best) ** SHARPNESS / len(subclasses) ** 0.5
    total = sum(votes.values())
    ordered = sorted(votes.items(), key=lambda item: (-item[1], item[0]))
    return [(one, round(worth / total, 4)) for one, worth in ordered]


def chosen(ranked: Sequence[tuple[str, float]]) -> list[tuple[str, float]]:
    """Those that a text is said to be in."""
    return [one for one in ranked[:MOST] if one[1] >= ENOUGH * ranked[0][1]]


def suggest_ipc(text: str) -> list[tuple[str, float]]:
    """Subclasses for the text of a need or a listing, from the published listings like it; none
    where nothing is like it. Faults as of a search."""
    generation = live("listing")
    request = checked(SearchRequest(text=text, first=NEIGHBOURS, classes=True, count=False))
    if generation is None or not text.strip():
        return []
    hits = search_in(generation, request).hits
    subclasses = [(hit.score, sorted({c[1:] for c in hit.classes if len(c) == 5})) for hit in hits]
    return chosen(voted((score, own) for score, own in subclasses if own))
