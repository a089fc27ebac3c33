"""The Elasticsearch engine: the only module that knows Elasticsearch.

Documents come analysed (text.py), so the index only splits at spaces and needs no plugin.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from itertools import islice
from typing import Any

from django.conf import settings
from elasticsearch import ApiError, Elasticsearch, NotFoundError, TransportError
from elasticsearch.dsl import Mapping as IndexMapping
from elasticsearch.helpers import scan, streaming_bulk
from elasticsearch.serializer import OrjsonSerializer

from .document import Document, class_token
from .embedded import FACET_SIZE
from .models import Generation
from .plan import Concept, Plan
from .ranking import BM25_B, BM25_K1, CLAIMS_BOOST, NUMBER_BOOST, PHRASE_BOOST, WEIGHTS
from .request import (
    FILTERS,
    SORTS,
    Bucket,
    Hit,
    SearchRequest,
    SearchResult,
    cursor_at,
    place_after,
)
from .text import field_of

GONE = NotFoundError  # there is no such index
FAULTS = (TransportError, ApiError)  # what makes the embedded engine stand in
REFUSED = 400
MISSING = {"price_up": 900_000_000_000_000_000, "price_down": -1, "trl": -1}
SORT_FIELDS = {"newest": "published", "price_up": "price", "price_down": "price", "trl": "rank"}
# Elasticsearch counts deletions and forced writes up by one: they stay below the next revision.
ROOM = 1000
# The first letter is seldom the wrong one, and looking for words with any other costs most.
FUZZY = {"fuzziness": "AUTO", "prefix_length": 1, "max_expansions": 20}
IN_CLAIMS = ("word", "synonym", "similar", "prefix")
SETTINGS = {
    "number_of_shards": 1,
    "number_of_replicas": 0,
    "similarity": {"default": {"type": "BM25", "k1": BM25_K1, "b": BM25_B}},
}


@cache
def client() -> Elasticsearch:
    """Fails fast: the embedded engine can answer, so nobody should wait for this one."""
    return Elasticsearch(
        settings.ELASTICSEARCH_URL,
        request_timeout=3,
        max_retries=0,
        serializers={"application/vnd.elasticsearch+json": OrjsonSerializer()},
    )


def is_down(fault: Exception) -> bool:
    """Whether the next request would fare no better."""
    return not (isinstance(fault, ApiError) and fault.status_code == REFUSED)


def patient() -> Elasticsearch:
    """For what is not on the way of a request."""
    return client().options(request_timeout=60)


def mapping() -> dict[str, Any]:
    built = IndexMapping()
    built.meta("dynamic", False)
    built.meta("_source", includes=["card", "checksum"])
    for name in ("latin", "han", "classes", "claims"):
        built.field(name, "text", analyzer="whitespace", index_options="freqs")
    built.field("body", "text", analyzer="whitespace", norms=False)  # for phrases
    for name in ("doc", "numbers", "currency", *FILTERS):
        built.field(name, "keyword")
    for name in ("price", "published"):
        built.field(name, "long")
    built.field("rank", "byte")
    built.field("card", "object", enabled=False)
    built.field("checksum", "keyword", index=False, doc_values=False)
    found: dict[str, Any] = built.to_dict()
    return found


def index_name(generation: Generation) -> str:
    return f"{settings.SEARCH_INDEX_PREFIX}-{generation.kind}-{generation.pk}"


def source(document: Document) -> dict[str, Any]:
    found: dict[str, list[str]] = {"latin": [], "han": [], "classes": []}
    for token in (*document.body(), *document.grains, *document.classes):
        found[field_of(token)].append(token)
    return {
        "doc": document.id,
        # A list, between whose items Elasticsearch leaves room, so that no phrase goes over it.
        "body": [" ".join(passage) for passage in document.passages],
        **{name: " ".join(tokens) for name, tokens in found.items()},
        "claims": " ".join(document.claim_tokens),
        "numbers": list(document.numbers),
        "currency": document.currency,
        "price": document.price,
        "published": document.published,
        "rank": next((int(v) for v in document.facets.get("trl", ())), None),
        "card": document.card,
        "checksum": document.checksum,
        **{name: list(values) for name, values in document.facets.items()},
    }


class ElasticEngine:
    name = "elasticsearch"

    def create(self, generation: Generation) -> None:
        if not self.has(generation):
            patient().indices.create(
                index=index_name(generation), settings=SETTINGS, mappings=mapping()
            )

    def has(self, generation: Generation) -> bool:
        return bool(patient().indices.exists(index=index_name(generation)))

    def put(
        self, generation: Generation, documents: Iterable[Document], *, force: bool = False
    ) -> None:
        """Write documents over those of the same id, unless these are of a later revision; by
        force whatever they are."""
        self.create(generation)  # else the first write would make one, with guessed types
        name = index_name(generation)
        actions = (
            {
                "_index": name,
                "_id": document.id,
                "_source": source(document),
                **(
                    {}
                    if force
                    else {"version": document.revision * ROOM, "version_type": "external_gte"}
                ),
            }
            for document in documents
        )
        write(actions)
        patient().indices.refresh(index=name)

    def remove(self, generation: Generation, ids: Sequence[str]) -> None:
        name = index_name(generation)
        if not ids or not self.has(generation):
            return
        actions = ({"_op_type": "delete", "_index": name, "_id": id} for id in ids)
        for good, result in streaming_bulk(patient(), actions, raise_on_error=False):
            if not good and result["delete"]["status"] != 404:
                raise RuntimeError(f"Elasticsearch did not remove {result['delete']}")
        patient().indices.refresh(index=name)

    def make_live(self, generation: Generation) -> None:
        """The alias is for people and tools; the platform itself asks the generation's index."""
        alias = f"{settings.SEARCH_INDEX_PREFIX}-{generation.kind}"
        patient().indices.update_aliases(
            actions=[
                {"remove": {"index": f"{alias}-*", "alias": alias, "must_exist": False}},
                {"add": {"index": index_name(generation), "alias": alias}},
            ]
        )

    def drop(self, generation: Generation) -> None:
        patient().indices.delete(index=index_name(generation), ignore_unavailable=True)

    def checksums(self, generation: Generation) -> dict[str, str]:
        if not self.has(generation):
            return {}
        hits = scan(
            patient(), index=index_name(generation), query={"_source": ["checksum"]}, size=2000
        )
        return {hit["_id"]: hit["_source"]["checksum"] for hit in hits}

    def search(self, generation: Generation, request: SearchRequest, plan: Plan) -> SearchResult:
        answer = client().search(index=index_name(generation), body=body(request, plan)).body
        found = answer["hits"]["hits"]
        hits = [
            Hit(
                hit["_id"],
                hit["_score"] or 0.0,
                hit["_source"]["card"],
                cursor_at(request.sort, hit["sort"][0], hit["_id"]),
                [class_token(s) for s in hit.get("fields", {}).get("ipc", ()) if len(s) >= 4],
            )
            for hit in islice(found, request.first)
        ]
        return SearchResult(
            hits=hits,
            total=answer["hits"]["total"]["value"] if request.count else len(hits),
            more=len(found) > request.first,
            facets={
                name: [Bucket(b["key"], b["doc_count"]) for b in buckets(answer, name)]
                for name in request.facets
            },
        )


