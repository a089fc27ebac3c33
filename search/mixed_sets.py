"""Judged sets that need no judge. Of records in both languages, each is indexed in one of them and
asked for in the other, among all others, half of which are in the language of the question."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from .evaluation import read_jsonl

OTHER = {"en": "zh", "zh": "en"}
STOP = {"en": ". ", "zh": "。"}


def language_of(record: Mapping[str, Any]) -> str:
    """In which language it is indexed: told by its id, but not as the split of queries is."""
    return "zh" if zlib.crc32(f"{record['id']} indexed".encode()) % 2 else "en"


def asked(record: Mapping[str, Any], language: str, pages: bool) -> str:
    title, abstract = record[f"title_{language}"], record[f"abstract_{language}"]
    return f"{title}{STOP[language]}{abstract}" if pages else str(title)


def queries(records: list[dict[str, Any]], pages: bool) -> Iterator[dict[str, str]]:
    for record in records:
        language = OTHER[language_of(record)]
        text = asked(record, language, pages)
        yield {"_id": f"mix-{language}-{record['id']}", "lang": language, "text": text}


@contextmanager
def made_of(sources: Iterable[Path]) -> Iterator[list[Path]]:
    """The folders of two sets of each file: asked for by titles, and by pages of title and
    abstract. They are gone afterwards. Records have `id`, `title_en`, `title_zh`, `abstract_en`,
    `abstract_zh` and `ipc`; those without one of the texts are left out."""
    with TemporaryDirectory() as folder:
        yield [one for source in sources for one in write(source, Path(folder) / source.stem)]


def write(source: Path, into: Path) -> list[Path]:
    texts = [f"{name}_{language}" for name in ("title", "abstract") for language in OTHER]
    records = [row for row in read_jsonl(source) if all(row.get(name) for name in texts)]
    corpus = into / "corpus.jsonl"
    into.mkdir(parents=True, exist_ok=True)
    lines(corpus, (document(record) for record in records))
    found = []
    for kind, pages in (("titles", False), ("pages", True)):
        folder = into / f"knownitem_{kind}_{source.stem}"
        folder.mkdir(exist_ok=True)
        asking = list(queries(records, pages))
        lines(folder / "queries.jsonl", asking)
        judged = [f"{q['_id']}\t{r['id']}\t1" for q, r in zip(asking, records, strict=True)]
        head = "query-id\tcorpus-id\tscore"
        (folder / "qrels.tsv").write_text("\n".join([head, *judged, ""]), encoding="utf-8")
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
