from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from marketplace.accounts.models import Organisation
from marketplace.imports.command import add_file_arguments, import_file
from marketplace.imports.listings import listing_importer


class Command(BaseCommand):
    help = "Import listings from JSON Lines or CSV (.gz too); see docs/import-formats.md."

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_file_arguments(parser)
        owner = parser.add_mutually_exclusive_group(required=True)
        owner.add_argument("--owner", help="registration number of whose drafts they become")
        owner.add_argument(
            "--sample", action="store_true", help="sample data: owners by name, published at once"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        owner = None
        if options["owner"]:
            owner = Organisation.objects.filter(registration_number=options["owner"]).first()
            if owner is None:
                raise CommandError(f"No organisation has the number {options['owner']}.")
        import_file(self, listing_importer(owner=owner, now=timezone.now()), options)