def write(actions: Iterable[dict[str, Any]]) -> None:
    """In bulk; what is there in a later version stays."""
    for good, result in streaming_bulk(patient(), actions, raise_on_error=False):
        answer = next(iter(result.values()))
        if not good and answer["status"] != 409:
            raise RuntimeError(f"Elasticsearch refused {answer['_id']}: {answer['error']}")


def buckets(answer: Mapping[str, Any], name: str) -> Sequence[Mapping[str, Any]]:
    found = answer["aggregations"][name]
    result: Sequence[Mapping[str, Any]] = (found.get("narrowed") or found)["buckets"]
    return result


def body(request: SearchRequest, plan: Plan) -> dict[str, Any]:
    """The body of a search request: a pure function of what is asked."""
    must = wanted(request, plan)
    narrow: list[dict[str, Any]] = [
        {"terms": {name: list(values)}} for name, values in plan.filters.items()
    ]
    if request.ids is not None:
        narrow.append({"terms": {"doc": list(request.ids)}})
    without: list[dict[str, Any]] = [
        {"terms": {name: list(plan.without)}} for name in ("latin", "han", "claims") if plan.without
    ]
    if request.exclude:
        without.append({"terms": {"doc": list(request.exclude)}})
    if request.price:
        bounds = {"gte": request.price.least, "lte": request.price.most}
        narrow += [
            {"term": {"currency": request.price.currency.upper()}},
            {"range": {"price": {k: v for k, v in bounds.items() if v is not None}}},
        ]
    if plan.impossible:
        narrow.append({"match_none": {}})
    chosen = {n: {"terms": {n: list(v)}} for n, v in request.filters.items()}
    narrow += [one for name, one in chosen.items() if name not in request.facets]
    later = {name: one for name, one in chosen.items() if name in request.facets}
    query: dict[str, Any] = {}
    lifts = [any_of(concept) for concept in plan.lifts] if must else []
    for name, clauses in (
        ("must", must),
        ("filter", narrow),
        ("must_not", without),
        ("should", lifts),
    ):
        if clauses:
            query[name] = clauses
    order = "desc" if SORTS[request.sort][1] else "asc"
    by: dict[str, Any] = (
        {"_score": order}
        if request.sort == "relevance"
        else {SORT_FIELDS[request.sort]: {"order": order, **missing(request.sort)}}
    )
    found: dict[str, Any] = {
        "query": {"bool": query} if query else {"match_all": {}},
        "size": request.first + 1,
        "sort": [by, {"doc": order}],
        "track_scores": True,
        "track_total_hits": request.count,
        "_source": ["card"],
    }
    if request.after:
        found["search_after"] = list(place_after(request.after, request.sort))
    if request.classes:
        found["docvalue_fields"] = ["ipc"]
    if later:
        found["post_filter"] = {"bool": {"filter": list(later.values())}}
    if request.facets:
        found["aggs"] = {
            name: count_of(name, [one for n, one in later.items() if n != name])
            for name in request.facets
        }
    return found


