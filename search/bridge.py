"""The bridge by classification: what the best candidates are classified in, in whichever language
they are, lifts what else is classified there (pseudo relevance feedback)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from .document import class_token
from .lexicon import Alternative
from .models import Generation
from .plan import Concept, Plan, Telling
from .ranking import BRIDGE_CLASSES, LONG_TEXT, WEIGHTS, Weights
from .request import Hit, SearchRequest

OWN = 0.5  # what classes that the need itself names count, of all; not tuned: no set has any


def helps(generation: Generation, request: SearchRequest, plan: Plan) -> bool:
    """Only where the order is asked for by words, and something is classified at all."""
    classified, _ = generation.lengths.get("classes", (0, 0))
    return bool(
        classified and plan.concepts and request.match == "best" and request.sort == "relevance"
    )


def for_candidates(request: SearchRequest) -> SearchRequest:
    """The request for the best candidates alone: half as many again as are wanted, where several
    may be of one family."""
    return replace(
        request,
        first=WEIGHTS.candidates * (3 if request.collapse else 2) // 2,
        after=None,
        facets=(),
        count=False,
        classes=True,
        cards=False,
        collapse=False,
    )


def heads(request: SearchRequest, hits: Sequence[Hit]) -> list[Hit]:
    """The best candidates: of each family the first, where the request shows no other."""
    first: dict[str, Hit] = {}
    for hit in hits:
        first.setdefault((hit.family if request.collapse else "") or hit.id, hit)
    return list(first.values())[: WEIGHTS.candidates]


def lifted(
    plan: Plan,
    hits: Sequence[Hit],
    own: Sequence[str],
    telling: Telling,
    weights: Weights = WEIGHTS,
) -> Plan:
    """The plan with the most telling classes of the hits, and those of the need's `own` symbols,
    as lifts: all together what ranking.Weights says of the best hit's score."""
    classes = sorted({c for hit in hits for c in hit.classes} | {class_token(s) for s in own})
    tells = telling(classes)
    total = sum(hit.score for hit in hits) or 1.0
    worth: Counter[str] = Counter()
    for hit in hits:
        for one in hit.classes:
            worth[one] += hit.score / total / len(hit.classes) * tells.get(one, 0.0)  # type: ignore[assignment]
    whole = sum(worth.values())
    for symbol in own:
        each = (whole or 1.0) * OWN / len(own)
        worth[class_token(symbol)] += each if class_token(symbol) in tells else 0.0  # type: ignore[assignment]
    best = [(c, w) for c, w in worth.most_common(BRIDGE_CLASSES) if w > 0]
    if not best:
        return plan
    share = weights.classes_long if len(plan.concepts) > LONG_TEXT else weights.classes
    top = max((hit.score for hit in hits), default=1.0)
    scale = share * top / sum(w * tells[c] for c, w in best)
    named = {class_token(symbol) for symbol in own}
    lifts = [
        Concept(c, (Alternative(c, 1.0, "own" if c in named else "candidates"),), w * scale)
        for c, w in best
    ]
    return replace(plan, lifts=[*plan.lifts, *lifts])
