"""The rule book by command: check, load, status, stale, ask."""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from marketplace.core.language import Language
from marketplace.rulebook.engine import ask, no_legal_advice
from marketplace.rulebook.files import Faulty, read
from marketplace.rulebook.loading import load
from marketplace.rulebook.selectors import count_by_status, stale


class Command(BaseCommand):
    help = "check the data files, load them, count rows by status, list stale ones, or ask."

    def add_arguments(self, parser: ArgumentParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        verbs.add_parser("check", help="Validate the data files.")
        verbs.add_parser("load", help="Bring the database in step with the data files.")
        verbs.add_parser("status", help="Count the rows by status.")
        verbs.add_parser("stale", help="List rows that want a fresh look.")
        asking = verbs.add_parser("ask", help="Ask for a key on a day.")
        asking.add_argument("key", help="Such as tax.vat.")
        asking.add_argument("--on", type=date.fromisoformat, help="Such as 2026-01-01.")
        asking.add_argument("--jurisdiction", default="CN")
        asking.add_argument("--language", choices=Language.values, default=Language.EN)

    def handle(self, *args: Any, verb: str, **options: Any) -> None:
        try:
            getattr(self, f"do_{verb}")(options)
        except Faulty as error:
            raise CommandError(f"{len(error.faults)} faults:\n{error}") from error

    def do_check(self, options: dict[str, Any]) -> None:
        self.stdout.write(f"{len(read())} rows are right")

    def do_load(self, options: dict[str, Any]) -> None:
        done = load()
        for name in ("added", "changed", "gone", "given_way"):
            found = getattr(done, name)
            self.stdout.write(f"{name.replace('_', ' ')}: {len(found)} {' '.join(found[:8])}")

    def do_status(self, options: dict[str, Any]) -> None:
        for status, number in count_by_status().items():
            self.stdout.write(f"{status}: {number}")

    def do_stale(self, options: dict[str, Any]) -> None:
        for row, why in stale(timezone.localdate()):
            self.stdout.write(f"{row.pk}: {why} ({row.source})")

    def do_ask(self, options: dict[str, Any]) -> None:
        answer = ask(
            options["key"],
            on=options["on"] or timezone.localdate(),
            jurisdiction=options["jurisdiction"],
        )
        self.stdout.write(f"on {answer.on}: {answer.status.upper()}")
        self.stdout.write(f"rules: {' '.join(answer.rules) or 'none'}")
        self.stdout.write(f"value: {answer.value.model_dump_json() if answer.value else 'unknown'}")
        for one in answer.reasons:
            self.stdout.write(one.text(options["language"]))
        self.stdout.write(no_legal_advice(options["language"]))
