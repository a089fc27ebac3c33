"""Fault cases 1-22: what comes in at the door."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import Settings

from marketplace.core.models import OutboxMessage
from marketplace.core.outbox import PARK_AFTER, drain
from marketplace.payments.models import Alarm, StripeEvent
from tests.stripe_double.server import SECRET, Fault
from tests.stripe_double.world import World

PAID = {("stripe", "HKD"): 9425, ("stripe_fee", "HKD"): 575, ("funds_held", "HKD"): -10000}


@pytest.fixture
def paid(world: World) -> dict[str, Any]:
    """The event that tells of a payment, not yet delivered."""
    payment = world.started(world.invoice())
    world.double.state.pay(payment.gateway_id or "")
    return next(e for e in world.double.state.events if e["type"] == "payment_intent.succeeded")


def events() -> int:
    return StripeEvent.objects.count()


def test_fault_01_a_duplicate_event_is_one_event(world: World, paid: dict[str, Any]):
    assert world.deliver([paid, paid]) == [200, 200]
    drain()
    assert world.deliver([paid]) == [200]
    drain()
    assert events() == 1
    assert world.books() == PAID


def test_fault_04_a_late_event_after_the_end(world: World, paid: dict[str, Any]):
    world.deliver([paid])
    drain()
    late = next(e for e in world.double.state.events if e["type"] == "payment_intent.created")
    world.deliver([late])
    drain()
    assert world.books() == PAID


def test_fault_05_a_webhook_before_our_own_commit(world: World, paid: dict[str, Any]):
    row = world.double.state.rows[paid["data"]["object"]["id"]]
    ours = row["metadata"]["payment"]
    row["metadata"]["payment"] = "00000000-0000-0000-0000-000000000000"
    row["id"] = "pi_not_yet"
    world.double.state.rows["pi_not_yet"] = row
    early = paid | {"data": {"object": dict(row)}}
    assert world.deliver([early]) == [200]
    drain()
    assert "Later" in OutboxMessage.objects.exclude(error="").get().error
    assert world.books() == {}

    row["metadata"]["payment"] = ours  # now it is there
    world.later(1)
    assert world.books() == PAID


@pytest.mark.parametrize(
    ("secret", "seconds"),
    [("whsec_another", 0), (SECRET, -400), (SECRET, 400)],
    ids=["fault_07_wrong_secret", "fault_09_stale", "fault_10_future"],
)
def test_signatures(world: World, paid: dict[str, Any], secret: str, seconds: int):
    body, header = world.double.signed(paid, secret=secret, at=time.time() + seconds)
    assert world.post(body, header) == 400
    assert events() == 0


@pytest.mark.parametrize("seconds", [-250, 250])
def test_fault_82_a_clock_may_be_minutes_off(world: World, paid: dict[str, Any], seconds: int):
    body, header = world.double.signed(paid, at=time.time() + seconds)
    assert world.post(body, header) == 200


def test_fault_08_a_tampered_body(world: World, paid: dict[str, Any]):
    body, header = world.double.signed(paid)
    assert world.post(body.replace(b"10000", b"10001"), header) == 400
    assert events() == 0


@pytest.mark.parametrize("header", ["", "garbage", "t=,v1=", "t=x,v1=y", "v1=00", "t=1"])
def test_fault_11_no_header_or_garbage(world: World, paid: dict[str, Any], header: str):
    assert world.post(json.dumps(paid).encode(), header) == 400
    assert events() == 0


@pytest.mark.parametrize("body", [b"\xff\xfe", b"", b"{", b"[]", b"{}", b'{"id":1}', b"null"])
def test_fault_12_what_is_no_json_is_refused_even_when_signed(world: World, body: bytes):
    import stripe

    text = body.decode("latin-1")
    stamp = int(time.time())
    header = stripe.WebhookSignature.generate_signature_header(text, SECRET, timestamp=stamp)
    assert world.post(body, header) == 400
    assert events() == 0


def test_fault_13_both_secrets_are_good_while_one_replaces_the_other(
    world: World, paid: dict[str, Any], settings: Settings
):
    settings.STRIPE_WEBHOOK_SECRETS = ["whsec_new", SECRET]
    assert world.post(*world.double.signed(paid, secret=SECRET)) == 200
    assert world.post(*world.double.signed(paid, secret="whsec_new")) == 200
    settings.STRIPE_WEBHOOK_SECRETS = ["whsec_new"]
    assert world.post(*world.double.signed(paid, secret=SECRET)) == 400
    settings.STRIPE_WEBHOOK_SECRETS = []
    assert world.post(*world.double.signed(paid, secret="whsec_new")) == 400


def test_fault_14_a_live_event_on_a_test_door(world: World, paid: dict[str, Any]):
    assert world.deliver([paid | {"livemode": True}]) == [400]
    assert events() == 0


def test_fault_15_a_signed_lie_about_the_state_moves_nothing(world: World):
    payment = world.started(world.invoice())
    lie = dict(world.double.state.rows[payment.gateway_id or ""])
    event = world.double.state.events[-1]
    lie |= {"status": "succeeded", "amount_received": 10000}
    forged = event | {"type": "payment_intent.succeeded", "data": {"object": lie}}
    assert world.deliver([forged]) == [200]
    drain()
    payment.refresh_from_db()
    assert payment.state == "created"
    assert world.books() == {}


def test_fault_16_a_payment_that_is_not_ours_is_left_alone(world: World):
    state = world.double.state
    other = state.new(
        "pi",
        "payment_intent",
        amount=500,
        currency="hkd",
        status="requires_payment_method",
        capture_method="automatic",
        metadata={},
        latest_charge=None,
        amount_received=0,
    )
    state.pay(other["id"])
    world.sync()
    assert world.books() == {}
    assert world.parked() == []


def test_fault_17_an_unknown_kind_is_kept_and_changes_nothing(world: World, paid: dict[str, Any]):
    assert world.deliver([paid | {"type": "issuing_card.created"}]) == [200]
    drain()
    assert StripeEvent.objects.get().outcome == "of a kind that changes nothing here"
    assert world.books() == {}


def test_fault_18_an_event_of_another_version_still_converges(world: World, paid: dict[str, Any]):
    assert world.deliver([paid | {"api_version": "2020-08-27"}]) == [200]
    drain()
    assert world.books() == PAID
    assert Alarm.objects.get().kind == "api_version"


def test_fault_19_a_thin_event_is_refused(world: World):
    thin = {"id": "evt_1", "object": "v2.core.event", "type": "v1.x", "created": "2026-11-23"}
    assert world.deliver([thin]) == [400]
    assert events() == 0


def test_fault_20_half_a_handler_leaves_nothing_behind(
    world: World, paid: dict[str, Any], monkeypatch: pytest.MonkeyPatch
):
    from marketplace.invoices import converge

    post_transaction = converge.post_transaction

    def crash(*_: object) -> None:
        raise RuntimeError("power cut")

    monkeypatch.setattr(converge, "post_transaction", crash)
    world.deliver([paid])
    drain()
    assert world.books() == {}
    assert StripeEvent.objects.get().done_at is None
    monkeypatch.setattr(converge, "post_transaction", post_transaction)
    world.later(1)
    assert world.books() == PAID


def test_fault_21_a_poison_event_is_parked_and_can_be_seen(world: World, paid: dict[str, Any]):
    drain()
    world.double.faults.append(Fault("status", "GET payment_intents", 500, times=999))
    world.deliver([paid])
    for hours in range(PARK_AFTER + 1):
        world.later(hours * 8)
    assert world.parked() == ["stripe.event"]
    assert OutboxMessage.objects.exclude(parked_at=None).get().attempts == PARK_AFTER
    assert world.books() == {}


def test_fault_22_a_year_old_event_told_again(world: World, paid: dict[str, Any]):
    old = paid | {"created": int(time.time()) - 365 * 24 * 3600}
    assert world.deliver([old]) == [200]
    drain()
    world.deliver([old])
    drain()
    assert world.books() == PAID
    assert StripeEvent.objects.get().occurred_at < timezone.now()


def test_the_door_is_where_nobody_looks(world: World, paid: dict[str, Any]):
    body, header = world.double.signed(paid)
    assert world.post(body, header, door="stripe") == 404
    assert world.client.get("/webhooks/stripe/x/").status_code == 405
    assert events() == 0
