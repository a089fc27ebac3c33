"""The embedded engine: BM25 over an inverted index in PostgreSQL, in one statement a search.

It serves where there is no Elasticsearch, and stands in when that does not answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from django.conf import settings
from django.db import connection

from . import coverage, postings
from .corrections import with_similar
from .document import Document, class_token
from .models import Entry, Generation
from .plan import Plan, Scores
from .ranking import BM25_B, BM25_K1, NUMBER_BOOST, PHRASE_BOOST, WEIGHTS
from .rarity import average, having, idf, loaded
from .request import (
    FACET_SIZE,
    SORTS,
    Bucket,
    Hit,
    SearchRequest,
    SearchResult,
    cursor_at,
    index_of,
    place_after,
    scores_of,
)

# What a sort compares, where a missing value stands last.
SORT_COLUMNS: Mapping[str, str] = {
    "relevance": "score",
    "newest": "published",
    "price_up": "coalesce(price, 900000000000000000)",
    "price_down": "coalesce(price, -1)",
    "trl": "coalesce(trl, -1)",
}


class EmbeddedEngine:
    name = "embedded"

    def create(self, generation: Generation) -> None:
        """Its tables are there already."""

    def has(self, generation: Generation) -> bool:
        return True

    def put(
        self, generation: Generation, documents: Iterable[Document], *, force: bool = False
    ) -> None:
        postings.put(generation, documents, force=force)

    def remove(self, generation: Generation, ids: Sequence[str]) -> None:
        postings.remove(generation, ids)

    def make_live(self, generation: Generation) -> None:
        """The row of the generation says it all; the planner should know what was written."""
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE search_posting, search_entry, search_term, search_word")

    def drop(self, generation: Generation) -> None:
        postings.drop(generation)

    def checksums(self, generation: Generation) -> dict[str, str]:
        rows = Entry.objects.filter(generation=generation).values_list("doc", "checksum")
        return dict(rows.iterator(chunk_size=10_000))

    def search(self, generation: Generation, request: SearchRequest, plan: Plan) -> SearchResult:
        if request.match == "fuzzy":
            plan = with_similar(generation, plan)
        sql, parameters = statement(generation, request, plan)
        with connection.cursor() as cursor:
            cursor.execute(sql, parameters)
            row = cursor.fetchone()
        assert row is not None  # noqa: S101 - it selects one row of aggregates
        total, rows, counts = loaded(row[:3])
        hits = [
            Hit(
                doc,
                score,
                card,
                cursor_at(request.sort, value, doc, scores_of(self.name, generation)),
                classes_of(facets),
                size,
                family,
                checksum=checksum,
            )
            for doc, score, value, card, facets, size, family, checksum in (rows or ())[
                : request.first
            ]
        ]
        return SearchResult(
            hits=hits,
            total=total,
            more=len(rows or ()) > request.first,
            facets={
                name: [Bucket(value, count) for value, count in (counts or {}).get(name) or ()]
                for name in request.facets
            },
            scores=Scores(generation.pk, plan.concepts, plan.lifts, row[3:]) if row[3:] else None,
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
        their order: exactly, by comparing with each."""
        p: dict[str, Any] = {"g": generation.pk, "kind": generation.kind, "k": count}
        base, chosen = conditions(request, plan, p)
        p |= {"vector": list(vector), "model": settings.EMBEDDING_MODEL}
        sql = f"""
            SELECT e.doc, e.family FROM search_entry e
            JOIN search_embedding v ON v.kind = %(kind)s AND v.doc = e.doc AND v.model = %(model)s
                AND cardinality(v.vector) = cardinality(%(vector)s::float8[])
            WHERE {" AND ".join([*base, *chosen.values()])}
            ORDER BY (SELECT sum(a * b) FROM unnest(v.vector, %(vector)s::float8[]) AS t(a, b))
                DESC, e.doc DESC LIMIT %(k)s
        """
        with connection.cursor() as cursor:
            cursor.execute(sql, p)
            return dict(cursor.fetchall())


def classes_of(facets: Iterable[str] | None) -> list[str]:
    symbols = (f.removeprefix("ipc=") for f in facets or () if f.startswith("ipc="))
    return [class_token(symbol) for symbol in symbols if len(symbol) >= 4]


