"""Judged sets that need no judge. Of records in both languages, each is indexed in one of them, so
that either language has half. It is asked for in the other one, by its title and by its page;
subclasses are asked for by their titles, where neither language should come before the other; and
so are terms of two words, as scouts mostly ask: of a term, all records count whose text in the
language of the query has it, in whichever language they are indexed."""

from __future__ import annotations

import json
import re
import zlib
from argparse import ArgumentParser
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from marketplace.core.language import Language
from marketplace.patents.ipc import Symbol, title_of

from . import lexicon
from .document import ipc_facets
from .evaluation import read_jsonl
from .segmentation import cut
from .text import STOP_WORDS, normal, stem

LEAST = 5  # records of a subclass that is asked for
OTHER = {"en": "zh", "zh": "en"}
STOP = {"en": ". ", "zh": "。"}
FEWEST, MOST = 4, 40  # records of a term that is asked for
TOGETHER = 0.1  # from this part on of the records of its rarer word
APART = {"en": re.compile(r"[^a-z ]+"), "zh": re.compile("[^\u4e00-\u9fff]+")}
Term = tuple[str, str]


def language_of(record: Mapping[str, Any]) -> str:
    """In which language it is indexed: told by its id, but not as the split of queries is."""
    return "zh" if zlib.crc32(f"{record['id']} indexed".encode()) % 2 else "en"


def asked(record: Mapping[str, Any], language: str, pages: bool) -> str:
    title, abstract = record[f"title_{language}"], record[f"abstract_{language}"]
    return f"{title}{STOP[language]}{abstract}" if pages else str(title)


def add_option(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--mixed", nargs="*", default=[], metavar="FILE",
        help="of records in both languages, below DATA, make four sets more",
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


def terms(records: Sequence[Mapping[str, Any]]) -> Iterator[Asking]:
    """Two words that stand side by side in a title, and mostly keep together: in so many records
    that a page of results could be right, and in so few that most are not."""
    for language in OTHER:
        named: set[Term] = set()
        found: defaultdict[Term, dict[str, str]] = defaultdict(dict)
        having: Counter[str] = Counter()
        for record in records:
            named |= neighbours(asked(record, language, pages=False), language).keys()
            here = neighbours(asked(record, language, pages=True), language)
            having.update({word for term in here for word in term})
            for term, written in here.items():
                found[term][record["id"]] = written
        for term, written_in in sorted(found.items()):
            together = len(written_in) / min(having[word] for word in term)
            if term in named and FEWEST <= len(written_in) <= MOST and together >= TOGETHER:
                text = Counter(written_in.values()).most_common(1)[0][0]
                query = {"_id": f"mix-{language}-{text}", "lang": language, "text": text}
                yield query, list(written_in)


def neighbours(text: str, language: str) -> dict[Term, str]:
    """Words that stand side by side, English ones by their stems, as they are written."""
    found: dict[Term, str] = {}
    for part in APART[language].split(normal(text)):
        words = cut(part, lexicon.chance, lexicon.RARE) if language == "zh" else part.split()
        for one, other in pairwise(words):
            if language == "zh" and min(len(one), len(other)) > 1:
                found.setdefault((one, other), one + other)
            elif language == "en" and not {one, other} & STOP_WORDS:
                found.setdefault((stem(one), stem(other)), f"{one} {other}")
    return found


@contextmanager
def made_of(sources: Iterable[Path]) -> Iterator[list[Path]]:
    """The folders of four sets of each file at most, which are gone afterwards. Records have `id`,
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
        ("terms_mixed", terms(records)),
    ):
        if not (judged := list(asking)):
            continue
        folder = into / f"{name}_{source.stem}"
        folder.mkdir(exist_ok=True)
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
