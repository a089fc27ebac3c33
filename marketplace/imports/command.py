"""What the import commands share."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from .run import Importer, run


def add_file_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("file", type=Path)
    parser.add_argument("--report", type=Path, help="CSV of refused rows; else beside the file")
    parser.add_argument("--again", action="store_true", help="also if it was imported before")


def import_file(command: BaseCommand, importer: Importer[Any], options: Mapping[str, Any]) -> None:
    file: Path = options["file"]
    if not file.is_file():
        raise CommandError(f"There is no file {file}.")
    report = options["report"] or Path.cwd() / f"{file.name}.refused.csv"
    found = run(importer, file, report, again=options["again"])
    said = f"{file.name}: {found.accepted} accepted, {found.refused} refused"
    if found.refused:
        said += f"; the reasons are in {report.name}"
    elif report.exists():
        report.unlink()
    command.stdout.write(said)
