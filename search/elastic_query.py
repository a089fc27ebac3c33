"""What Elasticsearch is asked, as JSON: pure functions of request and plan."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from . import coverage
from .plan import Concept, Plan
from .ranking import CLAIMS_BOOST, NUMBER_BOOST, PHRASE_BOOST, WEIGHTS
from .request import FACET_SIZE, SORTS, SearchRequest, place_after
from .text import field_of

MISSING = {"price_up": 900_000_000_000_000_000, "price_down": -1, "trl": -1}
SORT_FIELDS = {"newest": "published", "price_up": "price", "price_down": "price", "trl": "rank"}
# The first letter is seldom the wrong one, and looking for words with any other costs most.
FUZZY = {"fuzziness": "AUTO", "prefix_length": 1, "max_expansions": 20}
IN_CLAIMS = ("word", "synonym", "similar", "prefix")
MOST_FAMILIES = 1000  # of several members each, among what is found
SEVERAL = {"min_doc_count": 2, "shard_min_doc_count": 2}  # there is one shard, which counts for all


def body(
    request: SearchRequest,
    plan: Plan,
    *,
    after: Sequence[Any] = (),
    passed: Sequence[str] = (),
) -> dict[str, Any]:
    """The body of a search request. `after` is where to go on, in place of the request's own
    cursor; `passed` are families to leave out."""
    must = wanted(request, plan)
    chosen = {n: {"terms": {n: list(v)}} for n, v in request.filters.items()}
    narrow = [*having(request, plan)]
    narrow += [one for name, one in chosen.items() if name not in request.facets]
    later = {name: one for name, one in chosen.items() if name in request.facets}
    query: dict[str, Any] = {}
    lifts = [any_of(concept) for concept in plan.lifts] if must else []
    for name, clauses in (
        ("must", must),
        ("filter", narrow),
        ("must_not", [*without(request, plan, [*request.exclude_families, *passed])]),
        ("should", lifts),
    ):
        if clauses:
            query[name] = clauses
    found: dict[str, Any] = {
        "query": {"bool": query} if query else {"match_all": {}},
        "size": request.first + 1,
        "sort": order_of(request),
        "track_scores": request.sort != "relevance",  # there they are what it sorts by
        "track_total_hits": request.count,
        **shown(request),
    }
    if request.after:
        found["search_after"] = list(place_after(request.after, request.sort))
    if after:
        found["search_after"] = list(after)
    if later:
        found["post_filter"] = {"bool": {"filter": list(later.values())}}
    if request.facets:
        found["aggs"] = {
            name: count_of(name, [one for n, one in later.items() if n != name])
            for name in request.facets
        }
    if request.collapse and not after:
        counts = {"terms": {"field": "family", "size": MOST_FAMILIES, **SEVERAL}}
        families = {"families": narrowed(counts, list(later.values()))}
        found["aggs"] = {**found.get("aggs", {}), **families}
    return found


def having(request: SearchRequest, plan: Plan) -> Iterator[dict[str, Any]]:
    """What must hold of whatever is found, beside the filters that facets leave out."""
    for name, values in plan.filters.items():
        yield {"terms": {name: list(values)}}
    if request.ids is not None:
        those = [{"terms": {"doc": list(request.ids)}}, *those_of(request.families)]
        yield those[0] if len(those) == 1 else {"bool": {"should": those}}
    if request.price:
        bounds = {"gte": request.price.least, "lte": request.price.most}
        yield {"term": {"currency": request.price.currency.upper()}}
        yield {"range": {"price": {k: v for k, v in bounds.items() if v is not None}}}
    if plan.impossible:
        yield {"match_none": {}}


def without(
    request: SearchRequest, plan: Plan, families: Sequence[str]
) -> Iterator[dict[str, Any]]:
    """What must not, these families among it."""
    for name in ("latin", "han", "claims") if plan.without else ():
        yield {"terms": {name: list(plan.without)}}
    for phrase in plan.without_phrases:
        yield {"match_phrase": {"body": " ".join(phrase)}}
    for number in plan.without_numbers:
        yield {"term": {"numbers": number}}
    for name, values in plan.apart.items():
        yield {"terms": {name: list(values)}}
    if request.exclude:
        yield {"terms": {"doc": list(request.exclude)}}
    yield from those_of(families)


def those_of(families: Sequence[str]) -> list[dict[str, Any]]:
    return [{"terms": {"family": list(families)}}] if families else []


def heads(request: SearchRequest, plan: Plan, families: Sequence[str]) -> dict[str, Any]:
    """The body of a request for the first of each of these families."""
    alone = replace(request, facets=(), after=None, count=False, collapse=False, cards=False)
    found = body(alone, plan)
    query = {
        "bool": {"must": found["query"], "filter": {"terms": {"family": list(families)}}},
    }
    return {
        **found,
        "query": query,
        "collapse": {"field": "family"},
        "size": len(families),
    }


def nearest(
    request: SearchRequest, plan: Plan, vector: Sequence[float], count: int
) -> dict[str, Any]:
    """The body of a request for the nearest vectors among what filters leave."""
    narrow = replace(request, facets=(), after=None, collapse=False, count=False)
    bare = replace(plan, concepts=(), lifts=(), numbers=())
    near = {
        "field": "vector",
        "query_vector": list(vector),
        "k": count,
        "num_candidates": 5 * count,
        "filter": body(narrow, bare)["query"],
    }
    order = ["_score", {"doc": "desc"}]
    return {"knn": near, "size": count, **UNREAD, "docvalue_fields": ["family"], "sort": order}


# Nothing that is stored of a hit, not even its id, which it sorts by: to read that costs the most.
UNREAD = {"stored_fields": "_none_"}


def shown(request: SearchRequest) -> dict[str, Any]:
    """What an answer says of each hit beside what it sorts by."""
    families = request.collapse or not request.cards
    columns = [*(["ipc"] if request.classes else ()), *(["family"] if families else ())]
    stored = {} if request.cards else UNREAD  # the mapping keeps no more than cards need
    return {**stored, **({"docvalue_fields": columns} if columns else {})}


def order_of(request: SearchRequest) -> list[dict[str, Any]]:
    order = "desc" if SORTS[request.sort][1] else "asc"
    by: dict[str, Any] = (
        {"_score": order}
        if request.sort == "relevance"
        else {SORT_FIELDS[request.sort]: {"order": order, **missing(request.sort)}}
    )
    return [by, {"doc": order}]


def missing(sort: str) -> dict[str, int]:
    return {"missing": MISSING[sort]} if sort in MISSING else {}


def count_of(name: str, others: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Counts of a facet's values among what all other filters leave, so that one may choose two."""
    return narrowed({"terms": {"field": name, "size": FACET_SIZE}}, others)


