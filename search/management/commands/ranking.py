"""Chooses the weights of search/ranking.py on the training half of judged sets."""

from __future__ import annotations

import json
import time
from argparse import ArgumentParser
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from search.evaluation import Judged, read_set
from search.management.output import check_output
from search.mixed_sets import add_option, made_of
from search.ranking import FILE, WEIGHTS

SPLIT = "half of the queries of each set, by the CRC-32 of the id: search/measures.py, is_training"


class Command(BaseCommand):
    help = "ranking tune: choose weights on the training half, and report both halves."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("action", choices=["tune"])
        parser.add_argument("--data", type=Path, default=Path("../shared/data"))
        parser.add_argument("--sets", nargs="*", help="else all of DATA/eval_dev")
        add_option(parser)
        parser.add_argument("--queries", type=int, default=100, help="of a set, at most so many")
        parser.add_argument("--weights", nargs="*", default=[], help="else all of them")
        parser.add_argument("--passes", type=int, default=2, help="over all weights, at most")
        parser.add_argument("--out", type=Path, default=FILE)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            import numpy  # noqa: F401 - asked for before sets are read
        except ImportError:
            raise CommandError("Tuning needs numpy: `make install`.") from None
        data: Path = options["data"]
        check_output(options["out"])
        if min(options["queries"], options["passes"]) < 1:
            raise CommandError("At least one of --queries and of --passes is wanted.")
        folders = sorted(one.parent for one in (data / "eval_dev").glob("*/about.json"))
        for what, named, known in (
            ("judged set", options["sets"] or [], [one.name for one in folders]),
            ("weight", options["weights"], [*asdict(WEIGHTS)]),
        ):
            for name in named if folders else ():
                if name not in known:
                    raise CommandError(f"No {what} {name}; there are {', '.join(known)}.")
        if options["sets"]:
            folders = [one for one in folders if one.name in options["sets"]]
        if not folders:
            raise CommandError(f"No judged sets below {data / 'eval_dev'}; name --data DIR.")
        with made_of(data / name for name in options["mixed"]) as mixed:
            self.tune([read_set(one) for one in [*folders, *mixed]], data, options)

    def tune(self, sets: Sequence[Judged], data: Path, options: Mapping[str, Any]) -> None:
        from search.tuning import Half, corpora, objective, tuned

        started = time.monotonic()
        known = corpora(sets, data)
        self.say(f"{len(set(map(id, known.values())))} corpora, {time.monotonic() - started:.0f} s")
        training = Half.of(sets, training=True, most=options["queries"])
        found = tuned(known, training, WEIGHTS, options["passes"], self.say, options["weights"])
        figures: dict[str, Mapping[str, Any]] = {}
        for name, half in (
            ("training", Half.of(sets, training=True)),
            ("rest", Half.of(sets, training=False)),
        ):
            before, after = half.figures(known, WEIGHTS), half.figures(known, found)
            figures[name] = {
                "objective": [round(objective(one), 4) for one in (before, after)],
                **{one: {"before": before[one], "after": after[one]} for one in after},
            }
            self.say(f"{name}: {figures[name]['objective']}")
        about = {
            "weights": asdict(found),
            "tuned_on": SPLIT,
            "at_most": options["queries"],
            "figures": figures,
        }
        out: Path = options["out"]
        out.write_text(json.dumps(about, indent=1) + "\n", encoding="utf-8")
        self.say(f"{out}: {time.monotonic() - started:.0f} s")

    def say(self, text: str) -> None:
        self.stdout.write(text)
        self.stdout.flush()
