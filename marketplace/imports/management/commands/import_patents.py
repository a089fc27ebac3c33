from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from marketplace.imports.command import add_file_arguments, import_file
from marketplace.imports.patents import patent_importer


class Command(BaseCommand):
    help = "Import patents from JSON Lines or CSV (.gz too); see docs/import-formats.md."

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_file_arguments(parser)
        parser.add_argument("--sample", action="store_true", help="mark them as sample data")

    def handle(self, *args: Any, **options: Any) -> None:
        import_file(self, patent_importer(is_sample=options["sample"]), options)
