"""Figures of search quality on judged sets, one JSON line a set."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from search.engine import ELASTIC, EMBEDDED
from search.evaluation import Judged, evaluate, indexed, read_set

ENGINES = {engine.name: engine for engine in (ELASTIC, EMBEDDED)}


class Command(BaseCommand):
    help = "Evaluate search on judged sets: names below DATA/eval_dev, or folders."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("sets", nargs="+", metavar="SET")
        parser.add_argument("--data", type=Path, required=True, help="what about.json refers to")
        parser.add_argument("--engine", choices=sorted(ENGINES), default="embedded")

    def handle(self, *args: Any, **options: Any) -> None:
        data: Path = options["data"]
        engine = ENGINES[options["engine"]]
        if engine is ELASTIC and not settings.ELASTICSEARCH_URL:
            raise CommandError("Set ELASTICSEARCH_URL, such as http://127.0.0.1:9200.")
        by_corpus: dict[str, list[Judged]] = {}
        for name in options["sets"]:
            judged = read_set(self.folder(data, name))
            by_corpus.setdefault(json.dumps(judged.corpus, sort_keys=True), []).append(judged)
        for sets in by_corpus.values():
            with indexed(engine, sets[0].corpus, data) as generation:
                for judged in sets:
                    figures = evaluate(judged, engine, generation)
                    self.stdout.write(json.dumps(figures, ensure_ascii=False))
                    self.stdout.flush()

    def folder(self, data: Path, name: str) -> Path:
        places = [Path(name), data / name, *(found / name for found in sorted(data.glob("eval*")))]
        for place in places:
            if (place / "about.json").exists():
                return place
        raise CommandError(f"No judged set {name} (a folder with about.json) under {data}.")
