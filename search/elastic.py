"""The Elasticsearch engine: the only module that knows Elasticsearch.

Documents come analysed (text.py), so the index only splits at spaces and needs no plugin.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Any

from django.conf import settings
from elasticsearch import ApiError, Elasticsearch, NotFoundError, TransportError
from elasticsearch.dsl import Mapping as IndexMapping
from elasticsearch.helpers import scan, streaming_bulk
from elasticsearch.serializer import OrjsonSerializer

from . import embedding
from .document import Document, class_token
from .elastic_query import body, heads, nearest
from .models import Generation
from .plan import Plan
from .ranking import BM25_B, BM25_K1
from .request import (
    FILTERS,
    Bucket,
    Hit,
    SearchRequest,
    SearchResult,
    cursor_at,
    index_of,
    place_after,
    scores_of,
)
from .text import field_of

logger = logging.getLogger(__name__)
GONE = NotFoundError  # there is no such index
FAULTS = (TransportError, ApiError)  # what makes the embedded engine stand in
REFUSED = 400
# Elasticsearch counts deletions and forced writes up by one: they stay below the next revision.
ROOM = 1000
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
    for name in ("doc", "family", "numbers", "currency", *FILTERS):
        built.field(name, "keyword")
    for name in ("price", "published"):
        built.field(name, "long")
    built.field("rank", "byte")
    built.field("card", "object", enabled=False)
    built.field("checksum", "keyword", index=False, doc_values=False)
    found: dict[str, Any] = built.to_dict()
    if embedding.on():
        found["properties"]["vector"] = {
            "type": "dense_vector",
            "dims": settings.EMBEDDING_DIMENSIONS,
            "similarity": "cosine",
        }
    return found


def index_name(generation: Generation) -> str:
    return f"{settings.SEARCH_INDEX_PREFIX}-{generation.kind}-{generation.pk}"


def source(document: Document) -> dict[str, Any]:
    found: dict[str, list[str]] = {"latin": [], "han": [], "classes": []}
    for token in (*document.body(), *document.grains, *document.classes):
        found[field_of(token)].append(token)
    return {
        "doc": document.id,
        "family": document.family or None,
        # A list, between whose items Elasticsearch leaves room, so that no phrase goes over it.
        "body": [" ".join(passage) for passage in document.phrases],
        **{name: " ".join(tokens) for name, tokens in found.items()},
        "claims": " ".join(document.claim_tokens),
        "numbers": list(document.numbers),
        "currency": document.currency,
        "price": document.price,
        "published": document.published,
        "rank": next((int(v) for v in document.facets.get("trl", ())), None),
        "card": document.card,
        "checksum": document.checksum,
        **({"vector": list(document.vector)} if document.vector else {}),
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
        """The alias is for people and tools; the platform itself asks the generation's index. What
        was written in batches stands in as many segments, each of which has to be asked for every
        term: they become one, which takes some seconds more, on the side."""
        try:
            patient().indices.forcemerge(
                index=index_name(generation), max_num_segments=1, wait_for_completion=False
            )
        except FAULTS as fault:  # it searches as well in many, only slower
            logger.warning("Elasticsearch does not merge %s: %s", generation, fault)
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
        """Collapsed, pages are read until one is full of families' first members: Elasticsearch
        itself cannot both collapse and go on after a cursor."""
        name, scores = index_name(generation), scores_of(self.name, generation)
        request = going_on(name, request, plan, scores)
        first = answer = asked(name, body(request, plan))
        sizes = several(answer)
        kept = of_families(name, request, plan, answer, sizes)
        passed = set[str]()
        while len(kept) <= request.first and len(answer["hits"]["hits"]) > request.first:
            passed |= {f for hit in answer["hits"]["hits"] if (f := family(hit)) in sizes}
            after = answer["hits"]["hits"][-1]["sort"]
            answer = asked(name, body(request, plan, after=after, passed=sorted(passed)))
            kept += of_families(name, request, plan, answer, sizes)
        hits = [
            Hit(
                id_of(hit),
                hit["_score"] or 0.0,
                hit["_source"]["card"] if request.cards else {},
                cursor_at(request.sort, hit["sort"][0], id_of(hit), scores),
                [class_token(s) for s in hit.get("fields", {}).get("ipc", ()) if len(s) >= 4],
                sizes.get(family(hit), 1),
                family(hit),
                checksum=hit["_source"]["checksum"] if request.cards else "",
            )
            for hit in kept[: request.first]
        ]
        surplus = sum(size - 1 for size in sizes.values())
        return SearchResult(
            hits=hits,
            total=first["hits"]["total"]["value"] - surplus if request.count else len(hits),
            more=len(kept) > request.first,
            facets={
                name: [Bucket(b["key"], b["doc_count"]) for b in buckets(first, name)]
                for name in request.facets
            },
        )

    def nearest(
        self,
        generation: Generation,
        request: SearchRequest,
        plan: Plan,
        vector: Sequence[float],
        count: int,
    ) -> dict[str, str]:
        """The documents nearest in meaning, of those that filters leave, as families by id in
        their order."""
        found = asked(index_name(generation), nearest(request, plan, vector, count))
        return {id_of(hit): family(hit) for hit in found["hits"]["hits"]}


def asked(name: str, body: dict[str, Any]) -> Mapping[str, Any]:
    found: Mapping[str, Any] = client().search(index=name, body=body).body
    return found


def going_on(name: str, request: SearchRequest, plan: Plan, scores: str) -> SearchRequest:
    """After the document that the cursor names, by its score here where another index gave the
    one in the cursor: what was deleted counts in an index until it is merged away."""
    if not request.after or request.sort != "relevance" or index_of(request.after) == scores:
        return request
    _, last = place_after(request.after, request.sort)
    alone = replace(
        request,
        ids=[last],
        first=1,
        after=None,
        facets=(),
        count=False,
        cards=False,
        collapse=False,
    )
    found = asked(name, body(alone, plan))["hits"]["hits"]
    if not found:
        return request
    return replace(request, after=cursor_at(request.sort, found[0]["sort"][0], last, scores))


def id_of(hit: Mapping[str, Any]) -> str:
    """What breaks a tie of every sort."""
    found: str = hit["sort"][1]
    return found


def family(hit: Mapping[str, Any]) -> str:
    """Empty: it stands alone."""
    found: list[str] = hit.get("fields", {}).get("family", [""])
    return found[0]


def several(answer: Mapping[str, Any]) -> dict[str, int]:
    """The families of which more than one is found, and how many of each."""
    if "families" not in answer.get("aggregations", {}):
        return {}
    return {b["key"]: b["doc_count"] for b in buckets(answer, "families")}


def of_families(
    name: str,
    request: SearchRequest,
    plan: Plan,
    answer: Mapping[str, Any],
    sizes: Mapping[str, int],
) -> list[Mapping[str, Any]]:
    """The hits of an answer without those before which another of their family stands."""
    hits: list[Mapping[str, Any]] = answer["hits"]["hits"]
    shared = sorted({f for hit in hits if (f := family(hit)) in sizes})
    if not shared:
        return hits
    found = asked(name, heads(request, plan, shared))
    first = {id_of(hit) for hit in found["hits"]["hits"]}
    return [hit for hit in hits if family(hit) not in sizes or id_of(hit) in first]


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
