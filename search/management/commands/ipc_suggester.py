"""Makes the table by which classes are suggested, and measures how well they are."""

from __future__ import annotations

import json
import random
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.core.management.base import BaseCommand, CommandError

from search import lexicon
from search.ipc_suggestion import FILE, parsed
from search.listings import document_of_listing, listings_to_index
from search.management.output import check_output
from search.measures import f1

if TYPE_CHECKING:
    from search.ipc_model_build import Known

TITLES = "patents/cn_titles_ipc_dev.jsonl"
OTHERS = "patents/tw_titles_ipc_hant.jsonl"  # one subclass of each is known, of several
OTHERS_COUNT = 0.2
IPC = "taxonomy/ipc_bilingual.jsonl"
ABOUT = {
    "format": 1,
    "titles": "facts of patents of mainland China and Taiwan: titles and their IPC subclasses",
    "ipc": "International Patent Classification, WIPO, CC BY 4.0",
    "english": f"by {lexicon.FILE.name}: CC-CEDICT, MDBG and contributors, CC BY-SA 4.0",
}


class Command(BaseCommand):
    help = (
        "ipc_suggester build: learn which words tell a subclass. "
        "ipc_suggester evaluate: micro-F1 at subclass level by cross-validation, as JSON."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("action", choices=["build", "evaluate"])
        parser.add_argument("--data", type=Path, default=Path("../shared/data"))
        parser.add_argument("--titles", default=TITLES, help="JSON Lines below DATA: title, ipc")
        parser.add_argument("--others", default=OTHERS, help="more of them, to learn from only")
        parser.add_argument("--from-platform", action="store_true", help="learn from listings too")
        parser.add_argument("--folds", type=int, default=5)
        parser.add_argument("--out", type=Path, default=FILE)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            from search.ipc_model_build import learn, named, read_groups, read_titles, write
        except ImportError:
            raise CommandError("This needs scikit-learn: `make install`.") from None
        data: Path = options["data"]
        for name in (options["titles"], options["others"], IPC):
            if not (data / name).exists():
                raise CommandError(f"No titles at {data / name}; name --data DIR.")
        check_output(options["out"])
        if options["folds"] < 2:
            raise CommandError("At least two --folds are wanted, such as 5.")
        started = time.monotonic()
        titles = read_titles(data / options["titles"])
        others = read_titles(data / options["others"], OTHERS_COUNT)
        groups = read_groups(data / IPC)
        if options["action"] == "build":
            own = of_listings() if options["from_platform"] else []
            counted = {"titles": len(titles), "others": len(others), "listings": len(own)}
            lines = learn([*titles, *others, *own], groups, {**ABOUT, "counted": counted})
            write(lines, options["out"])
            self.stdout.write(f"{options['out']}: {len(lines) - 1} words")
            return
        folds = [number % options["folds"] for number in range(len(titles))]
        random.Random(0).shuffle(folds)  # noqa: S311 - figures, not secrets
        sides = list(zip(titles, folds, strict=True))
        pairs = []
        figures: list[float] = []
        for fold in range(options["folds"]):
            model = parsed(learn([*(t for t, n in sides if n != fold), *others], groups, {}))
            held = [(named(model, t.text), t.subclasses) for t, n in sides if n == fold]
            figures.append(round(f1(held), 4))
            pairs += held
        about = {
            "set": Path(options["titles"]).name,
            "titles": len(titles),
            "subclasses": len({one for title in titles for one in title.subclasses}),
            "micro_f1": round(f1(pairs), 4),
            "by_fold": figures,
            "first_right": round(
                sum(bool({*said[:1]} & {*true}) for said, true in pairs) / len(pairs), 4
            ),
            "said_of_a_title": round(sum(len(said) for said, _ in pairs) / len(pairs), 2),
            "seconds": round(time.monotonic() - started),
        }
        self.stdout.write(json.dumps(about))


def of_listings() -> list[Known]:
    """Titles of published listings that are classified, in each language that they have."""
    from search.ipc_model_build import Known

    documents = (document_of_listing(row, card=False) for row in listings_to_index().iterator(500))
    return [
        Known(title, list(document.facets["ipc_subclass"]))
        for document in documents
        if document.facets.get("ipc_subclass")
        for title in document.texts.get("title", ())
    ]
