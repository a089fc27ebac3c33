"""Figures of search quality on judged sets: one JSON line a set and method, and a table of them."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from search.baselines import plainly_indexed
from search.engine import ELASTIC, EMBEDDED
from search.evaluation import Judged, Ranker, evaluate, indexed, read_set
from search.figures import METHODS, put_into, table
from search.mixed_sets import add_option, made_of

ENGINES = {engine.name: engine for engine in (ELASTIC, EMBEDDED)}


class Command(BaseCommand):
    help = "Evaluate search on judged sets: names below DATA/eval_dev, or folders."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("sets", nargs="*", metavar="SET")
        parser.add_argument("--data", type=Path, required=True, help="what about.json refers to")
        add_option(parser)
        parser.add_argument("--engine", choices=[*METHODS, "all"], default="embedded")
        parser.add_argument("--table", action="store_true", help="end with a table of the figures")
        parser.add_argument("--into", type=Path, nargs="*", default=[], help="put it there too")

    def handle(self, *args: Any, **options: Any) -> None:
        data: Path = options["data"]
        methods = list(METHODS) if options["engine"] == "all" else [options["engine"]]
        if methods != ["embedded"] and not settings.ELASTICSEARCH_URL:
            raise CommandError("Set ELASTICSEARCH_URL, such as http://127.0.0.1:9200.")
        every: list[Mapping[str, Any]] = []
        with made_of(data / name for name in options["mixed"]) as mixed:
            folders = [*(self.folder(data, name) for name in options["sets"]), *mixed]
            for figures in self.figures([read_set(one) for one in folders], methods, data):
                every.append(figures)
                self.stdout.write(json.dumps(figures, ensure_ascii=False))
                self.stdout.flush()
        if options["table"]:
            self.stdout.write(table(every))
        for document in options["into"]:
            put_into(document, table(every))

    def figures(
        self, sets: Iterable[Judged], methods: Iterable[str], data: Path
    ) -> Iterator[Mapping[str, Any]]:
        by_corpus: dict[str, list[Judged]] = {}
        for judged in sets:
            key = json.dumps([judged.corpus, judged.classified], sort_keys=True)
            by_corpus.setdefault(key, []).append(judged)
        for alike in by_corpus.values():
            for method in methods:
                with self.ranker(method, alike[0], data) as ranker:
                    for judged in alike:
                        yield evaluate(judged, method, ranker, data)

    def ranker(self, method: str, judged: Judged, data: Path) -> AbstractContextManager[Ranker]:
        if method in ENGINES:
            return indexed(ENGINES[method], judged, data)
        return plainly_indexed(method, judged, data)

    def folder(self, data: Path, name: str) -> Path:
        places = [Path(name), data / name, *(found / name for found in sorted(data.glob("eval*")))]
        for place in places:
            if (place / "about.json").exists():
                return place
        raise CommandError(f"No judged set {name} (a folder with about.json) under {data}.")
