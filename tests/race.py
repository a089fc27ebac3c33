"""`make race`: many threads want one right at the same moment; one line of JSON tells how often
exactly one of them got it. On a database of its own, which is dropped afterwards."""

from __future__ import annotations

import argparse
import json
import os
import random
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import combinations
from threading import Barrier
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "marketplace.config.settings")
if __name__ == "__main__":
    django.setup()

from django.db import OperationalError, connection
from django.db.backends.postgresql.psycopg_any import DateRange, DateTimeTZRange
from django.test.utils import setup_databases, teardown_databases

from marketplace.accounts.models import Organisation
from marketplace.core.errors import Conflict
from marketplace.rights.models import Asset, Occupation
from marketplace.rights.services import assets_of, occupy
from tests.factories import NOW, make_listing, make_organisation, member_of

# Of any two wishes each overlaps the other: all are for making in CN on 1 January 2028, in a field
# on one branch of the tree, and shut out other licensees.
FIELDS = ("", "medical", "medical/imaging", "medical/imaging/mri")
TERRITORIES = (["CN"], ["CN", "HK"], ["CN", "MO", "TW"], ["WORLD"])
CLAIMS = (
    ("grant", "exclusive"),
    ("grant", "sole"),
    ("option", "exclusive"),
    ("lock", "sole"),
    ("reservation", "exclusive"),
)
Racer = Callable[[Sequence[Asset], dict[str, Any]], bool]


@dataclass(frozen=True)
class Outcome:
    rounds: int
    threads: int
    winners: int
    double_grants: int
    rounds_with_one_winner: int
    seconds: float


def wish(owner: Organisation, holder: Organisation, number: str, dice: random.Random) -> Any:
    kind, exclusivity = dice.choice(CLAIMS)
    return {
        "owner": owner,
        "holder": owner if kind == "reservation" else holder,
        "kind": kind,
        "exclusivity": exclusivity,
        "territories": dice.choice(TERRITORIES),
        "fields": [dice.choice(FIELDS)],
        "acts": ["make", *dice.sample(["use", "sell", "offer", "import"], dice.randrange(4))],
        "start": date(2028, 1, 1) - timedelta(days=dice.randrange(300)),
        "end": dice.choice([None, date(2028, 1, 2) + timedelta(days=dice.randrange(300))]),
        "subject": f"race:{number}",
        "now": NOW,
        "expires_at": NOW + timedelta(days=30) if kind in ("option", "lock") else None,
    }


def by_service(assets: Sequence[Asset], wanted: dict[str, Any]) -> bool:
    try:
        occupy(assets=assets, **wanted)
    except Conflict:
        return False
    return True


def by_bare_insert(assets: Sequence[Asset], wanted: dict[str, Any]) -> bool:
    """Without the service and its queue: what the constraint does all alone."""
    fields = {k: v for k, v in wanted.items() if k not in ("start", "end", "now", "expires_at")}
    fields["territories"] = [t for t in fields["territories"] if t != "WORLD"] or ["CN", "US"]
    fields["period"] = DateRange(wanted["start"], wanted["end"])
    fields["live"] = DateTimeTZRange(wanted["now"], wanted["expires_at"])
    try:
        Occupation.objects.create(asset=assets[0], **fields)
    except (django.db.IntegrityError, OperationalError):  # refused, or the loser of a deadlock
        return False
    return True


def race(*, rounds: int, threads: int, seed: int, racer: Racer = by_service) -> Outcome:
    dice = random.Random(seed)
    began = time.monotonic()
    owner = make_organisation("licensor")
    seller = member_of(owner)
    holders = [make_organisation("buyer") for _ in range(threads)]
    gate = Barrier(threads)
    winners = double = single = 0

    def run(assets: Sequence[Asset], wanted: dict[str, Any]) -> bool:
        gate.wait()
        return racer(assets, wanted)

    def leave(_: int) -> None:
        gate.wait()  # one task a thread
        connection.close()

    with ThreadPoolExecutor(threads) as pool:
        for number in range(rounds):
            assets = assets_of(make_listing(seller))
            wishes = [
                wish(owner, holder, f"{number}-{i}", dice) for i, holder in enumerate(holders)
            ]
            won = sum(pool.map(run, [assets] * threads, wishes))
            winners += won
            single += won == 1
            double += double_grants(assets)
        list(pool.map(leave, range(threads)))
    return Outcome(rounds, threads, winners, double, single, round(time.monotonic() - began, 1))


def double_grants(assets: Sequence[Asset]) -> int:
    """Pairs in the ledger that share an asset; every wish of a round overlaps every other."""
    held = Occupation.objects.filter(asset__in=assets).values_list("asset", "subject")
    return sum(a[0] == b[0] for a, b in combinations(held, 2))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=1000)
    parser.add_argument("--threads", type=int, default=32)
    parser.add_argument("--seed", type=int, default=5)
    asked = parser.parse_args()
    databases = setup_databases(verbosity=0, interactive=False)
    try:
        outcome = race(rounds=asked.rounds, threads=asked.threads, seed=asked.seed)
    finally:
        teardown_databases(databases, verbosity=0)
    print(json.dumps(outcome.__dict__))
    good = outcome.rounds_with_one_winner == outcome.winners == asked.rounds
    return 0 if good and not outcome.double_grants else 1


if __name__ == "__main__":
    sys.exit(main())
