"""Webhooks at the real server, the worker's postings, a full ledger; figures as one JSON document.

`make bench-money` runs it, on a PostgreSQL of its own and the stand-in for Stripe. BENCH_EVENTS
(3000) and BENCH_POSTINGS (1000000) change it. Clients, server, stand-in and database share this
machine, so that a server of its own is no slower.
"""

from __future__ import annotations

import http.client
import json
import os
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from statistics import quantiles
from typing import Any
from urllib.parse import urlsplit

from tests.bench.__main__ import say, server, set_up
from tests.stripe_double.server import SECRET, Double

EVENTS = int(os.environ.get("BENCH_EVENTS", "3000"))
POSTINGS = int(os.environ.get("BENCH_POSTINGS", "1000000"))
CLIENTS = 8
BATCH = 50_000
DOOR = "a-door-that-nobody-but-the-bench-knows"
FILL = """
WITH made AS (
  INSERT INTO ledger_posting (id, created_at, updated_at, ref, booked_on, memo)
  SELECT gen_random_uuid(), now(), now(), 'bench:' || n, DATE '2026-01-01' + abs(n) %% 365, ''
  FROM generate_series(%(first)s, %(last)s) AS n
  RETURNING id, split_part(ref, ':', 2)::int AS n
), party AS (
  SELECT id, row_number() OVER (ORDER BY id) - 1 AS place, count(*) OVER () AS all_of_them
  FROM accounts_organisation
)
INSERT INTO ledger_entry (posting_id, account, party_id, subject, currency, amount)
SELECT made.id, 'stripe', NULL, '', 'HKD', 100 + abs(n) %% 900 FROM made
UNION ALL
SELECT made.id, 'payable', party.id, '', 'HKD', -(100 + abs(n) %% 900)
FROM made JOIN party ON party.place = abs(n) %% party.all_of_them
"""


def spread(seconds: list[float]) -> dict[str, float]:
    """p50 and p95 in milliseconds."""
    cuts = quantiles(seconds, n=100)
    return {"p50_ms": round(cuts[49] * 1000, 2), "p95_ms": round(cuts[94] * 1000, 2)}


def timed(call: Callable[[], object]) -> float:
    """Milliseconds of the fastest of five calls."""
    spent = []
    for _ in range(5):
        started = time.perf_counter()
        call()
        spent.append(time.perf_counter() - started)
    return round(min(spent) * 1000, 2)


def paid_payments(double: Double) -> list[dict[str, Any]]:
    """Events of payments that were paid at the stand-in, of which our side knows nothing yet."""
    from tests.stripe_double.world import World

    world = World(double)
    while len(double.state.events) < EVENTS:
        payment = world.started(world.invoice())
        double.state.pay(payment.gateway_id or "")
    return double.state.events[:EVENTS]


def webhooks(url: str, double: Double, events: list[dict[str, Any]]) -> dict[str, float]:
    """Each event sent once, by `CLIENTS` who send one after the other."""
    parts = urlsplit(url)
    signed = [double.signed(event) for event in events]

    def send(mine: list[tuple[bytes, str]]) -> list[float]:
        connection = http.client.HTTPConnection(parts.hostname or "", parts.port)
        spent = []
        for body, header in mine:
            headers = {"Stripe-Signature": header, "Content-Type": "application/json"}
            started = time.perf_counter()
            connection.request("POST", f"/webhooks/stripe/{DOOR}/", body, headers)
            answer = connection.getresponse()
            answer.read()
            spent.append(time.perf_counter() - started)
            if answer.status != 200:
                sys.exit(f"a webhook was answered {answer.status}")
        return spent

    send(signed[:1] * 20)  # the workers warm up on a replay
    started = time.perf_counter()
    with ThreadPoolExecutor(CLIENTS) as pool:
        rows = pool.map(send, [signed[place::CLIENTS] for place in range(CLIENTS)])
        spent = [one for row in rows for one in row]
    rate = len(spent) / (time.perf_counter() - started)
    return {"clients": CLIENTS, "accepted_per_s": round(rate, 1), **spread(spent)}


def worker() -> dict[str, float]:
    """The worker takes what came in, reading each object at the stand-in again."""
    from django.utils import timezone

    from marketplace.core.outbox import claim, handle
    from marketplace.ledger.models import Posting

    spent, before, started = [], Posting.objects.count(), time.perf_counter()
    while messages := claim(timezone.now()):
        for message in messages:
            begun = time.perf_counter()
            handle(message)
            spent.append(time.perf_counter() - begun)
    seconds = time.perf_counter() - started
    made = Posting.objects.count() - before
    return {
        "messages_per_s": round(len(spent) / seconds, 1),
        "postings": made,
        "postings_per_s": round(made / seconds, 1),
        **spread(spent),
    }


def full_ledger() -> dict[str, Any]:
    from django.db import connection

    from marketplace.accounts.models import Organisation
    from marketplace.ledger.selectors import balance, books, statement_of
    from tests.factories import make_organisation

    for _ in range(1_000):
        make_organisation()
    with connection.cursor() as cursor:
        cursor.execute(FILL, {"first": -999, "last": 0})
        cursor.execute("ANALYZE ledger_entry, ledger_posting")  # as autovacuum does early on
        started = time.perf_counter()
        for first in range(1, POSTINGS + 1, BATCH):
            cursor.execute(FILL, {"first": first, "last": min(first + BATCH - 1, POSTINGS)})
        filled = time.perf_counter() - started
        cursor.execute("VACUUM ANALYZE ledger_entry, ledger_posting")
    party = Organisation.objects.earliest("created_at")
    year = (date(2026, 1, 1), date(2026, 12, 31))
    return {
        "postings": POSTINGS,
        "inserted_per_s_with_all_triggers": round(POSTINGS / filled),
        "balance_of_a_party_ms": timed(lambda: balance("payable", "HKD", party=party.pk)),
        "balance_of_an_account_ms": timed(lambda: balance("stripe", "HKD")),
        "statement_of_a_party_ms": timed(lambda: statement_of(party, *year)),
        "trial_balance_ms": timed(books),
    }


def main() -> None:
    double = Double()
    os.environ.update(
        STRIPE_API_BASE=double.base,
        STRIPE_SECRET_KEY="sk_test_double",
        STRIPE_WEBHOOK_SECRETS=SECRET,
        STRIPE_WEBHOOK_PATH=DOOR,
    )
    set_up()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    events = paid_payments(double)
    say(f"{len(events)} events of payments wait to be sent")
    with server() as (url, _):
        accepted = webhooks(url, double, events)
    say(json.dumps(accepted))
    done = worker()
    say(json.dumps(done))
    print(json.dumps({"webhooks": accepted, "worker": done, "ledger": full_ledger()}))


if __name__ == "__main__":
    main()
