"""What texts mean, as vectors from an OpenAI-compatible endpoint; off unless EMBEDDING_URL is set.

Vectors are kept in the database by what they were made from, so that rebuilding an index asks the
endpoint for nothing.
"""

from __future__ import annotations

import hashlib
import math
import time
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

import orjson
import urllib3
from django.conf import settings

from .document import Document
from .models import Embedding

AT_ONCE = 64  # texts of one request
PIECE = 1 << 16  # bytes of an answer, at most
LONGEST = 8_000  # characters of a text; most models read no more
PATIENCE = urllib3.Timeout(connect=0.5, read=1.5)  # seconds, while somebody waits for a search
CALM = urllib3.Timeout(connect=2, read=60)
http = urllib3.PoolManager(retries=False)


class Unavailable(Exception):
    """The endpoint does not answer, or not as it should."""


def on() -> bool:
    return bool(settings.EMBEDDING_URL)


def embed(texts: Sequence[str], timeout: urllib3.Timeout = CALM) -> list[list[float]]:
    """A vector of length 1 for each text, in one request. Unavailable where that cannot be had."""
    body: dict[str, Any] = {"input": [text[:LONGEST] for text in texts]}
    if settings.EMBEDDING_MODEL:
        body["model"] = settings.EMBEDDING_MODEL
    headers = {"Content-Type": "application/json"}
    if settings.EMBEDDING_KEY:
        headers["Authorization"] = f"Bearer {settings.EMBEDDING_KEY}"
    try:
        answer = http.request(
            "POST", settings.EMBEDDING_URL, body=orjson.dumps(body), headers=headers,
            timeout=timeout, redirect=False, preload_content=False,
        )  # fmt: skip
        said = whole(answer, time.monotonic() + float(timeout.read_timeout or 0))
        if answer.status != 200:
            raise Unavailable(f"the embedding endpoint answers {answer.status}")
        rows = sorted(orjson.loads(said)["data"], key=lambda row: row["index"])
        found = [normalised(row["embedding"]) for row in rows]
    except (urllib3.exceptions.HTTPError, ValueError, KeyError, TypeError) as fault:
        raise Unavailable(f"the embedding endpoint: {fault!r}") from fault
    if len(found) != len(texts):
        raise Unavailable(f"{len(texts)} texts, {len(found)} vectors")
    return found


def whole(answer: urllib3.BaseHTTPResponse, until: float) -> bytes:
    """The body. A timeout is of each piece of it: what comes drop by drop would keep a search
    waiting for as long as it drips."""
    found = bytearray()
    while piece := answer.read1(PIECE):
        found += piece
        if time.monotonic() > until:
            answer.close()
            raise Unavailable("the embedding endpoint is too slow")
    return bytes(found)


def normalised(vector: Sequence[float]) -> list[float]:
    if len(vector) != settings.EMBEDDING_DIMENSIONS:
        raise ValueError(f"{len(vector)} dimensions, not {settings.EMBEDDING_DIMENSIONS}")
    length = math.sqrt(sum(one * one for one in vector))
    if not math.isfinite(length) or length == 0:
        raise ValueError("a vector without a direction")
    return [one / length for one in vector]


@lru_cache(maxsize=500)
def of_query(text: str, url: str, model: str) -> tuple[float, ...]:
    """Of the text of a query; `url` and `model` are those of the settings. The pages of a list ask
    for the same one."""
    return tuple(embed([text], PATIENCE)[0])


def made_from(document: Document) -> str:
    """What of a document its vector is made from: its public words."""
    return "\n".join(text for texts in document.texts.values() for text in texts)


def checksum(document: Document) -> str:
    source = f"{settings.EMBEDDING_MODEL} {made_from(document)}"
    return hashlib.sha256(source.encode()).hexdigest()[:32]


def with_vectors(kind: str, documents: Iterable[Document]) -> list[Document]:
    """The documents with the vectors that are kept of just these words; in one statement."""
    found = list(documents)
    if not on() or not found:
        return found
    rows = Embedding.objects.filter(
        kind=kind,
        doc__in=[one.id for one in found],
        vector__len=settings.EMBEDDING_DIMENSIONS,  # an index takes no others
    )
    kept = {(doc, made): v for doc, made, v in rows.values_list("doc", "checksum", "vector")}
    return [replace(one, vector=kept.get((one.id, checksum(one)), ())) for one in found]


def embed_documents(kind: str, documents: Iterable[Document]) -> list[str]:
    """Ask for the vectors that are missing or of other words, and keep them; whose they are.
    Unavailable leaves kept what was had before."""
    wanting = [one for one in with_vectors(kind, documents) if not one.vector]
    for start in range(0, len(wanting), AT_ONCE):
        batch = wanting[start : start + AT_ONCE]
        vectors = embed([made_from(one) for one in batch])
        Embedding.objects.bulk_create(
            [
                Embedding(
                    kind=kind,
                    doc=one.id,
                    checksum=checksum(one),
                    model=settings.EMBEDDING_MODEL,
                    vector=vector,
                )
                for one, vector in zip(batch, vectors, strict=True)
            ],
            update_conflicts=True,
            unique_fields=["kind", "doc"],
            update_fields=["checksum", "model", "vector"],
        )
    return [one.id for one in wanting]
