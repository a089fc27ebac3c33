"""The other language of a long text. A page finds its own language by its own words, of which its
translations are chance likenesses; so what translations alone find best, with the classes of the
best of them, is ranked apart, and joins by how much of the page is in it: what says nearly all of
it in the other language stands before what shares a few of its words."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from .fusion import NEAREST, Ask, joined
from .plan import Concept, Plan, Telling
from .ranking import BM25_K1, LONG_TEXT, WEIGHTS, Weights
from .request import Hit, SearchRequest, SearchResult

Bridged = Callable[[SearchRequest, Plan], Plan]


def helps(request: SearchRequest, planned: Plan) -> bool:
    return request.match == "best" and request.sort == "relevance" and is_long(planned)


def is_long(planned: Plan) -> bool:
    return len(planned.concepts) > LONG_TEXT and not planned.impossible


def of_language(planned: Plan, *, its_own: bool) -> list[Concept]:
    """What the text asks for in its own language, or in the other one."""
    return [
        Concept(concept.source, kept, concept.weight)
        for concept in planned.concepts
        if (
            kept := tuple(a for a in concept.alternatives if (a.origin != "translation") is its_own)
        )
    ]


def translated(planned: Plan) -> Plan:
    """What the text asks for in the other language alone; filters and phrases stay."""
    concepts = of_language(planned, its_own=False)
    return replace(planned, concepts=concepts, lifts=(), named=None, numbers=())


def most(concepts: Sequence[Concept], telling: Telling) -> float:
    """The score of a document that says all of it as often as can count. A word that the index does
    not hold counts as the rarest one does: a page of which the index knows two words is not said by
    a document that has the two."""
    known = telling([t for c in concepts for a in c.alternatives for t, _ in a.asked])
    unknown = max(known.values(), default=1.0)
    return (BM25_K1 + 1) * sum(
        c.weight * max(sum(w * known.get(t, unknown) for t, w in a.asked) for a in c.alternatives)
        for c in concepts
    )


@dataclass(frozen=True)
class Exchange:
    """What a score by translations is worth beside one by the text's own words: by the share that
    each is of the most it could be."""

    own: float
    other: float
    weights: Weights = WEIGHTS

    @classmethod
    def of(
        cls, planned: Plan, other: Plan, telling: Telling, weights: Weights = WEIGHTS
    ) -> Exchange:
        own = of_language(planned, its_own=True)
        return cls(most(own, telling), most(other.concepts, telling), weights)

    def kept(self, window: Sequence[Hit], near: Sequence[Hit]) -> dict[str, float]:
        """Scores of both lists, of what is in both the better one."""
        scores = {hit.id: hit.score for hit in window}
        for hit in near:
            share = hit.score / self.other
            worth = self.own * self.weights.abroad * share**self.weights.abroad_power
            scores[hit.id] = max(scores.get(hit.id, 0.0), round(worth, 6))
        return scores


def beside(
    request: SearchRequest, planned: Plan, ask: Ask, bridged: Bridged, telling: Telling
) -> SearchResult:
    """The list by all words, with the best by translations alone. Each of these stands somewhere in
    the list, so that the total is as it was."""
    asked = translated(planned)
    if not asked.concepts:
        return ask(request, planned)
    alone = replace(request, first=NEAREST, after=None, facets=(), count=False, cards=False)
    found: Mapping[str, Hit] = {hit.id: hit for hit in ask(alone, bridged(alone, asked)).hits}
    exchange = Exchange.of(planned, asked, telling)
    result, _ = joined(
        request,
        planned,
        {hit.id: hit.family for hit in found.values()},
        ask,
        lambda ids: [found[id] for id in ids],
        lambda window, near: exchange.kept(window, [found[id] for id in near]),
    )
    return result
