"""Build, rebuild, check and drop the search indexes."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from search.elastic import FAULTS
from search.embedding import Unavailable, on
from search.engine import live
from search.indexing import SOURCES, drift, drop, embed_all, ensure, mend, rebuild


class Command(BaseCommand):
    help = (
        "create: where there is none. rebuild: without downtime. verify: and mend. drop: all."
        " embed: ask for the vectors that are missing, where EMBEDDING_URL is set."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("action", choices=["create", "rebuild", "verify", "drop", "embed"])
        parser.add_argument("--kind", choices=sorted(SOURCES), action="append")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            for kind in options["kind"] or sorted(SOURCES):
                getattr(self, options["action"])(kind)
        except FAULTS as fault:
            raise CommandError(f"Elasticsearch, at ELASTICSEARCH_URL: {fault}") from fault

    def create(self, kind: str) -> None:
        self.stdout.write(f"{ensure(kind)} is live")

    def rebuild(self, kind: str) -> None:
        total = SOURCES[kind].rows().count()
        with tqdm(total=total, desc=kind, unit="", disable=not sys.stderr.isatty()) as bar:

            def show(done: int) -> None:
                bar.update(done - bar.n)

            generation = rebuild(kind, show)
        self.stdout.write(f"{generation} is live")

    def verify(self, kind: str) -> None:
        generation = live(kind)
        if generation is None:
            self.stdout.write(f"{kind}: there is no index; create one")
            return
        found = mend(kind, generation)
        left = drift(kind, generation) if any(one.any for one in found) else []
        for one in found:
            figures = {k: len(v) for k, v in one.__dict__.items() if isinstance(v, list)}
            mended = not any(other.any for other in left)
            self.stdout.write(json.dumps({"kind": kind, "engine": one.engine, **figures,
                                          "right_now": mended}))  # fmt: skip

    def embed(self, kind: str) -> None:
        if not on():
            raise CommandError("Set EMBEDDING_URL, such as http://127.0.0.1:8080/v1/embeddings.")
        try:
            self.stdout.write(f"{kind}: {embed_all(kind)} embedded")
        except Unavailable as fault:
            raise CommandError(str(fault)) from None

    def drop(self, kind: str) -> None:
        self.stdout.write(f"{kind}: {drop(kind)} dropped")
