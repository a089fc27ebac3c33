from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from marketplace.deals.evidence import verify
from marketplace.deals.models import Deal


class Command(BaseCommand):
    help = "Verify the record of every deal; fails where anything was altered."

    def handle(self, *args: Any, **options: Any) -> None:
        deals = altered = 0
        for deal in Deal.objects.order_by("pk").iterator():
            deals += 1
            if found := verify(deal):
                altered += 1
                self.stderr.write(f"{deal.pk}: {'; '.join(found)}")
        if altered:
            raise CommandError(f"{altered} of {deals} deals were altered.")
        self.stdout.write(f"{deals} deals verified, nothing was altered.")
