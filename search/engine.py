"""The door to search: whichever engine serves, one way to ask."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Protocol

from django.conf import settings

from . import abroad, bridge, elastic, embedding, fusion, synonyms
from .corrections import did_you_mean
from .document import Document
from .elastic import ElasticEngine
from .embedded import EmbeddedEngine
from .models import Generation
from .plan import Plan, plan
from .rarity import Counts
from .request import SearchRequest, SearchResult, checked, place_after
from .text import field_of

logger = logging.getLogger(__name__)

REST = 5.0  # seconds in which an engine that failed is not asked again
EMPTY = SearchResult(hits=(), total=0)


class Engine(Protocol):
    """What both engines can do; tests/search/test_engine_contract.py holds them to it."""

    name: str

    def create(self, generation: Generation) -> None: ...
    def has(self, generation: Generation) -> bool: ...
    def put(
        self, generation: Generation, documents: Iterable[Document], *, force: bool = False
    ) -> None: ...
    def remove(self, generation: Generation, ids: Sequence[str]) -> None: ...
    def make_live(self, generation: Generation) -> None: ...
    def drop(self, generation: Generation) -> None: ...
    def checksums(self, generation: Generation) -> dict[str, str]: ...
    def search(
        self, generation: Generation, request: SearchRequest, plan: Plan
    ) -> SearchResult: ...
    def nearest(
        self,
        generation: Generation,
        request: SearchRequest,
        plan: Plan,
        vector: Sequence[float],
        count: int,
    ) -> dict[str, str]: ...


EMBEDDED: Engine = EmbeddedEngine()
ELASTIC: Engine = ElasticEngine()


def engines() -> list[Engine]:
    """Those that are fed. The embedded one is always there, and first: it stands in when the other
    is down, so it must not wait for it."""
    return [EMBEDDED, ELASTIC] if settings.ELASTICSEARCH_URL else [EMBEDDED]


class Breaker:
    """Keeps requests from waiting, each in turn, for an engine that is down."""

    def __init__(self) -> None:
        self.open_until = 0.0

    def trip(self) -> None:
        self.open_until = time.monotonic() + REST

    @property
    def closed(self) -> bool:
        return time.monotonic() >= self.open_until


BREAKER = Breaker()
EMBEDDING_BREAKER = Breaker()


def live(kind: str) -> Generation | None:
    return Generation.objects.filter(kind=kind, live=True).first()


class Recent:
    """The live generations, looked up at most once a second while Elasticsearch answers: an index
    that was replaced in that second is missed there, and then it is looked up anew. For as long, so
    is in how many documents each class stands, since one search asks for the same as another."""

    def __init__(self) -> None:
        self.known: dict[str, tuple[float, Generation]] = {}
        self.classes: dict[str, Counts] = {}

    def get(self, kind: str) -> Generation | None:
        at, generation = self.known.get(kind, (0.0, None))
        if settings.ELASTICSEARCH_URL and BREAKER.closed and time.monotonic() - at < 1:
            return generation
        found = live(kind)
        if found is not None:
            self.known[kind] = (time.monotonic(), found)
        return found

    def counts(self, generation: Generation) -> Counts:
        kept = self.classes.get(generation.kind)
        if kept is None or kept.generation is not generation:
            return Counts(generation)
        return replace(kept, known=dict(kept.known))

    def keep(self, counts: Counts) -> None:
        _, generation = self.known.get(counts.generation.kind, (0.0, None))
        if generation is counts.generation:
            known = {t: n for t, n in counts.known.items() if field_of(t) == "classes"}
            self.classes[counts.generation.kind] = replace(counts, known=known)


RECENT = Recent()


def search(kind: str, request: SearchRequest) -> SearchResult:
    """Search the live index of `kind`. Faults where the request is not right; an index that was
    never built finds nothing."""
    request = checked(request)
    generation = RECENT.get(kind)
    if generation is None:
        return EMPTY
    try:
        return search_in(generation, request)
    except elastic.GONE:  # it was replaced meanwhile
        RECENT.known.clear()
        return search_in(RECENT.get(kind) or generation, request)


def search_in(
    generation: Generation, request: SearchRequest, only: Engine | None = None
) -> SearchResult:
    """Search one generation, by `only` that engine or by the first that answers."""
    planned = planned_for(generation, request, only)
    request = ordered(request, planned)
    result = replace(answered(generation, request, planned, only), plan=planned)
    if not result.total and planned.concepts and not request.after:
        result = replace(result, did_you_mean=did_you_mean(generation, request.text))
    return result


def ordered(request: SearchRequest, planned: Plan) -> SearchRequest:
    """Where nothing scores, as of a class or an applicant alone, nothing is more relevant than
    another: the newest come first. Invalid where the cursor is of the other list."""
    if request.sort == "relevance" and not (planned.concepts or planned.lifts or planned.numbers):
        request = replace(request, sort="newest")
    if request.after:
        place_after(request.after, request.sort)
    return request


def answered(
    generation: Generation, request: SearchRequest, planned: Plan, only: Engine | None
) -> SearchResult:
    """By words, and by meaning too where that is on and its endpoint answers; else, of a long text,
    by its translations apart. Degraded if any part of it is, such as the cards alone."""
    degraded: list[bool] = []

    def part(request: SearchRequest, planned: Plan) -> SearchResult:
        found = ask(generation, request, planned, only)
        degraded.append(found.degraded)
        return found

    if fusion.helps(request, planned) and EMBEDDING_BREAKER.closed:
        try:
            vector = fusion.vector_of(request.text)
        except embedding.Unavailable as fault:
            EMBEDDING_BREAKER.trip()
            logger.warning("Search by words only: %s", fault)
        else:
            result = fusion.fused(
                request,
                planned,
                vector,
                part,
                lambda request, plan, vector, count: nearest(
                    generation, request, plan, vector, count, only
                ),
            )
            return replace(result, degraded=any(degraded))
    if abroad.helps(request, planned):
        result = abroad.beside(
            request,
            planned,
            part,
            lambda request, plan: bridged(generation, request, plan, only),
            planned.counted_in(generation).telling,
        )
        return replace(result, degraded=any(degraded))
    return ask(generation, request, planned, only)


def nearest(
    generation: Generation,
    request: SearchRequest,
    planned: Plan,
    vector: Sequence[float],
    count: int,
    only: Engine | None,
) -> dict[str, str]:
    """The `count` nearest in meaning, as families by id in their order; none where the engine that
    serves cannot say, and then the list by words stands alone."""
    serving = only or (ELASTIC if settings.ELASTICSEARCH_URL and BREAKER.closed else EMBEDDED)
    try:
        return serving.nearest(generation, request, planned, vector, count)
    except elastic.FAULTS as fault:  # such as an index that was built without vectors
        logger.warning("Search by words only: %s", fault)
        return {}


def planned_for(generation: Generation, request: SearchRequest, only: Engine | None) -> Plan:
    """What to ask, with the bridge."""
    counts = RECENT.counts(generation)
    planned = plan(request.text, counts.telling, request.match, synonyms=synonyms.among)
    planned = bridged(generation, request, replace(planned, counts=counts), only)
    RECENT.keep(counts)
    return planned


def bridged(
    generation: Generation, request: SearchRequest, planned: Plan, only: Engine | None
) -> Plan:
    """With what the best candidates are classified in, which costs a search of its own."""
    if not bridge.helps(generation, request, planned):
        return planned
    best = ask(generation, bridge.for_candidates(request), planned, only)
    return bridge.lifted(
        replace(planned, scores=best.scores),
        bridge.heads(request, best.hits),
        request.ipc,
        planned.counted_in(generation).telling,
    )


def ask(
    generation: Generation, request: SearchRequest, planned: Plan, only: Engine | None
) -> SearchResult:
    """One search, by `only` that engine; else by Elasticsearch, or degraded by the embedded one
    where that does not answer. elastic.GONE where another generation went live meanwhile."""
    if only is not None:
        return only.search(generation, request, planned)
    degraded = False
    if settings.ELASTICSEARCH_URL:
        if BREAKER.closed:
            try:
                return ELASTIC.search(generation, request, planned)
            except elastic.GONE:
                if live(generation.kind) not in (generation, None):
                    raise
                logger.warning("Elasticsearch has no index of %s", generation)
            except elastic.FAULTS as fault:
                if elastic.is_down(fault):  # one request that it refuses is no reason to rest
                    BREAKER.trip()
                logger.warning("Elasticsearch does not answer: %s", fault)
        degraded = True
        generation = live(generation.kind) or generation  # the recent one may be gone by now
    return replace(EMBEDDED.search(generation, request, planned), degraded=degraded)
