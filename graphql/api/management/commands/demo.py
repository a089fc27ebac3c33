"""The main job on real patents: load, index, then search and match through GraphQL."""

from __future__ import annotations

import json
import tempfile
import time
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.test import Client
from django.utils import timezone

from api.ids import global_id
from api.management.payment import show_payment
from marketplace.core.outbox import drain
from marketplace.imports.listings import listing_importer
from marketplace.imports.needs import need_importer
from marketplace.imports.run import Importer, run
from marketplace.listings.models import Listing
from marketplace.needs.models import Need
from search.indexing import ensure

SAMPLE = settings.ROOT / "marketplace" / "sample"
OPERATIONS = settings.ROOT / "graphql" / "operations"
NEED = "need-reverse-osmosis"
SEARCHES = (("反滲透膜 抗污染", "ZH_HANT"), ("reverse osmosis membrane fouling", "EN"))


class Command(BaseCommand):
    help = "Load the sample data, index it, and show a need matched, two searches and a payment."

    def handle(self, *args: Any, **options: Any) -> None:
        call_command("migrate", verbosity=0)
        self.load()
        self.client = Client(headers={"host": settings.ALLOWED_HOSTS[0]})
        self.show_matches()
        for text, language in SEARCHES:
            self.show_search(text, language)
        show_payment(self.act, self.say)

    def load(self) -> None:
        started = time.perf_counter()
        for kind in ("listing", "need"):
            ensure(kind)
        self.file(listing_importer(owner=None, now=timezone.now()), "nasa_offers.jsonl.gz")
        self.file(listing_importer(owner=None, now=timezone.now()), "patents.jsonl.gz")
        self.file(need_importer(), "needs.jsonl")
        drain()
        published = Listing.objects.filter(state=Listing.State.PUBLISHED).count()
        engine = "Elasticsearch" if settings.ELASTICSEARCH_URL else "the embedded engine"
        self.say(f"{published} published listings, searched by {engine}; ready after "
                 f"{time.perf_counter() - started:.1f} s")  # fmt: skip

    def file(self, importer: Importer[Any], name: str) -> None:
        with tempfile.TemporaryDirectory() as folder:
            report = Path(folder) / "refused.csv"
            found = run(importer, SAMPLE / name, report)
            if found.refused:
                raise CommandError(f"{name}: {found.refused} rows are refused")

    def ask(
        self, operation: str, token: str = "", **variables: Any
    ) -> tuple[dict[str, Any], float]:
        """The data of a document of graphql/operations, and the milliseconds it took."""
        document = (OPERATIONS / f"{operation}.graphql").read_text(encoding="utf-8")
        body = json.dumps({"query": document, "variables": variables})
        started = time.perf_counter()
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        response = self.client.post(
            "/graphql/", body, content_type="application/json", headers=headers
        )
        took = (time.perf_counter() - started) * 1000
        answer = response.json()
        if "errors" in answer:
            raise CommandError(f"{operation}: {answer['errors']}")
        data: dict[str, Any] = answer["data"]
        return data, took

    def act(self, operation: str, token: str, **variables: Any) -> dict[str, Any]:
        """The payload of a mutation that is expected to succeed."""
        (payload,) = self.ask(operation, token, **variables)[0].values()
        if payload["errors"]:
            raise CommandError(f"{operation}: {payload['errors']}")
        found: dict[str, Any] = payload
        return found

    def show_matches(self) -> None:
        need = Need.objects.get(source_key=NEED)
        id = global_id("Need", need.pk)
        self.ask("matches_for_need", need=id)  # the first one loads the dictionaries
        data, took = self.ask("matches_for_need", need=id, first=5, language="ZH_HANS")
        self.say(f"\nA need: {need.title}\n  {need.description}\n  its five best ({took:.0f} ms):")
        for match in data["matchesForNeed"]["matches"]:
            self.say(f"  {match['score']:>3}  {match['listing']['text']['title']}")
            points = ", ".join(f"{p['name']} {p['points']}/{p['of']}" for p in match["components"])
            self.say(f"       {points}")
            for reason in match["reasons"]:
                self.say(f"       {reason}")

    def show_search(self, text: str, language: str) -> None:
        data, took = self.ask("search", text=text, first=5, language=language)
        found = data["search"]
        self.say(f"\nA search: {text}\n  {found['totalCount']} found ({took:.0f} ms), the first:")
        for edge in found["edges"]:
            node = edge["node"]
            self.say(f"  {node['title']}  [{', '.join(node['ipc'][:3])}]  {node['ownerName']}")

    def say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()
