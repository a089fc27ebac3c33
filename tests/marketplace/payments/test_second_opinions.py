"""What others know of Stripe's API: events of other versions, stripe-mock, and the real test mode.

`make stripe-mock` builds and asks stripe-mock; STRIPE_TEST_KEY lets the real service be asked.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import stripe
from django.conf import settings as configured
from pytest_django import Settings

from marketplace.core.money import Money
from marketplace.payments.gateway import Refused
from marketplace.payments.models import Alarm, StripeEvent
from marketplace.payments.stripe_gateway import (
    StripeGateway,
    account_state,
    client_for,
    payment_state,
    refund_state,
    stripe_gateway,
    transaction,
)
from tests.elasticsearch_node import free_port
from tests.stripe_double.world import World

RECORDED = Path(__file__).parents[2] / "stripe_double" / "recorded"
EVENTS = sorted(RECORDED.glob("*/*.json"))
READERS = {
    "payment_intent": payment_state,
    "refund": refund_state,
    "account": account_state,
    "charge": lambda row: transaction(row["balance_transaction"]),
}
MOCK = configured.ROOT / ".data" / "bin" / "stripe-mock"


@pytest.mark.parametrize("path", EVENTS, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_an_event_of_each_version_is_taken_and_its_object_can_be_read(
    world: World, path: Path
) -> None:
    event: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    assert world.deliver([event]) == [200]
    kept = StripeEvent.objects.get()
    row = event["data"]["object"]
    assert (kept.kind, kept.object_id) == (path.stem, row["id"])
    assert kept.api_version == path.parent.name
    assert Alarm.objects.get().kind == "api_version"  # that it is not the one we speak
    if reader := READERS.get(row["object"]):
        reader(row)


@pytest.fixture
def mock(settings: Settings) -> Iterator[StripeGateway]:
    """Stripe's own stateless mock: it knows every parameter, and believes everything else."""
    found = shutil.which("stripe-mock") or (str(MOCK) if MOCK.exists() else None)
    if found is None:
        pytest.skip("no stripe-mock here; `make stripe-mock` builds it where Go is")
    port = free_port()
    command = [found, "-http-addr", f"127.0.0.1:{port}", "-https-addr", f"127.0.0.1:{free_port()}"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        for _ in range(100):
            with socket.socket() as door:
                if door.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        settings.STRIPE_SECRET_KEY = "sk_test_mock"
        settings.STRIPE_API_BASE = f"http://127.0.0.1:{port}"
        yield stripe_gateway()
    finally:
        client_for.cache_clear()
        process.terminate()
        process.wait()


def test_stripe_mock_knows_every_request_that_we_make(mock: StripeGateway) -> None:
    hkd, made = Money(10_000, "HKD"), {"payment": "1"}
    assert mock.payment_create(hkd, group="g", hold=True, metadata=made, key="1").id
    assert mock.payment_read("pi_1").id
    assert mock.payment_capture("pi_1", amount=1, key="2").id
    assert mock.payment_cancel("pi_1", key="3").id
    assert mock.refund_create("pi_1", amount=1, metadata=made, key="4").id
    assert mock.refund_read("re_1").id
    assert mock.dispute_read("dp_1").id
    transfer = {"destination": "acct_1", "group": "g", "metadata": made}
    assert mock.transfer_create(hkd, source_charge="ch_1", key="5", **transfer).id
    assert mock.transfer_create(hkd, source_charge="", key="6", **transfer).id
    assert mock.transfers_find("g")
    assert mock.transfer_reverse("tr_1", amount=1, key="7").id
    account, url = mock.account_onboard(
        country="HK", metadata={}, return_url="https://example.com/", key="8"
    )
    assert account.id and url.startswith("https://")
    assert mock.account_read("acct_1").id
    assert list(mock.events(datetime(2026, 1, 1, tzinfo=UTC)))
    assert list(mock.balance_transactions(source="ch_1"))
    assert mock.balance().total


def test_stripe_mock_would_tell_of_a_parameter_that_there_is_not(mock: StripeGateway) -> None:
    with pytest.raises(stripe.InvalidRequestError):
        mock.v1.refunds.create({"payment_intent": "pi_1", "ammount": 1})  # type: ignore[typeddict-unknown-key]


@pytest.mark.skipif(
    not os.environ.get("STRIPE_TEST_KEY", "").startswith("sk_test_"),
    reason="STRIPE_TEST_KEY, a key of Stripe's test mode, is not set",
)
def test_test_mode_pays_and_refunds_as_the_stand_in_does(settings: Settings) -> None:
    settings.STRIPE_SECRET_KEY, settings.STRIPE_API_BASE = os.environ["STRIPE_TEST_KEY"], ""
    gateway, key = stripe_gateway(), uuid4().hex
    hkd = Money(10_000, "HKD")
    opened = gateway.payment_create(hkd, group=key, hold=False, metadata={}, key=key)
    again = gateway.payment_create(hkd, group=key, hold=False, metadata={}, key=key)
    assert (opened.status, again.id) == ("requires_payment_method", opened.id)
    confirm: Any = {"payment_method": "pm_card_visa", "return_url": "https://example.com/"}
    gateway.v1.payment_intents.confirm(opened.id, confirm)
    paid = gateway.payment_read(opened.id)
    assert (paid.status, paid.received) == ("succeeded", 10_000)
    assert paid.transaction is not None
    ours = {"refund": "ours"}
    refund = gateway.refund_create(opened.id, amount=4_000, metadata=ours, key=f"{key}:refund")
    assert gateway.payment_read(opened.id).refunds == {"ours": refund.id}
    with pytest.raises(Refused):
        gateway.refund_create(opened.id, amount=6_001, metadata={}, key=f"{key}:more")