def conditions(
    request: SearchRequest, plan: Plan, p: dict[str, Any]
) -> tuple[list[str], dict[str, str]]:
    """What narrows, as SQL over `e`, and apart by name the filters that facets leave out when they
    count; their values go into `p`."""
    base = ["e.generation_id = %(g)s"]
    for i, phrase in enumerate(plan.phrases):
        p[f"phrase{i}"] = f"% {escape(' '.join(phrase))} %"
        base.append(f"e.body LIKE %(phrase{i})s")
    if plan.without:
        p["without"] = list(plan.without)
        base.append(
            "NOT EXISTS (SELECT 1 FROM search_posting n WHERE n.generation_id = %(g)s"
            " AND n.entry_id = e.id AND n.term = ANY(%(without)s))"
        )
    for i, phrase in enumerate(plan.without_phrases):
        p[f"without{i}"] = f"% {escape(' '.join(phrase))} %"
        base.append(f"e.body NOT LIKE %(without{i})s")
    if plan.without_numbers:
        p["without_numbers"] = list(plan.without_numbers)
        base.append("NOT e.numbers && %(without_numbers)s::text[]")
    if plan.apart:
        p["apart"] = [f"{name}={value}" for name, vs in plan.apart.items() for value in vs]
        base.append("NOT e.facets && %(apart)s::text[]")
    for i, (name, values) in enumerate(plan.filters.items()):
        p[f"said{i}"] = [f"{name}={value}" for value in values]
        base.append(f"e.facets && %(said{i})s::text[]")
    if plan.impossible:
        base.append("false")
    if request.ids is not None:
        p["ids"] = list(request.ids)
        those = "e.doc = ANY(%(ids)s)"
        if request.families:
            p["theirs"] = list(request.families)
            those = f"({those} OR e.family = ANY(%(theirs)s))"
        base.append(those)
    if request.exclude:
        p["exclude"] = list(request.exclude)
        base.append("e.doc <> ALL(%(exclude)s)")
    if request.exclude_families:
        p["families"] = list(request.exclude_families)
        base.append("e.family <> ALL(%(families)s)")
    if request.price:
        p |= {"currency": request.price.currency.upper()}
        base.append("e.currency = %(currency)s AND e.price IS NOT NULL")
        for bound, sign in (("least", ">="), ("most", "<=")):
            if (value := getattr(request.price, bound)) is not None:
                p[bound] = value
                base.append(f"e.price {sign} %({bound})s")
    chosen: dict[str, str] = {}
    for name, values in request.filters.items():
        p[f"f_{name}"] = [f"{name}={value}" for value in values]
        chosen[name] = f"facets && %(f_{name})s::text[]"
    return base, chosen


