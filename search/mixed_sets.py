"""Judged sets that need no judge. Of records in both languages, each is indexed in one of them, so
that either language has half. It is asked for in the other one, by its title and by its page; and
subclasses are asked for by their titles, where neither language should come before the other."""

from __future__ import annotations

import json
import zlib
from argparse import ArgumentParser
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from marketplace.core.language import Language
from marketplace.patents.ipc import Symbol, title_of

from .document import ipc_facets
from .evaluation import read_jsonl

LEAST = 5  # records of a subclass that is asked for
OTHER = {"en": "zh", "zh": "en"}
STOP = {"en": ". ", "zh": "。"}


def language_of(record: Mapping[str, Any]) -> str:
    """In which language it is indexed: told by its id, but not as the split of queries is."""
    return "zh" if zlib.crc32(f"{record['id']} indexed".encode()) % 2 else "en"


def asked(record: Mapping[str, Any], language: str, pages: bool) -> str:
    title, abstract = record[f"title_{language}"], record[f"abstract_{language}"]
    return f"{title}{STOP[language]}{abstract}" if pages else str(title)


def add_option(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--mixed", nargs="*", default=[], metavar="FILE",
        help="of records in both languages, below DATA, make three sets more",
    )  # fmt: skip


Asking = tuple[dict[str, str], list[str]]  # a query, and the ids that are relevant


def known_items(records: Sequence[Mapping[str, Any]], pages: bool) -> Iterator[Asking]:
    for record in records:
        language = OTHER[language_of(record)]
        text = asked(record, language, pages)
        query = {"_id": f"mix-{language}-{record['id']}", "lang": language, "text": text}
        yield query, [record["id"]]


def topics(records: Sequence[Mapping[str, Any]]) -> Iterator[Asking]:
    found: dict[str, list[str]] = {}
    for record in records:
        for subclass in ipc_facets(record["ipc"])["ipc_subclass"]:
            found.setdefault(subclass, []).append(record["id"])
    for subclass, ids in sorted(found.items()):
        for language, named in (("en", Language.EN), ("zh", Language.HANS)):
            title = title_of(Symbol(subclass), named).lower()
            if len(ids) >= LEAST and title:
                query = {"_id": f"mix-{language}-{subclass}", "lang": language, "text": title}
                yield query, ids


@contextmanager
def made_of(sources: Iterable[Path]) -> Iterator[list[Path]]:
    """The folders of three sets of each file, which are gone afterwards. Records have `id`,
    `title_en`, `title_zh`, `abstract_en`, `abstract_zh` and `ipc`; those without one of the texts
    are left out."""
    with TemporaryDirectory() as folder:
        yield [one for source in sources for one in write(source, Path(folder) / source.stem)]


def write(source: Path, into: Path) -> list[Path]:
    texts = [f"{name}_{language}" for name in ("title", "abstract") for language in OTHER]
    records = [row for row in read_jsonl(source) if all(row.get(name) for name in texts)]
    corpus = into / "corpus.jsonl"
    into.mkdir(parents=True, exist_ok=True)
    lines(corpus, (document(record) for record in records))
    found = []
    for name, asking in (
        ("knownitem_titles", known_items(records, pages=False)),
        ("knownitem_pages", known_items(records, pages=True)),
        ("topic_mixed", topics(records)),
    ):
        folder = into / f"{name}_{source.stem}"
        folder.mkdir(exist_ok=True)
        judged = list(asking)
        lines(folder / "queries.jsonl", (query for query, _ in judged))
        relevant = (f"{query['_id']}\t{id}\t1\n" for query, ids in judged for id in ids)
        head = "query-id\tcorpus-id\tscore\n"
        (folder / "qrels.tsv").write_text(head + "".join(relevant), encoding="utf-8")
        about = {"name": folder.name, "corpus": [{"file": str(corpus.resolve())}]}
        (folder / "about.json").write_text(json.dumps(about), encoding="utf-8")
        found.append(folder)
    return found


def document(record: Mapping[str, Any]) -> dict[str, Any]:
    language = language_of(record)
    return {
        "id": record["id"],
        "lang": language,
        "title": record[f"title_{language}"],
        "abstract": record[f"abstract_{language}"],
        "ipc": record["ipc"],
    }


def lines(file: Path, rows: Iterable[Mapping[str, Any]]) -> None:
    text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    file.write_text(text, encoding="utf-8")