def narrowed(counts: dict[str, Any], others: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    if not others:
        return counts
    return {"filter": {"bool": {"filter": list(others)}}, "aggs": {"narrowed": counts}}


def wanted(request: SearchRequest, plan: Plan) -> list[dict[str, Any]]:
    """What must match."""
    must: list[Any] = [
        constant({"match_phrase": {"body": " ".join(phrase)}}, PHRASE_BOOST)
        for phrase in plan.phrases
    ]
    asked: list[Any] = list(concepts(request, plan))
    text: Any = None
    if asked:
        text = {"bool": {"should": asked, "minimum_should_match": needed(request, asked)}}
        if coverage.counts(plan.concepts):
            text = covering(text, plan.concepts)
    if plan.numbers:
        number = constant({"terms": {"numbers": list(plan.numbers)}}, NUMBER_BOOST)
        text = {"bool": {"should": [number, text]}} if text else number
    if text:
        must.append(text)
    return must


def constant(query: dict[str, Any], score: float) -> dict[str, Any]:
    return {"constant_score": {"filter": query, "boost": score}}


def covering(text: dict[str, Any], concepts: Sequence[Concept]) -> dict[str, Any]:
    """Scored by how much of all that is asked is there."""
    functions = [
        {"filter": saying(concept), "weight": WEIGHTS.coverage * concept.share}
        for concept in concepts
        if concept.share
    ]
    return {
        "function_score": {
            "query": text,
            "functions": [*functions, {"weight": 1 - WEIGHTS.coverage}],
            "score_mode": "sum",
            "max_boost": 1.0,  # both languages may say it
        }
    }


def saying(concept: Concept) -> dict[str, Any]:
    """Where the concept is said, by any alternative."""
    single: dict[str, list[str]] = {}
    several = []
    for one in coverage.ways(concept):
        tokens = [token for token, _ in one.asked]
        fields = ["claims"] if one.origin in IN_CLAIMS else []
        if len(tokens) == 1:
            for name in (field_of(tokens[0]), *fields):
                single.setdefault(name, []).append(tokens[0])
        else:
            each = [[{"term": {name: t}} for name in (field_of(t), *fields)] for t in tokens]
            several.append({"bool": {"filter": [{"bool": {"should": one}} for one in each]}})
    return {"bool": {"should": [*({"terms": {n: t}} for n, t in single.items()), *several]}}


def needed(request: SearchRequest, asked: Sequence[Any]) -> int:
    return len(asked) if request.match == "all" else 1


def concepts(request: SearchRequest, plan: Plan) -> Iterator[dict[str, Any]]:
    if request.match == "fuzzy":
        for concept in plan.concepts:
            yield {"match": {field_of(concept.source): {"query": concept.source, **FUZZY}}}
        return
    for concept in plan.concepts:
        if concept.said or request.match != "all":
            yield all_of(concept) if request.match == "all" else any_of(concept)


def any_of(concept: Concept) -> dict[str, Any]:
    """The best of the alternatives, and a little for each further one; all tokens of one add up.
    Claims are asked for the words of the query only."""
    asked = []
    for a in concept.alternatives:
        asked.append([term(field_of(t), t, concept.weight * weight) for t, weight in a.asked])
        if a.origin in IN_CLAIMS:
            boost = concept.weight * CLAIMS_BOOST
            asked.append([term("claims", token, boost * weight) for token, weight in a.asked])
    each = [one[0] if len(one) == 1 else {"bool": {"should": one}} for one in asked]
    return either(each)


def all_of(concept: Concept) -> dict[str, Any]:
    """The best of the alternatives, each with all its tokens, in the body or the claims."""
    each = []
    for a in concept.alternatives:
        tokens = [
            either(
                [
                    term(field_of(t), t, concept.weight * weight),
                    term("claims", t, concept.weight * weight * CLAIMS_BOOST),
                ]
            )
            for t, weight in a.asked
        ]
        each.append(tokens[0] if len(tokens) == 1 else {"bool": {"must": tokens}})
    return either(each)


def either(each: list[dict[str, Any]]) -> dict[str, Any]:
    return each[0] if len(each) == 1 else {"dis_max": {"queries": each, "tie_breaker": WEIGHTS.tie}}


def term(field: str, token: str, boost: float) -> dict[str, Any]:
    return {"term": {field: {"value": token, "boost": boost}}}