def statement(
    generation: Generation, request: SearchRequest, plan: Plan
) -> tuple[str, dict[str, Any]]:
    """One statement that gives total, page and facet counts as JSON."""
    p: dict[str, Any] = {"g": generation.pk, "limit": request.first + 1, "size": FACET_SIZE}
    base, chosen = conditions(request, plan, p)
    score = ["0"]
    asked = ["coalesce(s.found, 0) >= %(wanted)s"] if plan.concepts else []
    scored, scores, source = "", "", "search_entry e"
    if plan.concepts or plan.lifts:
        scored = f"{weighed(generation, request, plan, p)}, "
        scores = SCORES if request.classes else ""
        source += " LEFT JOIN scored s ON s.entry_id = e.id"
        score.append("coalesce(s.score, 0)")
    for i in range(len(plan.phrases)):
        score.append(f"CASE WHEN e.body LIKE %(phrase{i})s THEN {PHRASE_BOOST} ELSE 0 END")
    if plan.numbers:
        p["numbers"] = list(plan.numbers)
        score.append(f"CASE WHEN e.numbers && %(numbers)s::text[] THEN {NUMBER_BOOST} ELSE 0 END")
        asked.append("e.numbers && %(numbers)s::text[]")
    if asked:
        base.append(f"({' OR '.join(asked)})")
    narrowed = " AND ".join(chosen.values()) or "true"
    order = "DESC" if SORTS[request.sort][1] else "ASC"
    # Each facet counts among what all other filters leave, so that one may choose two.
    within = {
        name: counted([c for n, c in chosen.items() if n != name]) if name in chosen else "counted"
        for name in request.facets
    }
    facets = ", ".join(f"'{name}', {count_of(name, c, p)}" for name, c in within.items())
    shown = "e.facets" if request.classes else "null"
    card = "e.card" if request.cards else "'{}'::jsonb"
    heads = HEADS.format(order=order) if request.collapse else "SELECT *, 1 AS size FROM found"
    sql = f"""
        WITH {scored} matched AS MATERIALIZED (
            SELECT e.doc, e.family, e.facets, e.published, e.price, e.trl,
                   round(({" + ".join(score)})::numeric, 6)::float8 AS score
            FROM {source} WHERE {" AND ".join(base)}
        ), found AS (
            SELECT doc, family, score, {SORT_COLUMNS[request.sort]}::float8 AS value
            FROM matched WHERE {narrowed}
        ), heads AS ({heads}
        ), page AS (
            SELECT doc, score, value, size FROM heads WHERE {after(generation, request, p)}
            ORDER BY value {order}, doc {order} LIMIT %(limit)s
        ), counted AS {counted(list(chosen.values()))}
        SELECT (SELECT count(*) FROM heads),
               (SELECT json_agg(json_build_array(page.doc, score, value, {card}, {shown},
                                                  size, e.family, e.checksum)
                                ORDER BY value {order}, page.doc {order})
                FROM page JOIN search_entry e
                ON e.generation_id = %(g)s AND e.doc = page.doc),
               json_build_object({facets}) {scores}
    """
    return sql, p


class Asked(NamedTuple):
    """A token to look for, and of which concept and alternative, by their numbers. `parts` is how
    many tokens the alternative has, `share` how much of the query a document says with it."""

    token: str
    concept: int
    alternative: int
    weight: float
    parts: int
    share: float


def weighed(generation: Generation, request: SearchRequest, plan: Plan, p: dict[str, Any]) -> str:
    """The table `scored` of what is asked for and what lifts it, whose values go into `p`; what
    was scored before is not scored again."""
    # What lifts comes after all that is asked for: it does not count as found.
    concepts = [c for c in plan.concepts if c.said or request.match != "all"]
    lifts = plan.lifts
    before = plan.scores if plan.scores and plan.scores.serve(generation.pk, plan) else None
    if before:
        concepts, lifts = [], lifts[len(before.lifts) :]
        p |= dict(zip(("entries", "scores", "found"), before.arrays, strict=True))
    asked_for = [
        Asked(
            token, i, j, concept.weight * weight, len(a.asked), concept.share if a in said else 0.0
        )
        for i, concept in enumerate([*concepts, *lifts])
        for said in [list(coverage.ways(concept)) if concept.share else []]
        for j, a in enumerate(concept.alternatives)
        for token, weight in a.asked
    ]
    counts = plan.counted_in(generation)
    known = counts.of(one.token for one in asked_for)
    rows = [one for one in asked_for if known[one.token]]
    lengths = counts.lengths
    p |= {
        "terms": [one.token for one in rows],
        "concepts": [one.concept for one in rows],
        "alternatives": [one.alternative for one in rows],
        "weights": [one.weight * idf(known[one.token], having(lengths, one.token)) for one in rows],
        "averages": [average(lengths, one.token) for one in rows],
        "parts": [one.parts for one in rows],
        "shares": [one.share for one in rows],
        "asked": len(concepts),
        "whole": request.match == "all",  # each alternative has to be there as a whole
        "coverage": WEIGHTS.coverage if coverage.counts(concepts) else 0.0,
        "wanted": sum(c.said for c in plan.concepts) if request.match == "all" else 1,
    }
    return LIFTED if before else f"scored AS ({SCORED})"


