"""Fault cases 23-34, 70-73 and 83: what happens between us and Stripe."""

from __future__ import annotations

import inspect
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
import stripe
from django.conf import settings as configured
from pytest_django import Settings

from marketplace.core.money import Money
from marketplace.payments.gateway import Gateway, GatewayError, PaymentState, Refused, Unknown
from marketplace.payments.stripe_gateway import (
    StripeGateway,
    client_for,
    stripe_gateway,
    webhook_endpoint_create,
)
from tests.stripe_double.server import Double, Fault
from tests.stripe_double.shapes import faults, unflatten

HKD = Money(10_000, "HKD")


def create(key: str = "k", amount: Money = HKD) -> PaymentState:
    return stripe_gateway().payment_create(amount, group="g", hold=False, metadata={}, key=key)


def payments(double: Double) -> int:
    return sum(one["object"] == "payment_intent" for one in double.state.rows.values())


def test_the_gateway_has_at_most_fifteen_methods_and_stripe_has_them_all():
    wanted = {name for name, _ in inspect.getmembers(Gateway, inspect.isfunction)}
    wanted = {name for name in wanted if not name.startswith("_")}
    assert len(wanted) == 15
    for name in wanted:
        ours = inspect.signature(getattr(StripeGateway, name))
        assert ours == inspect.signature(getattr(Gateway, name))


@pytest.mark.parametrize("kind", ["drop_before", "drop_after"])
def test_fault_23_an_answer_lost_is_asked_for_again(double: Double, kind: str):
    double.faults.append(Fault(kind, "POST payment_intents"))
    assert create().amount == HKD
    assert payments(double) == 1


@pytest.mark.parametrize("kind", ["drop_before", "drop_after"])
def test_fault_24_and_25_the_same_key_after_a_restart(double: Double, kind: str):
    double.faults.append(Fault(kind, "POST payment_intents", times=3))
    with pytest.raises(Unknown):
        create()
    client_for.cache_clear()  # another process
    create()
    assert payments(double) == 1


def test_fault_26_and_27_409_and_503_are_tried_again(double: Double):
    double.faults += [Fault("status", "", 409), Fault("status", "", 503)]
    create()
    assert len(double.calls) == 3
    assert payments(double) == 1


def test_fault_28_429_is_left_to_the_worker(double: Double):
    double.faults.append(Fault("status", "", 429))
    with pytest.raises(Unknown):
        create()
    assert len(double.calls) == 1


def test_fault_29_a_stored_500_comes_back_until_the_key_changes(double: Double):
    double.faults.append(Fault("stored", "", 500))
    for _ in range(2):
        with pytest.raises(Unknown):
            create()
    assert payments(double) == 0
    create("another")
    assert payments(double) == 1


def test_fault_30_a_key_used_with_other_parameters(double: Double):
    create()
    with pytest.raises(Refused):
        create(amount=Money(10_001, "HKD"))
    assert payments(double) == 1


def test_fault_31_one_key_in_twenty_threads(double: Double):
    start = threading.Barrier(20)

    def one(_: int) -> str:
        start.wait()
        for _ in range(50):
            try:
                return create().id
            except GatewayError:
                continue
        return "never"

    with ThreadPoolExecutor(20) as pool:
        found = set(pool.map(one, range(20)))
    assert len(found) == 1
    assert payments(double) == 1


def test_fault_32_a_forgotten_key_acts_again(double: Double):
    create()
    double.keys.clear()
    create()
    assert payments(double) == 2  # so the worker must look before it asks: see test_payouts


def test_fault_33_a_wrong_key_of_ours(double: Double, settings: Settings):
    settings.STRIPE_SECRET_KEY = "sk_test_wrong"
    with pytest.raises(Refused):
        create()
    assert payments(double) == 0


def test_fault_34_every_request_is_held_against_the_sdks_own_types(double: Double):
    with pytest.raises(stripe.InvalidRequestError, match="payment_method_types: unknown"):
        client_for("sk_test_double", double.base).v1.payment_intents.create(
            {"amount": 100, "currency": "hkd", "payment_method_types": ["card"]}  # type: ignore
        )
    shape = stripe.params.PaymentIntentCreateParams
    given = unflatten([("amount", "1.5"), ("transfer_data[nme]", "x")])
    assert sorted(faults(given, shape)) == [
        "amount: not int",
        "currency: missing",
        "transfer_data[destination]: missing",
        "transfer_data[nme]: unknown parameter",
    ]


def test_fault_44_stripe_itself_refuses_nine_digits(double: Double):
    with pytest.raises(Refused):
        create(amount=Money(100_000_000, "HKD"))


def test_fault_53_a_wallet_cannot_hold(double: Double):
    from tests.stripe_double.state import Refusal

    held = stripe_gateway().payment_create(HKD, group="g", hold=True, metadata={}, key="h")
    with pytest.raises(Refusal):
        double.state.pay(held.id, method="alipay")
    assert double.state.rows[held.id]["status"] == "requires_payment_method"


def transfer(double: Double, amount: int, source: str, capability: str = "active") -> None:
    account = double.state.new("acct", "account", capabilities={"transfers": capability})
    stripe_gateway().transfer_create(
        Money(amount, "HKD"),
        destination=account["id"],
        group="g",
        source_charge=source,
        metadata={},
        key=f"t{amount}",
    )


def test_fault_70_a_transfer_above_its_source(double: Double):
    payment = create()
    double.state.pay(payment.id)
    charge = double.state.rows[payment.id]["latest_charge"]
    transfer(double, 6_000, charge)
    with pytest.raises(Refused):
        transfer(double, 6_001, charge)
    assert double.state.balance() == {"hkd": 9425 - 6000}


def test_fault_71_a_transfer_above_the_balance(double: Double):
    with pytest.raises(Refused):
        transfer(double, 1, "")


def test_fault_83_sdk_setting_and_endpoint_speak_one_version(double: Double):
    assert stripe.api_version == configured.STRIPE_API_VERSION
    assert stripe.VERSION == "16.1.0"
    webhook_endpoint_create("https://example.com/webhooks/stripe/x/")
    endpoint = next(o for o in double.state.rows.values() if o["object"] == "webhook_endpoint")
    assert endpoint["api_version"] == configured.STRIPE_API_VERSION


def test_events_and_balance_transactions_are_paged(double: Double):
    from datetime import UTC, datetime

    for number in range(130):
        double.state.moved("charge", "ch", number + 1, "hkd")
    epoch = datetime(2000, 1, 1, tzinfo=UTC)
    found = list(stripe_gateway().balance_transactions(since=epoch))
    assert [one.amount.amount for one in found] == list(range(130, 0, -1))


def test_onboarding(double: Double):
    account, url = stripe_gateway().account_onboard(
        country="HK", metadata={}, return_url="https://example.com/", key="o"
    )
    assert not account.transfers_enabled
    assert url.startswith(f"https://connect.example/{account.id}/")
