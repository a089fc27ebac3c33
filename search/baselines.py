"""Plain BM25 of Elasticsearch itself, with its own analyzers: what ours is measured beside."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings

from . import elastic
from .evaluation import Judged, Ranker, read_corpus
from .measures import DEPTH
from .text import script

# Each text is analysed by each of these; a query asks the field of its own language.
ANALYZERS: Mapping[str, Mapping[str, str]] = {
    "standard": {"en": "standard", "zh": "standard"},
    "analyzers": {"en": "english", "zh": "cjk"},
}


@contextmanager
def plainly_indexed(method: str, judged: Judged, data: Path) -> Iterator[Ranker]:
    """One field that holds all text of a document, an index of its own, gone afterwards."""
    analyzers = ANALYZERS[method]
    client, name = elastic.patient(), f"{settings.SEARCH_INDEX_PREFIX}-evaluation-{method}"
    fields = {language: {"type": "text", "analyzer": a} for language, a in analyzers.items()}

    def actions() -> Iterator[dict[str, Any]]:
        for document in read_corpus(judged.corpus, data):
            text = [one for texts in document.texts.values() for one in texts] + [document.claims]
            yield {"_index": name, "_id": document.id, **dict.fromkeys(fields, text)}

    def ranked(text: str, own: str | None) -> list[str]:
        query: dict[str, Any] = {"must": {"match": {script(text): text}}}
        if own is not None:
            query["must_not"] = {"ids": {"values": [own]}}
        answer = client.search(index=name, query={"bool": query}, size=DEPTH, source=False)
        return [hit["_id"] for hit in answer["hits"]["hits"]]

    client.indices.delete(index=name, ignore_unavailable=True)
    client.indices.create(
        index=name, settings=elastic.SETTINGS, mappings={"properties": fields}
    )  # fmt: skip
    try:
        elastic.write(actions())
        client.indices.refresh(index=name)
        yield ranked
    finally:
        client.indices.delete(index=name, ignore_unavailable=True)
