"""Restricted parties by command: load a list, screen everybody."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from marketplace.core.errors import DomainError, Faults
from marketplace.screening.lists import read
from marketplace.screening.services import list_load, screen


class Command(BaseCommand):
    help = "Load a list of restricted parties, or screen every organisation."

    def add_arguments(self, parser: ArgumentParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        loading = verbs.add_parser("load", help="Bring a list in step with its file.")
        loading.add_argument("name", help="Of the list, such as un-consolidated.")
        loading.add_argument("file", type=Path, help=".csv or .jsonl")
        verbs.add_parser("run", help="Screen every organisation now.")

    def handle(self, *args: Any, verb: str, **options: Any) -> None:
        if verb == "run":
            self.stdout.write(f"{screen(now=timezone.now())} new hits")
            return
        path: Path = options["file"]
        try:
            entries = read(path.read_bytes(), jsonl=path.suffix == ".jsonl")
        except (OSError, DomainError, Faults) as error:
            raise CommandError(str(error)) from error
        done = list_load(name=options["name"], entries=entries)
        self.stdout.write(" ".join(f"{name}: {number}" for name, number in done.items()))
