"""Search by words and another search as one list. Search by meaning joins by reciprocal rank: a
place counts 1 / (60 + place) in either list (Cormack, Clarke and Büttcher 2009), so that no score
needs a common scale.

Only the beginning of the two is joined; after it the list by words goes on. A cursor says by its
kind in which part it stands.
"""

from __future__ import annotations

import json
import logging
from base64 import urlsafe_b64decode
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from django.conf import settings

from . import embedding
from .plan import Plan
from .request import FUSED, Hit, SearchRequest, SearchResult, cursor_at, index_of, place_after

logger = logging.getLogger(__name__)
WINDOW = 200  # of the list by words
NEAREST = 100  # of the list by meaning
RANK = 60
Ask = Callable[[SearchRequest, Plan], SearchResult]
Others = Callable[[Sequence[str]], Sequence[Hit]]
Scored = Callable[[Sequence[Hit], Sequence[str]], Mapping[str, float]]
Nearest = Callable[[SearchRequest, Plan, Sequence[float], int], Mapping[str, str]]


def helps(request: SearchRequest, planned: Plan) -> bool:
    """Only where the order is asked for by words, and vectors are to be had of them."""
    return bool(
        embedding.on()
        and not request.private
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
    """The list by words and the one by meaning as one. Hits say their place by meaning; the total
    counts what meaning alone finds too."""
    near = nearest(request, planned, vector, NEAREST)
    kin = {id: (request.collapse and family) or id for id, family in near.items()}
    places = {one: place for place, one in enumerate(dict.fromkeys(kin.values()), 1)}

    def kin_of(hit: Hit) -> str:
        return (request.collapse and hit.family) or hit.id

    def others(ids: Sequence[str]) -> Sequence[Hit]:
        """Of each family the nearest."""
        if not ids:
            return ()
        found = ask(replace(by_id(request, ids), cards=False), without_words(planned)).hits
        sizes = Counter(map(kin_of, found))
        nearer = sorted(found, key=lambda hit: ids.index(hit.id))
        first = {kin_of(hit): hit for hit in reversed(nearer)}
        return [replace(hit, family_size=sizes[one]) for one, hit in first.items()]

    def scored(window: Sequence[Hit], ids: Sequence[str]) -> dict[str, float]:
        """By reciprocal rank, a family having the place of its nearest member."""
        found = {id: 1 / (RANK + places[kin[id]]) for id in ids}
        for place, hit in enumerate(window, 1):
            by_meaning = places.get(kin_of(hit))
            found[hit.id] = 1 / (RANK + place) + (1 / (RANK + by_meaning) if by_meaning else 0.0)
        return {id: round(score, 9) for id, score in found.items()}

    result, added = joined(request, planned, near, ask, others, scored)
    total = result.total
    if request.count and added:  # words find some of it too, or its families, far down their list
        known = replace(
            by_id(request, [hit.id for hit in added]),
            families=[hit.family for hit in added if hit.family and request.collapse],
            collapse=request.collapse,
            first=1,
            count=True,
            cards=False,
        )
        total += len(added) - ask(known, planned).total
    hits = [replace(hit, nearest=places.get(kin_of(hit), 0)) for hit in result.hits]
    return replace(result, hits=hits, total=total)


def joined(
    request: SearchRequest,
    planned: Plan,
    near: Mapping[str, str],
    ask: Ask,
    others: Others,
    scored: Scored,
) -> tuple[SearchResult, Sequence[Hit]]:
    """The list by words with those of `near`, families by id in their order, and which of them its
    beginning had not. `scored` gives the score of each by the beginning and `near`; `others` the
    hits of ids."""
    rest = replace(request, exclude=[*request.exclude, *near])
    if request.collapse:  # a family of `near` shows in the beginning, by whichever member
        rest = replace(rest, exclude_families=sorted(set(near.values()) - {""}))
    if request.after and not is_fused(request.after):
        later = ask(replace(rest, facets=(), count=False), planned)
        if not (request.count or request.facets):
            return later, ()
        whole, added = joined(
            replace(request, first=1, after=None), planned, near, ask, others, scored
        )
        return replace(whole, hits=later.hits, more=later.more), added
    window = ask(replace(request, first=WINDOW, after=None, cards=False), planned)
    here = {hit.id for hit in window.hits}
    known = {hit.family for hit in window.hits if hit.family and request.collapse}
    added = [h for h in others([id for id in near if id not in here]) if h.family not in known]
    scores = dict(scored(window.hits, list(near)))
    if request.collapse:  # whichever member shows, its family has the best score of `near`
        best: dict[str, float] = {}
        for id, family in near.items():
            if family:
                best[family] = max(scores[id], best.get(family, 0.0))
        for hit in window.hits:
            scores[hit.id] = max(scores[hit.id], best.get(hit.family, 0.0))
    index = index_of(window.hits[0].cursor) if window.hits else ""
    ordered = [
        replace(hit, score=score, cursor=cursor_at(FUSED, score, hit.id, index))
        for hit in (*window.hits, *added)
        for score in [scores[hit.id]]
    ]
    ordered.sort(key=lambda hit: (hit.score, hit.id), reverse=True)
    if request.after:
        value, last = place_after(request.after, FUSED)
        if index_of(request.after) != index:  # the same document has another score here
            value = next((hit.score for hit in ordered if hit.id == last), value)
        ordered = [hit for hit in ordered if (hit.score, hit.id) < (value, last)]
    page = ordered[: request.first]
    tail: Sequence[Hit] = ()
    more = len(ordered) > request.first or window.more
    if len(page) < request.first and window.more:
        room = request.first - len(page)
        after_it = replace(rest, first=room, after=window.hits[-1].cursor, facets=(), count=False)
        found = ask(after_it, planned)
        tail, more = found.hits, found.more
    page = [*with_cards(page, request, planned, ask), *tail]
    total = window.total if request.count else len(page)
    return replace(window, hits=page, total=total, more=more), added


def by_id(request: SearchRequest, ids: Sequence[str]) -> SearchRequest:
    """The request for those of the documents that its filters leave."""
    return replace(
        request,
        ids=ids,
        first=len(ids),
        after=None,
        facets=(),
        count=False,
        sort="newest",
        collapse=False,
    )


def with_cards(
    page: Sequence[Hit], request: SearchRequest, planned: Plan, ask: Ask
) -> Sequence[Hit]:
    """The cards of a page are had by themselves: those of a whole window cost more than to find
    it."""
    if not (page and request.cards):
        return page
    found = ask(by_id(request, [hit.id for hit in page]), without_words(planned)).hits
    cards = {hit.id: hit for hit in found}
    return [
        replace(hit, card=own.card, checksum=own.checksum)
        for hit in page
        if (own := cards.get(hit.id))
    ]


def without_words(planned: Plan) -> Plan:
    """What narrows, and nothing that is looked for."""
    return replace(planned, concepts=(), lifts=(), named=None, numbers=())


def is_fused(cursor: str) -> bool:
    return bool(json.loads(urlsafe_b64decode(cursor))[0] == FUSED)  # it was checked before
