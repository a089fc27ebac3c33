"""Hourly with --events, nightly without: are the books what Stripe says?"""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from marketplace.payments.reconcile import WINDOW, page_events, reconcile
from marketplace.payments.stripe_gateway import stripe_gateway


class Command(BaseCommand):
    help = "Fetch missed events; compare the books with Stripe. Fails where they differ."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--events", action="store_true", help="only fetch missed events")
        parser.add_argument("--all", action="store_true", help="of all time, not the last days")

    def handle(self, *args: Any, **options: Any) -> None:
        gateway = stripe_gateway()
        if options["events"]:
            self.stdout.write(f"{page_events(gateway, timezone.now())} missed events fetched")
            return
        window = None if options["all"] else WINDOW
        found = reconcile(gateway, timezone.now(), window=window)
        for kind, subject, message in found:
            self.stderr.write(f"{kind} {subject}: {message}")
        if found:
            raise CommandError(f"{len(found)} differences; an alarm is raised for each")
        self.stdout.write("The books agree with Stripe.")
