"""Judged sets: their corpus indexed apart from the live index, their queries asked as the API asks.

The format is documented in docs/search-quality.md: NAME/queries.jsonl, qrels.tsv and about.json.
"""

from __future__ import annotations

import json
import statistics
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from marketplace.patents.numbers import looks_like_number

from .document import Document, ipc_facets
from .engine import EMBEDDED, Engine, search_in
from .measures import DEPTH, Scores, is_training
from .models import Generation
from .request import MAX_TEXT, SearchRequest, checked

MAY_KNOW_CLASSES = ("knownitem", "citation")
Ranker = Callable[[str, str | None], list[str]]  # text, and the id to leave out, to ids


@dataclass(frozen=True)
class Judged:
    """A set of queries, what is relevant to each, and where their corpus lies."""

    name: str
    corpus: Sequence[Mapping[str, str]]
    queries: Sequence[Mapping[str, Any]]
    relevant: Mapping[str, Mapping[str, int]]

    @property
    def classified(self) -> bool:
        """Whether the classes of documents are indexed: not where relevance is told by them."""
        return self.name.partition("_")[0] in MAY_KNOW_CLASSES


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


def document_of(record: Mapping[str, Any], classified: bool = False) -> Document:
    """A record of the corpus, any field of which but its id may be missing. Where a record has its
    texts in both languages, both are indexed, as of a listing."""

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
        facets=ipc_facets([*record.get("ipc", ()), *record.get("cpc", ())]) if classified else {},
        card={"lang": str(record.get("lang") or "")},
    )


def read_corpus(
    parts: Sequence[Mapping[str, str]], data: Path, classified: bool = False
) -> Iterator[Document]:
    for part in parts:
        for record in read_jsonl(data / part["file"]):
            if part.get("lang") in (None, record.get("lang")):
                yield document_of(record, classified)


@contextmanager
def indexed(engine: Engine, judged: Judged, data: Path) -> Iterator[Ranker]:
    """Ranks as the API does, in a generation of its own, never live, which is gone afterwards. As
    in service, the embedded engine is fed whichever is asked: it knows how rare words are."""
    generation = Generation.objects.create(kind="evaluation")
    fed = [EMBEDDED] if engine is EMBEDDED else [EMBEDDED, engine]
    documents = read_corpus(judged.corpus, data, judged.classified)

    def ranked(text: str, own: str | None) -> list[str]:
        excluded = [own] if own is not None else []
        request = checked(SearchRequest(text=text[:MAX_TEXT], first=DEPTH, exclude=excluded))
        return [hit.id for hit in search_in(generation, request, only=engine).hits]

    try:
        for one in fed:
            one.create(generation)
        while batch := list(islice(documents, 2000)):
            for one in fed:
                one.put(generation, batch)
        generation.refresh_from_db()
        EMBEDDED.make_live(generation)  # its statistics; the row itself stays as it is
        yield ranked
    finally:
        for one in fed:
            one.drop(generation)
        generation.delete()


def languages(judged: Judged, data: Path) -> dict[str, str]:
    """The language of each document that is relevant to any query."""
    wanted = {id for grades in judged.relevant.values() for id in grades}
    return {d.id: d.card["lang"] for d in read_corpus(judged.corpus, data) if d.id in wanted}


def evaluate(judged: Judged, method: str, ranker: Ranker, data: Path) -> dict[str, Any]:
    """Figures of one set: of all queries, of those apart that no weight was tuned on (`rest`), by
    the language of the query, and the median time. Where what is asked in one language is answered
    in several, also by direction: there only documents of the one language count as relevant."""
    every, rest = Scores(), Scores()
    by_language: dict[str, Scores] = defaultdict(Scores)
    by_direction: dict[str, Scores] = defaultdict(Scores)
    language_of = languages(judged, data)
    times = []
    for query in judged.queries:
        started = time.perf_counter()
        ranking = ranker(str(query.get("text") or ""), query.get("self"))
        times.append((time.perf_counter() - started) * 1000)
        relevant = judged.relevant.get(query["_id"], {})
        asked = str(query.get("lang") or "")
        for scores in (every, by_language[asked]):
            scores.add(ranking, relevant)
        if not is_training(query["_id"]):
            rest.add(ranking, relevant)
        for answered in sorted({language_of.get(id, "") for id in relevant}):
            found = {id: g for id, g in relevant.items() if language_of.get(id, "") == answered}
            by_direction[f"{asked}-{answered}"].add(ranking, found)
    figures: dict[str, Any] = {
        "set": judged.name,
        "engine": method,
        **every.figures(),
        "ms_p50": round(statistics.median(times), 2) if times else 0.0,
    }
    if rest.ndcg10:
        figures["rest"] = rest.figures()
    if len(by_language) > 1:
        figures["by_language"] = {name: s.figures() for name, s in sorted(by_language.items())}
    if len(by_direction) > len(by_language):
        figures["by_direction"] = {name: s.figures() for name, s in sorted(by_direction.items())}
    return figures
