"""Judged sets: their corpus indexed apart from the live index, their queries asked as the API asks.

The format is documented in docs/search-quality.md: NAME/queries.jsonl, qrels.tsv and about.json.
"""

from __future__ import annotations

import json
import math
import statistics
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import Any

from marketplace.patents.numbers import looks_like_number

from .document import Document
from .engine import EMBEDDED, Engine, search_in
from .models import Generation
from .request import MAX_TEXT, SearchRequest, checked

DEPTH = 100


@dataclass(frozen=True)
class Judged:
    """A set of queries, what is relevant to each, and where their corpus lies."""

    name: str
    corpus: Sequence[Mapping[str, str]]
    queries: Sequence[Mapping[str, Any]]
    relevant: Mapping[str, Mapping[str, int]]


@dataclass
class Scores:
    """Sums over queries; `of()` gives the means."""

    ndcg10: list[float] = field(default_factory=list)
    mrr10: list[float] = field(default_factory=list)
    r100: list[float] = field(default_factory=list)

    def add(self, ranking: Sequence[str], relevant: Mapping[str, int]) -> None:
        self.ndcg10.append(ndcg(ranking, relevant, 10))
        self.mrr10.append(
            next((1 / n for n, id in enumerate(ranking[:10], 1) if relevant.get(id, 0) > 0), 0.0)
        )
        wanted = {id for id, grade in relevant.items() if grade > 0}
        self.r100.append(len(wanted & set(ranking[:DEPTH])) / len(wanted) if wanted else 0.0)

    def of(self) -> dict[str, float]:
        return {
            name: round(statistics.fmean(values), 4) if values else 0.0
            for name, values in self.__dict__.items()
        }


def ndcg(ranking: Sequence[str], relevant: Mapping[str, int], depth: int) -> float:
    """Normalised discounted cumulative gain with linear gains, as the baselines have it."""

    def dcg(grades: Iterable[int]) -> float:
        return sum(grade / math.log2(n + 1) for n, grade in enumerate(grades, 1))

    best = dcg(sorted(relevant.values(), reverse=True)[:depth])
    return dcg(relevant.get(id, 0) for id in ranking[:depth]) / best if best else 0.0


def read_jsonl(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            if line.strip():
                yield json.loads(line)


def read_set(folder: Path) -> Judged:
    about = json.loads((folder / "about.json").read_text(encoding="utf-8"))
    relevant: dict[str, dict[str, int]] = defaultdict(dict)
    judgments = (folder / "qrels.tsv").read_text(encoding="utf-8").splitlines()[1:]
    for line in filter(str.strip, judgments):
        query, document, grade = line.split("\t")
        relevant[query][document] = int(float(grade))
    return Judged(
        name=str(about.get("name") or folder.name),
        corpus=about["corpus"],
        queries=list(read_jsonl(folder / "queries.jsonl")),
        relevant=relevant,
    )


def document_of(record: Mapping[str, Any]) -> Document:
    """A record of the corpus, any field of which but its id may be missing. Classes are left out,
    since some sets are judged by them. Where a record has its texts in both languages, both are
    indexed, as of a listing."""

    def texts(name: str) -> list[str]:
        found = [str(record.get(key) or "") for key in (name, f"{name}_zh", f"{name}_en")]
        return [text for text in dict.fromkeys(found) if text]

    claims = record.get("claims") or ""
    numbers = [looks_like_number(str(record.get(k) or "")) for k in ("pub_number", "id")]
    return Document(
        id=str(record["id"]),
        texts={"title": texts("title"), "description": texts("abstract")},
        claims="\n".join(claims) if isinstance(claims, list) else str(claims),
        numbers=sorted({number.key for number in numbers if number}),
    )


def read_corpus(parts: Sequence[Mapping[str, str]], data: Path) -> Iterator[Document]:
    for part in parts:
        for record in read_jsonl(data / part["file"]):
            if part.get("lang") in (None, record.get("lang")):
                yield document_of(record)


@contextmanager
def indexed(engine: Engine, parts: Sequence[Mapping[str, str]], data: Path) -> Iterator[Generation]:
    """A generation of its own, never live, for as long as it is needed. As in service, the
    embedded engine is fed whichever is asked: it knows how rare words are."""
    generation = Generation.objects.create(kind="evaluation")
    fed = [EMBEDDED] if engine is EMBEDDED else [EMBEDDED, engine]
    documents = read_corpus(parts, data)
    try:
        for one in fed:
            one.create(generation)
        while batch := list(islice(documents, 2000)):
            for one in fed:
                one.put(generation, batch)
        EMBEDDED.make_live(generation)  # its statistics; the row itself stays as it is
        yield generation
    finally:
        for one in fed:
            one.drop(generation)
        generation.delete()


def evaluate(judged: Judged, engine: Engine, generation: Generation) -> dict[str, Any]:
    """Figures of one set: of all queries, by the language of the query, and the median time."""
    every = Scores()
    by_language: dict[str, Scores] = defaultdict(Scores)
    times = []
    for query in judged.queries:
        started = time.perf_counter()
        request = checked(SearchRequest(text=str(query.get("text") or "")[:MAX_TEXT], first=DEPTH))
        result = search_in(generation, request, only=engine)
        times.append((time.perf_counter() - started) * 1000)
        ranking = [hit.id for hit in result.hits]
        if (own := query.get("self")) in ranking:  # the query's own document counts for nothing
            ranking.remove(own)
            if result.more:
                rest = replace(request, first=1, after=result.hits[-1].cursor)
                ranking += [hit.id for hit in search_in(generation, rest, only=engine).hits]
        for scores in (every, by_language[query.get("lang", "")]):
            scores.add(ranking, judged.relevant.get(query["_id"], {}))
    figures: dict[str, Any] = {
        "set": judged.name,
        "engine": engine.name,
        "queries": len(judged.queries),
        **every.of(),
        "ms_p50": round(statistics.median(times), 2) if times else 0.0,
    }
    if len(by_language) > 1:
        figures["by_language"] = {name: s.of() for name, s in sorted(by_language.items())}
    return figures
