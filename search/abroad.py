"""The other language of a long text. A page finds its own language by its own words, of which its
translations are chance likenesses; so of each so many places one is kept for what translations
alone find best, classes of the best of them included."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from .fusion import WINDOW, Ask, joined
from .plan import Concept, Plan
from .ranking import LONG_TEXT, WEIGHTS, Weights
from .request import Hit, SearchRequest, SearchResult

Bridged = Callable[[SearchRequest, Plan], Plan]


def helps(request: SearchRequest, planned: Plan) -> bool:
    return request.match == "best" and request.sort == "relevance" and is_long(planned)


def is_long(planned: Plan) -> bool:
    return len(planned.concepts) > LONG_TEXT and not planned.impossible


def translated(planned: Plan) -> Plan:
    """What the text asks for in the other language."""
    concepts = [
        Concept(concept.source, others, concept.weight)
        for concept in planned.concepts
        if (others := tuple(a for a in concept.alternatives if a.origin == "translation"))
    ]
    return replace(planned, concepts=concepts, lifts=(), named=None, number="")


def depth(weights: Weights = WEIGHTS) -> int:
    """How many places are kept in the beginning of a list."""
    return WINDOW // weights.abroad


def beside(request: SearchRequest, planned: Plan, ask: Ask, bridged: Bridged) -> SearchResult:
    """The list by all words, with the best by translations alone. Each of these stands somewhere in
    the list, so that the total is as it was."""
    asked = translated(planned)
    if not asked.concepts:
        return ask(request, planned)
    alone = replace(request, first=depth(), after=None, facets=(), count=False, cards=False)
    found = {hit.id: hit for hit in ask(alone, bridged(alone, asked)).hits}
    result, _ = joined(
        request, planned, list(found), ask, lambda ids: [found[id] for id in ids], kept
    )
    return result


def kept(
    window: Sequence[Hit], near: Sequence[str], weights: Weights = WEIGHTS
) -> dict[str, float]:
    """Scores by which the first of `near` stands where so many of the window went before, the
    second where twice as many did, unless a hit's own score is better."""
    scores = {hit.id: hit.score for hit in window}
    ordered = [hit.score for hit in window]
    for number, id in enumerate(near, 1):
        place = min(number * weights.abroad, len(ordered)) - 1
        scores[id] = max(scores.get(id, 0.0), ordered[place] if ordered else 0.0)
    return scores
