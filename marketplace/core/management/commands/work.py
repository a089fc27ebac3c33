"""The worker: does what the outbox holds, until it is told to stop."""

from __future__ import annotations

import signal
import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from marketplace.core.outbox import drain
from marketplace.core.schedule import run_due


class Command(BaseCommand):
    help = (
        "Handle the outbox and what time brings. Runs for ever; with --once, until nothing is due."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--once", action="store_true")
        parser.add_argument("--pause", type=float, default=0.5, help="seconds between looks")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["once"]:
            run_due(timezone.now())
            self.stdout.write(f"{drain()} messages handled")
            return
        going = True

        def stop(*_: object) -> None:
            nonlocal going
            going = False

        signal.signal(signal.SIGTERM, stop)
        signal.signal(signal.SIGINT, stop)
        while going:
            run_due(timezone.now())
            if not drain():
                time.sleep(options["pause"])
