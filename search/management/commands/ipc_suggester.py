"""How well classes are suggested: cross-validation on titles with known classes."""

from __future__ import annotations

import json
import random
import time
from argparse import ArgumentParser
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from search.document import Document
from search.evaluation import read_jsonl
from search.ipc_suggestion import NEIGHBOURS, chosen, voted
from search.measures import f1
from search.plan import plan
from search.ranking import WEIGHTS

TITLES = "patents/cn_titles_ipc_dev.jsonl"


class Command(BaseCommand):
    help = "ipc_suggester evaluate: micro-F1 at subclass level by cross-validation, as JSON."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("action", choices=["evaluate"])
        parser.add_argument("--data", type=Path, default=Path("../shared/data"))
        parser.add_argument("--titles", default=TITLES, help="JSON Lines below DATA: title, ipc")
        parser.add_argument("--folds", type=int, default=5)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            from search.tuning import read, top
        except ImportError:
            raise CommandError("This needs numpy: `make install`.") from None
        path: Path = options["data"] / options["titles"]
        if not path.exists():
            raise CommandError(f"No titles at {path}; name --data DIR and --titles FILE.")
        rows = [row for row in read_jsonl(path) if row.get("title") and row.get("ipc")]
        documents = [Document(id=row["id"], texts={"title": [row["title"]]}) for row in rows]
        classes = [sorted({symbol[:4] for symbol in row["ipc"]}) for row in rows]
        folds = [number % options["folds"] for number in range(len(rows))]
        random.Random(0).shuffle(folds)  # noqa: S311 - figures, not secrets
        started = time.monotonic()
        figures: list[float] = []
        every: list[tuple[Sequence[str], Sequence[str]]] = []
        for fold in range(options["folds"]):
            known = [n for n in range(len(rows)) if folds[n] != fold]
            corpus = read(documents[n] for n in known)
            pairs = []
            for number in (n for n in range(len(rows)) if folds[n] == fold):
                planned = plan(rows[number]["title"], corpus.telling)
                scores = corpus.scores([c for c in planned.concepts if c.said], WEIGHTS)
                near = top(corpus, scores, scores > 0, NEIGHBOURS)
                votes = voted((float(scores[n]), classes[known[n]]) for n in near)
                pairs.append(([one for one, _ in chosen(votes)], classes[number]))
            figures.append(round(f1(pairs), 4))
            every += pairs
        about = {
            "set": path.name,
            "titles": len(rows),
            "subclasses": len({one for own in classes for one in own}),
            "micro_f1": round(f1(every), 4),
            "by_fold": figures,
            "seconds": round(time.monotonic() - started),
        }
        self.stdout.write(json.dumps(about))
