"""Search as you type: words that go on from what is typed, and listings that have them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from . import corrections
from .engine import ask, live
from .lexicon import Alternative
from .models import Generation
from .plan import Plan, plan
from .request import Hit, SearchRequest, checked

MOST_WORDS, MOST_LISTINGS, MOST_TYPED = 3, 5, 100


@dataclass(frozen=True)
class Suggestions:
    """`words`: what is typed with its last word completed; `listings`: hits for it."""

    words: Sequence[str]
    listings: Sequence[Hit]


def suggest(typed: str) -> Suggestions:
    """Nothing for nothing typed, and nothing for a page of text."""
    generation = live("listing")
    text = typed.lstrip()
    if generation is None or not text.strip() or len(text) > MOST_TYPED:
        return Suggestions((), ())
    found = corrections.completions(generation, text, MOST_WORDS)
    request = checked(
        SearchRequest(text=text, first=MOST_LISTINGS, match="all", count=False, collapse=True)
    )
    planned = with_prefix(generation, text)
    hits = () if planned.empty else ask(generation, request, planned, None).hits
    return Suggestions(found, hits)


def with_prefix(generation: Generation, text: str) -> Plan:
    """The last token may go on: `batt` stands for battery and batteries."""
    planned = plan(text, lambda tokens: {}, match="all")
    if not planned.concepts:
        return planned
    last = planned.concepts[-1]
    longer = corrections.prefixed_terms(generation, text)
    alternatives = tuple(Alternative(t, 1.0, "prefix") for t in longer) or last.alternatives
    return replace(
        planned, concepts=[*planned.concepts[:-1], replace(last, alternatives=alternatives)]
    )
