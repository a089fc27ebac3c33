"""What the index knows of tokens: in how many documents each stands, and where. Kept in PostgreSQL,
whichever engine searches."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from django.db import connection

from .models import Generation
from .text import field_of

# ruff: noqa: S608 - every name in these statements is ours, every value a parameter


def idf(entries: int, documents: int) -> float:
    return math.log(1 + (max(documents - entries, 0) + 0.5) / (entries + 0.5))


def telling(generation: Generation, tokens: Sequence[str]) -> dict[str, float]:
    """How much each token tells; those that stand in no entry are left out."""
    counts, lengths = counted(generation, tokens)
    return {t: idf(n, having(lengths, t)) for t, n in counts.items()}


def rarity(generation: Generation, tokens: Sequence[str]) -> dict[str, int]:
    """In how many entries each token stands; those that stand in none are left out."""
    counts, _ = counted(generation, tokens)
    return counts


Lengths = Mapping[str, Sequence[float]]  # by field: how many entries have it, and how long in all


def counted(generation: Generation, tokens: Sequence[str]) -> tuple[dict[str, int], Lengths]:
    if not tokens:
        return {}, {}
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {COUNTS}, g.lengths FROM search_generation g WHERE g.id = %(g)s",
            {"g": generation.pk, "terms": list(tokens)},
        )
        counts, lengths = loaded(cursor.fetchone() or (None, None))
    return counts or {}, lengths or {}


def having(lengths: Lengths, term: str) -> int:
    """How many entries have the field of the term."""
    return int(lengths.get(field_of(term), (0, 0.0))[0])


def average(lengths: Lengths, term: str) -> float:
    """How long the field of the term is where there is one, in tokens."""
    entries, total = lengths.get(field_of(term), (0, 0.0))
    return max(total / max(entries, 1), 1.0)


Standing = Mapping[str, tuple[float, float]]


@dataclass(frozen=True)
class Known:
    """What the live index of a kind holds of some tokens and documents: in how many entries each
    token stands; by field how many have it and how long it is in all; and of each document which of
    the tokens it has, how often, and how long it is where they stand, beside its checksum."""

    counts: Mapping[str, int]
    lengths: Lengths
    standing: Mapping[str, Standing]
    checksums: Mapping[str, str]


def known_of(kind: str, tokens: Sequence[str], ids: Sequence[str]) -> Known | None:
    """By one statement; None where there is no such index."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT {COUNTS}, g.lengths, (
                SELECT json_agg(json_build_array(e.doc, e.checksum, (
                    SELECT json_agg(json_build_array(p.term, p.tf, p.length))
                    FROM search_posting p WHERE p.generation_id = g.id
                    AND p.entry_id = e.id AND p.term = ANY(%(terms)s)
                )))
                FROM search_entry e WHERE e.generation_id = g.id AND e.doc = ANY(%(ids)s)
            ) FROM search_generation g WHERE g.kind = %(kind)s AND g.live
            """,
            {"kind": kind, "terms": list(tokens), "ids": list(ids)},
        )
        row = cursor.fetchone()
    if row is None:
        return None
    counts, lengths, entries = loaded(row)
    return Known(
        counts or {},
        lengths,
        {doc: {t: (n, long) for t, n, long in found or ()} for doc, _, found in entries or ()},
        {doc: checksum for doc, checksum, _ in entries or ()},
    )


def loaded(row: Sequence[Any]) -> list[Any]:
    """A row of JSON, which some connections read and others leave to us."""
    return [orjson.loads(one) if isinstance(one, str) else one for one in row]


# As one value: a row for each of hundreds of terms takes longer to read than to find.
COUNTS = """(
    SELECT json_object_agg(t.term, t.entries) FROM search_term t
    WHERE t.generation_id = g.id AND t.term = ANY(%(terms)s) AND t.entries > 0
)"""