def missing(sort: str) -> dict[str, int]:
    return {"missing": MISSING[sort]} if sort in MISSING else {}


def count_of(name: str, others: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Counts of a facet's values among what all other filters leave, so that one may choose two."""
    counts = {"terms": {"field": name, "size": FACET_SIZE}}
    if not others:
        return counts
    return {"filter": {"bool": {"filter": list(others)}}, "aggs": {"narrowed": counts}}


def wanted(request: SearchRequest, plan: Plan) -> list[dict[str, Any]]:
    """What must match."""
    must: list[Any] = [
        {"match_phrase": {"body": {"query": " ".join(phrase), "boost": PHRASE_BOOST}}}
        for phrase in plan.phrases
    ]
    asked: list[Any] = list(concepts(request, plan))
    text: Any = None
    if asked:
        text = {"bool": {"should": asked, "minimum_should_match": needed(request, asked)}}
    if plan.number:
        number = {"constant_score": {"filter": {"term": {"numbers": plan.number}},
                                     "boost": NUMBER_BOOST}}  # fmt: skip
        text = {"bool": {"should": [number, text]}} if text else number
    if text:
        must.append(text)
    return must


def needed(request: SearchRequest, asked: Sequence[Any]) -> int:
    return len(asked) if request.match == "all" else 1


def concepts(request: SearchRequest, plan: Plan) -> Iterator[dict[str, Any]]:
    if request.match == "fuzzy":
        for concept in plan.concepts:
            yield {"match": {field_of(concept.source): {"query": concept.source, **FUZZY}}}
        return
    for concept in plan.concepts:
        if concept.said or request.match != "all":
            yield any_of(concept)


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
    return each[0] if len(each) == 1 else {"dis_max": {"queries": each, "tie_breaker": WEIGHTS.tie}}


def term(field: str, token: str, boost: float) -> dict[str, Any]:
    return {"term": {field: {"value": token, "boost": boost}}}
