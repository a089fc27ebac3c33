"""Keeping the indexes true to the database: by message, by rebuilding, by checking."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import islice
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import QuerySet

from .document import Document
from .elastic import FAULTS
from .embedding import AT_ONCE, embed_documents, on, with_vectors
from .engine import Engine, engines, live
from .listings import (
    document_of_listing,
    document_of_need,
    listings_to_index,
    needs_to_index,
)
from .models import Generation

BATCH = 500


@dataclass(frozen=True)
class Source:
    """Where the documents of an index come from."""

    rows: Callable[[], QuerySet[Any]]
    document: Callable[[Any], Document]


SOURCES: Mapping[str, Source] = {
    "listing": Source(listings_to_index, document_of_listing),
    "need": Source(needs_to_index, document_of_need),
}


def index_rows(kind: str, ids: Iterable[UUID | str]) -> dict[str, Document]:
    """Read these rows again and bring every generation of `kind`, live or being built, up to
    date: what is to be found is written, what is not (any more) is removed. What was written."""
    wanted = [str(id) for id in ids]
    source = SOURCES[kind]
    with one_writer(kind):
        rows = source.rows().filter(pk__in=wanted)
        documents = with_vectors(kind, [source.document(row) for row in rows])
        found = {document.id: document for document in documents}
        gone = [id for id in wanted if id not in found]
        for engine in engines():
            for generation in Generation.objects.filter(kind=kind):
                engine.put(generation, found.values())
                engine.remove(generation, gone)
    return found


@contextmanager
def one_writer(kind: str) -> Iterator[None]:
    """Nobody else reads rows of `kind` to index them meanwhile: a row that was withdrawn must not
    be written by whoever read it before."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(hashtext(%s))", [f"search {kind}"])
    try:
        yield
    finally:
        unlock(kind)


@contextmanager
def only_one(kind: str) -> Iterator[bool]:
    """The same without waiting: whether nobody else is at it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(hashtext(%s))", [f"search {kind}"])
        ((alone,),) = cursor.fetchall()
    try:
        yield alone
    finally:
        if alone:
            unlock(kind)


def unlock(kind: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_unlock(hashtext(%s))", [f"search {kind}"])


def rebuild(kind: str, progress: Callable[[int], None] = lambda done: None) -> Generation:
    """Fill a new generation beside the live one, then make it live; what changes meanwhile goes
    into both. The old one is dropped after that. A second waits for the first: each would drop the
    other's, and no index would be left."""
    with one_writer(f"{kind} generations"):
        return replaced(kind, progress)


def replaced(kind: str, progress: Callable[[int], None]) -> Generation:
    generation = Generation.objects.create(kind=kind)
    try:
        settle(kind, generation, fill(kind, generation, progress))
        for engine in engines():
            engine.make_live(generation)
    except BaseException:  # such as of who sees it takes long, and stops it
        with one_writer(kind):  # who wrote between the two would make an index anew
            for engine in engines():
                with suppress(*FAULTS):  # such as of the engine that made it fail
                    engine.drop(generation)
            generation.delete()  # else every later change would be written into half an index
        raise
    with transaction.atomic():
        old = list(
            Generation.objects.select_for_update().filter(kind=kind).exclude(pk=generation.pk)
        )
        Generation.objects.filter(pk__in=[one.pk for one in old]).update(live=False)
        Generation.objects.filter(pk=generation.pk).update(live=True)
    for one in old:
        with one_writer(kind):
            for engine in engines():
                engine.drop(one)
            Generation.objects.filter(pk=one.pk).delete()
    return generation


def fill(kind: str, generation: Generation, progress: Callable[[int], None]) -> set[str]:
    """Write all documents into the generation; their ids."""
    for engine in engines():
        engine.create(generation)
    done: set[str] = set()
    for documents in documents_of(kind):
        for engine in engines():
            engine.put(generation, documents)
        done.update(document.id for document in documents)
        progress(len(done))
    return done