def after(generation: Generation, request: SearchRequest, p: dict[str, Any]) -> str:
    """What comes after the cursor, whose place goes into `p`."""
    if not request.after:
        return "true"
    p["after_value"], p["after_id"] = place_after(request.after, request.sort)
    value = "%(after_value)s"
    here = scores_of(EmbeddedEngine.name, generation)
    if request.sort == "relevance" and index_of(request.after) != here:
        value = f"coalesce((SELECT value FROM heads WHERE doc = %(after_id)s), {value})"
    return f"(value, doc) {'<' if SORTS[request.sort][1] else '>'} ({value}, %(after_id)s)"


# ruff: noqa: S608 - every name in these statements is ours, every value a parameter
SCORED = f"""
        SELECT entry_id,
               coalesce(sum(best) FILTER (WHERE concept < %(asked)s), 0)
               * (1 - %(coverage)s + %(coverage)s * least(1, sum(share)))
               + coalesce(sum(best) FILTER (WHERE concept >= %(asked)s), 0) AS score,
               count(*) FILTER (WHERE concept < %(asked)s) AS found
        FROM (
            SELECT entry_id, concept,
                   {WEIGHTS.tie} * sum(one) + {1 - WEIGHTS.tie} * max(one) AS best,
                   max(share) AS share
            FROM (
                SELECT p.entry_id, q.concept, sum(
                    q.weight * p.tf * {BM25_K1 + 1}
                    / (p.tf + {BM25_K1} * ({1 - BM25_B} + {BM25_B} * p.length / q.average))
                ) AS one,
                CASE WHEN count(*) >= max(q.parts) THEN max(q.share) ELSE 0 END AS share
                FROM unnest(%(terms)s::text[], %(concepts)s::int[], %(alternatives)s::int[],
                            %(weights)s::float8[], %(averages)s::float8[], %(parts)s::int[],
                            %(shares)s::float8[])
                     AS q(term, concept, alternative, weight, average, parts, share)
                JOIN search_posting p ON p.generation_id = %(g)s AND p.term = q.term
                GROUP BY p.entry_id, q.concept, q.alternative
                HAVING NOT %(whole)s OR count(*) >= max(q.parts)
            ) y GROUP BY entry_id, concept
        ) x GROUP BY entry_id"""

# Of what was scored before, and lifts that came later.
LIFTED = f"""
    scored AS (
        SELECT entry_id, w.score + coalesce(l.score, 0) AS score, w.found
        FROM unnest(%(entries)s::bigint[], %(scores)s::float8[], %(found)s::int[])
             AS w(entry_id, score, found)
        LEFT JOIN ({SCORED}) l USING (entry_id)
    )"""
SCORES = """, (SELECT coalesce(array_agg(entry_id), '{}')::text FROM scored),
              (SELECT coalesce(array_agg(score), '{}')::text FROM scored),
              (SELECT coalesce(array_agg(found), '{}')::text FROM scored)"""


# Of each family the first; what has no family stands alone.
HEADS = """
    SELECT doc, score, value, size FROM (
        SELECT doc, score, value, count(*) OVER (PARTITION BY kin) AS size,
               row_number() OVER (PARTITION BY kin ORDER BY value {order}, doc {order}) AS place
        FROM (SELECT *, coalesce(nullif(family, ''), doc) AS kin FROM found) f
    ) r WHERE place = 1"""


def count_of(name: str, counted: str, p: dict[str, Any]) -> str:
    """The commonest values of a facet among what is counted."""
    p[f"is_{name}"] = f"{name}=%"
    p[f"cut_{name}"] = len(name) + 2
    return f"""(
        SELECT json_agg(json_build_array(v, n) ORDER BY n DESC, v) FROM (
            SELECT substr(f, %(cut_{name})s) AS v, n FROM {counted} c
            WHERE f LIKE %(is_{name})s ORDER BY n DESC, v LIMIT %(size)s
        ) c
    )"""


def counted(narrowed: Sequence[str]) -> str:
    """How many have each value of any facet, in one pass. The symbols, most of all values, are of
    no facet."""
    return f"""(
        SELECT f, count(*) AS n FROM matched, unnest(facets) AS f
        WHERE f NOT LIKE 'ipc=%%' AND {" AND ".join(narrowed) or "true"} GROUP BY f
    )"""


def escape(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
