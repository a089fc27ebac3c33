"""Fault cases 35 and 36 with real workers: processes of their own on the same database."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from urllib.parse import quote

import pytest
from django.conf import settings
from django.db import connection

from marketplace.core.models import OutboxMessage
from marketplace.invoices.models import Allocation, Payment
from marketplace.invoices.payouts import invoice_release
from tests.stripe_double.server import Double, Fault
from tests.stripe_double.world import DAY, World

pytestmark = pytest.mark.django_db(transaction=True)
EMPTY = """
SET session_replication_role = replica;  -- no trigger fires
DELETE FROM ledger_entry;
DELETE FROM ledger_posting;
SET session_replication_role = DEFAULT;
"""
WORKER = """
import django
django.setup()
from marketplace.core.outbox import drain
from marketplace.payments.routes import capabilities
capabilities()["transfer"]["HK"] = ["HK"]  # as the fixture transfers_allowed has it
drain()
"""


@pytest.fixture(autouse=True)
def emptied_afterwards(transactional_db: None) -> Iterator[None]:
    """The test runner truncates all tables, which the ledger does not let happen to what it holds.
    Only a superuser can do this."""
    yield
    with connection.cursor() as cursor:
        cursor.execute(EMPTY)


def worker(double: Double) -> subprocess.Popen[bytes]:
    at = connection.get_connection_params()
    where = f"{quote(at['user'], safe='')}@{quote(at['host'], safe='')}/{at['dbname']}"
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "marketplace.config.settings",
        "DATABASE_URL": f"postgresql://{where}",
        "STRIPE_API_BASE": double.base,
        "STRIPE_SECRET_KEY": "sk_test_double",
    }
    command = [sys.executable, "-c", WORKER]
    return subprocess.Popen(command, env=environment, cwd=settings.ROOT, stderr=subprocess.DEVNULL)


def transfers(double: Double) -> list[int]:
    rows = list(double.state.rows.values())
    return sorted(one["amount"] for one in rows if one["object"] == "transfer")


def wait_for(happened: Callable[[], object]) -> None:
    for _ in range(600):
        if happened():
            return
        time.sleep(0.1)
    raise AssertionError("it never happened")


def released(double: Double) -> tuple[World, Payment]:
    """Paid for and released, with nothing sent yet."""
    world = World(double)
    world.accounts()
    payment = world.paid(world.invoice())
    invoice_release(viewer=world.operator, invoice_id=payment.invoice_id, today=DAY)
    return world, payment


def test_fault_35_a_worker_killed_between_call_and_commit_pays_once(
    double: Double, transfers_allowed: None
) -> None:
    world, _ = released(double)
    double.faults.append(Fault("slow_after", "POST transfers", 60))
    first = worker(double)
    wait_for(lambda: transfers(double))
    os.kill(first.pid, signal.SIGKILL)
    assert first.wait() == -signal.SIGKILL
    assert not Allocation.objects.exclude(transfer=None).exists()

    OutboxMessage.objects.update(leased_until=None)  # as the end of its lease does
    assert worker(double).wait() == 0
    world.sync()

    assert transfers(double) == [333, 9167]
    assert Allocation.objects.filter(state="sent").count() == 2
    world.check()


def test_fault_36_four_workers_at_once_send_once(double: Double, transfers_allowed: None) -> None:
    world, _ = released(double)
    double.faults.append(Fault("slow", "POST transfers", 0.5, times=99))
    workers = [worker(double) for _ in range(4)]
    assert [one.wait() for one in workers] == [0] * 4
    world.sync()
    assert transfers(double) == [333, 9167]
    assert double.calls.count("POST transfers") == 2
    world.check()