def settle(kind: str, generation: Generation, written: set[str]) -> None:
    """What came or went while it was being filled. Of what only changed, the message was written
    into it too, and a later revision stays."""
    now = {str(pk) for pk in SOURCES[kind].rows().order_by().values_list("pk", flat=True)}
    for engine in engines():
        put_right(kind, generation, engine, sorted(written ^ now))


def documents_of(kind: str) -> Iterator[list[Document]]:
    source = SOURCES[kind]
    rows = source.rows().order_by("pk").iterator(chunk_size=BATCH)
    while batch := [source.document(row) for row in islice(rows, BATCH)]:
        yield with_vectors(kind, batch)


@dataclass(frozen=True)
class Drift:
    """Ids that an engine lacks, has in an old state, or should not have (any more)."""

    engine: str
    missing: list[str]
    stale: list[str]
    surplus: list[str]

    @property
    def any(self) -> bool:
        return bool(self.missing or self.stale or self.surplus)


def drift(kind: str, generation: Generation) -> list[Drift]:
    """Compare every document of the database with what each engine holds, by checksum."""
    truth = {d.id: d.checksum for documents in documents_of(kind) for d in documents}
    found = []
    for engine in engines():
        held = engine.checksums(generation)
        found.append(
            Drift(
                engine.name,
                missing=sorted(truth.keys() - held.keys()),
                stale=sorted(id for id in truth.keys() & held.keys() if truth[id] != held[id]),
                surplus=sorted(held.keys() - truth.keys()),
            )
        )
    return found


def mend(kind: str, generation: Generation) -> list[Drift]:
    """Find drift and put it right; what was found."""
    for engine in engines():
        if not engine.has(generation):
            engine.create(generation)
            engine.make_live(generation)
    found = drift(kind, generation)
    for one in found:
        engine = next(e for e in engines() if e.name == one.engine)
        put_right(kind, generation, engine, [*one.missing, *one.stale, *one.surplus])
    return found


def put_right(kind: str, generation: Generation, engine: Engine, ids: Sequence[str]) -> None:
    """Write these as the database has them now, whatever the engine holds; or remove them."""
    source = SOURCES[kind]
    for start in range(0, len(ids), BATCH):
        batch = ids[start : start + BATCH]
        with one_writer(kind):
            wanted = {str(row.pk): row for row in source.rows().filter(pk__in=batch)}
            documents = with_vectors(kind, [source.document(row) for row in wanted.values()])
            engine.put(generation, documents, force=True)
            engine.remove(generation, [id for id in batch if id not in wanted])


def embed_rows(kind: str, ids: Iterable[UUID | str]) -> None:
    """Ask for the vectors that these rows lack, and index what came. embedding.Unavailable leaves
    them found by words."""
    if not on():
        return
    source = SOURCES[kind]
    rows = source.rows().filter(pk__in=[str(id) for id in ids])
    fresh = embed_documents(kind, [source.document(row) for row in rows])
    if fresh:
        index_rows(kind, fresh)


def embed_all(kind: str) -> int:
    """The same for every row; for how many. What one request brought is indexed before the next is
    made: kept, it would not be asked for again."""
    count = 0
    for documents in documents_of(kind):
        for start in range(0, len(documents), AT_ONCE):
            fresh = embed_documents(kind, documents[start : start + AT_ONCE])
            if fresh:
                index_rows(kind, fresh)
            count += len(fresh)
    return count


def drop(kind: str) -> int:
    """Drop every generation of `kind`; how many there were."""
    with one_writer(f"{kind} generations"):
        generations = list(Generation.objects.filter(kind=kind))
        for generation in generations:
            for engine in engines():
                engine.drop(generation)
            Generation.objects.filter(pk=generation.pk).delete()
    return len(generations)


def ensure(kind: str) -> Generation:
    """The live generation, held by every engine: one that came later is filled too."""
    generation = live(kind)
    if generation is None:
        return rebuild(kind)
    if not all(engine.has(generation) for engine in engines()):
        mend(kind, generation)
    return generation
