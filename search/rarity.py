"""What the index knows of tokens: in how many documents each stands, and where. Kept in PostgreSQL,
whichever engine searches."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from sys import intern
from typing import Any

import orjson
from django.db import connection

from .models import Generation
from .text import field_of

# ruff: noqa: S608 - every name in these statements is ours, every value a parameter


def idf(entries: int, documents: int) -> float:
    """How much a token tells that stands in so many entries of all that have its field: in nats,
    from nearly 0 for one that stands in each."""
    return math.log(1 + (max(documents - entries, 0) + 0.5) / (entries + 0.5))


@dataclass
class Counts:
    """In how many entries of a generation tokens stand, each looked up once."""

    generation: Generation
    known: dict[str, int] = field(default_factory=dict)
    lengths: Lengths = field(default_factory=dict)

    def of(self, tokens: Iterable[str]) -> Mapping[str, int]:
        """Of these tokens at least; 0 for those that stand in none."""
        if missing := [t for t in dict.fromkeys(tokens) if t not in self.known]:
            counts, self.lengths = counted(self.generation, missing)
            self.known |= dict.fromkeys(missing, 0) | counts
        return self.known

    def telling(self, tokens: Sequence[str]) -> dict[str, float]:
        """How much each token tells; those that stand in no entry are left out."""
        known = self.of(tokens)
        return {t: idf(n, having(self.lengths, t)) for t in tokens if (n := known[t])}


def rarity(generation: Generation, tokens: Sequence[str]) -> dict[str, int]:
    """In how many entries each token stands; those that stand in none are left out."""
    counts, _ = counted(generation, tokens)
    return counts


Lengths = Mapping[str, Sequence[float]]  # by field: how many entries have it, and how long in all


def counted(generation: Generation, tokens: Sequence[str]) -> tuple[dict[str, int], Lengths]:
    """In how many entries each token stands, without those that stand in none, and the lengths of
    the generation; by one statement."""
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


Standing = tuple[Mapping[str, float], Mapping[str, float]]  # how often tokens count, and lengths


def standing(generation: Generation, docs: Sequence[str]) -> dict[str, Standing]:
    """Of documents how often each of their tokens counts, and how long their fields are: read from
    the index, since to analyse them anew takes three times as long."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT e.doc, e.lengths, (
                SELECT json_object_agg(p.term, p.tf) FROM search_posting p
                WHERE p.generation_id = e.generation_id AND p.entry_id = e.id
            ) FROM search_entry e WHERE e.generation_id = %s AND e.doc = ANY(%s)
            """,
            [generation.pk, list(docs)],
        )
        rows = [(doc, *loaded(row)) for doc, *row in cursor.fetchall()]
    return {
        doc: ({intern(token): often for token, often in found.items()}, lengths)
        for doc, lengths, found in rows
        if found
    }


def loaded(row: Sequence[Any]) -> list[Any]:
    """A row of JSON, which some connections read and others leave to us."""
    return [orjson.loads(one) if isinstance(one, str) else one for one in row]


# As one value: a row for each of hundreds of terms takes longer to read than to find.
COUNTS = """(
    SELECT json_object_agg(t.term, t.entries) FROM search_term t
    WHERE t.generation_id = g.id AND t.term = ANY(%(terms)s) AND t.entries > 0
)"""
