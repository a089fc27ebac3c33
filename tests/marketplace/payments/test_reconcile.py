"""Fault cases 6 and 80: when the webhooks are lost, and when the books differ."""

from __future__ import annotations

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone
from pytest_django import Settings

from marketplace.core.outbox import drain
from marketplace.core.schedule import run_due
from marketplace.ledger.services import Line, post
from marketplace.payments.models import Alarm
from tests.stripe_double.world import DAY, World

PAID = {("stripe", "HKD"): 9425, ("stripe_fee", "HKD"): 575, ("funds_held", "HKD"): -10000}


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("reconcile", *arguments, stdout=out, stderr=out)
    return out.getvalue()


def moved_before(world: World, hours: int) -> None:
    """Something at Stripe that we never hear of."""
    world.double.state.moved("adjustment", "adj_1", -7, "hkd")["created"] -= hours * 3600


def test_what_is_in_flight_is_no_difference(world: World):
    payment = world.started(world.invoice())
    world.double.state.pay(payment.gateway_id or "")
    assert run() == "The books agree with Stripe.\n"
    for row in world.double.state.transactions:
        row["created"] -= 2 * 3600
    with pytest.raises(CommandError, match="2 differences"):
        run()
    assert set(Alarm.objects.values_list("kind", flat=True)) == {"balance", "not_posted"}


def test_fault_06_all_webhooks_lost(world: World):
    payment = world.started(world.invoice())
    world.double.state.pay(payment.gateway_id or "")
    assert run("--events") == "3 missed events fetched\n"
    drain()
    assert world.books() == PAID
    assert run("--events") == "0 missed events fetched\n"
    assert run() == "The books agree with Stripe.\n"


def test_the_worker_does_both_as_time_goes_on(world: World, settings: Settings):
    payment = world.started(world.invoice())
    world.double.state.pay(payment.gateway_id or "")
    moved_before(world, hours=2)
    assert {"fetch_missed_events", "compare_books"} <= set(run_due(timezone.now()))
    drain()
    assert world.books() == PAID
    assert run_due(timezone.now()) == []
    assert "fetch_missed_events" in run_due(timezone.now() + timedelta(hours=1))
    assert "compare_books" in run_due(timezone.now() + timedelta(days=1, minutes=1))
    assert "not_posted" in Alarm.objects.values_list("kind", flat=True)
    settings.STRIPE_SECRET_KEY = ""
    world.double.calls.clear()
    run_due(timezone.now() + timedelta(days=3))
    assert world.double.calls == []


def test_what_moved_before_the_window_is_compared_only_when_asked(world: World):
    world.double.state.now -= 30 * 24 * 3600
    world.paid(world.invoice())
    assert run() == "The books agree with Stripe.\n"
    world.double.state.moved("adjustment", "adj_1", -7, "hkd")
    with pytest.raises(CommandError, match="1 differences"):
        run()
    assert Alarm.objects.get().kind == "balance"
    with pytest.raises(CommandError, match="2 differences"):
        run("--all")
    assert set(Alarm.objects.values_list("kind", flat=True)) == {"balance", "not_posted"}


def test_fault_80_a_difference_is_an_alarm_and_is_not_mended(world: World):
    world.paid(world.invoice())
    moved_before(world, hours=2)
    post("wrong", [Line("stripe", 5, "HKD"), Line("bank", -5, "HKD")], on=DAY)
    before = world.books()
    with pytest.raises(CommandError, match="3 differences"):
        run()
    with pytest.raises(CommandError, match="3 differences"):
        run()
    kinds = sorted(Alarm.objects.values_list("kind", flat=True))
    assert kinds == ["balance", "no_transaction", "not_posted"]
    assert world.books() == before
