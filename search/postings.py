"""Writing the embedded engine's inverted index."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from django.db import connection, transaction

from .document import Document
from .models import Entry, Generation
from .text import field_of

BOUNDARY = " | "  # no phrase goes over it


def put(generation: Generation, documents: Iterable[Document], *, force: bool = False) -> None:
    """Write documents over those of the same id, unless these are of a later revision; by force
    whatever they are."""
    batch = {document.id: document for document in documents}
    if not batch:
        return
    with transaction.atomic():
        # One writer at a time: what a term counts is changed by all of them.
        Generation.objects.select_for_update().get(pk=generation.pk)
        known = dict(
            Entry.objects.filter(generation=generation, doc__in=batch).values_list(
                "doc", "revision"
            )
        )
        fresh = [d for d in batch.values() if force or known.get(d.id, -1) <= d.revision]
        forget(generation, [d.id for d in fresh if d.id in known])
        write(generation, fresh)


def remove(generation: Generation, ids: Sequence[str]) -> None:
    with transaction.atomic():
        Generation.objects.select_for_update().get(pk=generation.pk)
        forget(generation, ids)


def drop(generation: Generation) -> None:
    """All of it; raw, since millions of rows need no Python each."""
    with transaction.atomic(), connection.cursor() as cursor:
        for table in ("posting", "term", "word", "entry"):
            cursor.execute(
                f"DELETE FROM search_{table} WHERE generation_id = %s",  # noqa: S608
                [generation.pk],
            )


def forget(generation: Generation, ids: Sequence[str]) -> None:
    if not ids:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH gone AS (
                SELECT id, words FROM search_entry
                WHERE generation_id = %(g)s AND doc = ANY(%(ids)s)
            ), terms AS (
                SELECT term, count(*) AS n FROM search_posting
                WHERE entry_id IN (SELECT id FROM gone) GROUP BY term
            ), less AS (
                UPDATE search_term t SET entries = entries - n FROM terms
                WHERE t.generation_id = %(g)s AND t.term = terms.term
            ), words AS (
                SELECT w.word, count(*) AS n FROM gone, unnest(words) AS w(word) GROUP BY w.word
            )
            UPDATE search_word t SET entries = entries - n FROM words
            WHERE t.generation_id = %(g)s AND t.word = words.word
            """,
            {"g": generation.pk, "ids": list(ids)},
        )
        gone = Entry.objects.filter(generation=generation, doc__in=ids)
        count(generation, gone.values_list("lengths", flat=True), -1)
        cursor.execute(
            """
            DELETE FROM search_posting USING search_entry e
            WHERE entry_id = e.id AND e.generation_id = %(g)s AND e.doc = ANY(%(ids)s)
            """,
            {"g": generation.pk, "ids": list(ids)},
        )
        cursor.execute(
            "DELETE FROM search_entry WHERE generation_id = %s AND doc = ANY(%s)",
            [generation.pk, list(ids)],
        )


def count(generation: Generation, entries: Iterable[Mapping[str, float]], sign: int) -> None:
    """Count entries in or out: how many there are, and by field how many have it and how long they
    are together. The row is locked by whoever calls."""
    now = Generation.objects.only("documents", "lengths").get(pk=generation.pk)
    for lengths in entries:
        now.documents += sign
        for name, length in lengths.items():
            having, total = now.lengths.get(name, (0, 0.0))
            now.lengths[name] = [having + sign, round(total + sign * length, 3)]
    now.save(update_fields=["documents", "lengths"])


def write(generation: Generation, documents: Sequence[Document]) -> None:
    entries = [entry_of(generation, document) for document in documents]
    terms = Counter(term for document in documents for term in document.frequencies)
    vocabulary = Counter(word for entry in entries for word in entry.words)
    Entry.objects.bulk_create(entries, batch_size=500)
    generation_id = generation.pk
    with connection.cursor() as cursor:
        with cursor.copy(
            "COPY search_posting (generation_id, term, entry_id, tf, length) FROM STDIN"
        ) as copy:
            for entry, document in zip(entries, documents, strict=True):
                entry_id = entry.pk
                for term, tf in document.frequencies.items():
                    length = float(entry.lengths[field_of(term)])
                    copy.write_row((generation_id, term, entry_id, tf, length))
        for table, column, counts in (
            ("search_term", "term", terms),
            ("search_word", "word", vocabulary),
        ):
            cursor.execute(
                f"""
                INSERT INTO {table} AS t (generation_id, {column}, entries)
                SELECT %s, key, value::bigint FROM json_each_text(%s::json)
                ON CONFLICT (generation_id, {column})
                DO UPDATE SET entries = t.entries + excluded.entries
                """,  # noqa: S608 - the names are ours
                [generation.pk, json.dumps(counts, ensure_ascii=False)],
            )
    count(generation, (entry.lengths for entry in entries), 1)


def entry_of(generation: Generation, document: Document) -> Entry:
    return Entry(
        generation=generation,
        doc=document.id,
        revision=document.revision,
        checksum=document.checksum,
        card=dict(document.card),
        family=document.family,
        facets=[f"{name}={v}" for name, vs in document.facets.items() for v in vs],
        numbers=list(document.numbers),
        words=sorted(document.vocabulary()),
        lengths=dict(document.lengths),
        body=f" {BOUNDARY.join(' '.join(passage) for passage in document.phrases)} ",
        price=document.price,
        currency=document.currency,
        published=document.published,
        trl=next((int(v) for v in document.facets.get("trl", ())), None),
    )
