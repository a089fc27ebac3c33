"""Search by words and search by meaning as one list, by reciprocal rank: each place counts
1 / (60 + place) in either list (Cormack, Clarke and Büttcher 2009), so no score needs a common
scale.

Only the beginning of the two is fused; after it the list by words goes on. A cursor says by its
kind in which part it stands.
"""

from __future__ import annotations

import json
import logging
from base64 import urlsafe_b64decode
from collections.abc import Callable, Sequence
from dataclasses import replace

from django.conf import settings

from . import embedding
from .plan import Plan
from .request import FUSED, SearchRequest, SearchResult, cursor_at, place_after

logger = logging.getLogger(__name__)
WINDOW = 200  # of the list by words
NEAREST = 100  # of the list by meaning
RANK = 60
Ask = Callable[[SearchRequest, Plan], SearchResult]
Nearest = Callable[[SearchRequest, Plan, Sequence[float], int], Sequence[str]]


def helps(request: SearchRequest, planned: Plan) -> bool:
    """Only where the order is asked for by words, and vectors are to be had."""
    return bool(
        embedding.on()
        and planned.concepts
        and not planned.impossible
        and request.match == "best"
        and request.sort == "relevance"
    )


def vector_of(text: str) -> tuple[float, ...]:
    """Of a query; Unavailable where it cannot be had in time."""
    return embedding.of_query(text, settings.EMBEDDING_URL, settings.EMBEDDING_MODEL)


def fused(
    request: SearchRequest, planned: Plan, vector: Sequence[float], ask: Ask, nearest: Nearest
) -> SearchResult:
    near = list(nearest(request, planned, vector, NEAREST))
    rest = replace(request, exclude=[*request.exclude, *near])
    if request.after and not is_fused(request.after):
        return ask(rest, planned)
    window = ask(replace(request, first=WINDOW, after=None), planned)
    beside = replace(request, ids=[i for i in near if i not in {h.id for h in window.hits}],
                     first=NEAREST, after=None, facets=(), sort="newest")  # fmt: skip
    others = ask(beside, without_words(planned)) if beside.ids else SearchResult((), 0)
    known = {hit.family for hit in window.hits if hit.family}
    added = [hit for hit in others.hits if hit.family not in known]
    by_words = {hit.id: place for place, hit in enumerate(window.hits, 1)}
    by_meaning = {id: place for place, id in enumerate(near, 1)}
    ordered = []
    for hit in (*window.hits, *added):
        places = [by_words.get(hit.id), by_meaning.get(hit.id)]
        score = round(sum(1 / (RANK + place) for place in places if place), 9)
        ordered.append(
            replace(
                hit,
                score=score,
                cursor=cursor_at(FUSED, score, hit.id),
                nearest=by_meaning.get(hit.id, 0),
            )
        )
    ordered.sort(key=lambda hit: (hit.score, hit.id), reverse=True)
    if request.after:
        after = place_after(request.after, FUSED)
        ordered = [hit for hit in ordered if (hit.score, hit.id) < after]
    page = ordered[: request.first]
    more = len(ordered) > request.first or window.more
    if len(page) < request.first and window.more:
        room = request.first - len(page)
        tail = ask(
            replace(rest, first=room, after=window.hits[-1].cursor, facets=(), count=False), planned
        )
        page, more = [*page, *tail.hits], tail.more
    total = window.total
    if request.count and added:
        counted = replace(beside, ids=[hit.id for hit in added], first=1, collapse=False)
        total += len(added) - ask(counted, planned).total
    return replace(window, hits=page, total=total if request.count else len(page), more=more)


def without_words(planned: Plan) -> Plan:
    """What narrows, and nothing that is looked for."""
    return replace(planned, concepts=(), lifts=(), named=None, number="")


def is_fused(cursor: str) -> bool:
    return bool(json.loads(urlsafe_b64decode(cursor))[0] == FUSED)  # it was checked before
