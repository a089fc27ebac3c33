"""Marks, in the original text, the words that were found."""

from __future__ import annotations

from collections.abc import Set as AbstractSet

from .phrases import spoken
from .plan import Plan
from .text import IS_HAN, RUN, latin, normal, pairs

OPEN, CLOSE = "<em>", "</em>"
ROOM, BEFORE = 160, 20  # characters of a stretch, and of what leads to the first mark
MOST_MARKS = 50  # from which a stretch may begin


def asked_for(plan: Plan | None) -> frozenset[str]:
    """The tokens of words and phrases of a query; names of fields and their values are none."""
    if plan is None:
        return frozenset()
    return frozenset({*(c.source for c in plan.concepts if c.said), *spoken(plan.phrases)})


def spans(text: str, wanted: AbstractSet[str]) -> list[tuple[int, int]]:
    """Where tokens of `wanted` stand in the text, in order, touching ones joined."""
    found: list[tuple[int, int]] = []
    for match in RUN.finditer(text):
        run, start = match.group(), match.start()
        folded = normal(run)
        if IS_HAN.match(folded):
            if len(folded) != len(run):
                continue  # a sign that stands for several: no telling where
            marks = [
                (start + i, start + i + len(pair))
                for i, pair in enumerate(pairs(folded))
                if pair in wanted
            ]
        else:
            hit = any(token in wanted for token in latin(folded))
            marks = [(start, match.end())] if hit else []
        for begin, end in marks:
            if found and begin <= found[-1][1]:
                found[-1] = (found[-1][0], max(end, found[-1][1]))
            else:
                found.append((begin, end))
    return found


def highlight(text: str, wanted: AbstractSet[str]) -> str | None:
    """The stretch of the text that holds most of what is wanted, escaped for HTML, with <em>
    around each; None where nothing is."""
    marks = spans(text, wanted)
    if not marks:
        return None
    begin = max(0, best_start(marks) - BEFORE) if len(text) > ROOM else 0
    end = min(len(text), begin + ROOM)
    parts = ["…" if begin else ""]
    at = begin
    for first, last in marks:
        if first < begin or last > end:
            continue
        parts += [escape(text[at:first]), OPEN, escape(text[first:last]), CLOSE]
        at = last
    parts += [escape(text[at:end]), "…" if end < len(text) else ""]
    return "".join(parts)


def best_start(marks: list[tuple[int, int]]) -> int:
    def covered(start: int) -> int:
        return sum(last - first for first, last in marks if start <= first and last <= start + ROOM)

    return max(
        (first for first, _ in marks[:MOST_MARKS]), key=lambda start: (covered(start), -start)
    )


def escape(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
