"""Fault cases 37-55: what is asked, what is paid."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from marketplace.core.errors import Conflict, Forbidden, Invalid, NotFound
from marketplace.invoices.models import Invoice, Payment
from marketplace.invoices.paying import payment_cancel, payment_capture, payment_open, payment_start
from marketplace.invoices.payouts import invoice_release
from marketplace.payments.gateway import Refused
from marketplace.payments.stripe_gateway import stripe_gateway
from tests.factories import make_organisation, member_of
from tests.stripe_double.world import DAY, World

PAID = {("stripe", "HKD"): 9425, ("stripe_fee", "HKD"): 575, ("funds_held", "HKD"): -10000}


def state_of(invoice: Invoice) -> str:
    invoice.refresh_from_db()
    return invoice.state


def test_payment_start(world: World):
    invoice = world.invoice()
    payment = world.paid(invoice)

    assert (payment.state, payment.received, payment.wallet) == ("captured", 10000, "card")
    assert state_of(invoice) == "paid"
    assert world.books() == PAID
    amounts = payment.allocations.order_by("share_id").values_list("share__role", "amount")
    assert list(amounts) == [("platform", 500), ("broker", 333), ("licensor", 9167)]
    world.check()


def test_payment_start_is_for_the_payers_finance(world: World):
    invoice = world.invoice()
    for stranger, error in (
        (world.finance, Forbidden),
        (member_of(world.buyer, "dealmaker"), NotFound),
        (member_of(make_organisation(), "finance"), NotFound),
    ):
        with pytest.raises(error):
            payment_start(viewer=stranger, invoice_id=invoice.pk)
    assert not Payment.objects.exists()


def test_fault_37_amount_mismatch(world: World):
    invoice = world.invoice()
    payment = world.started(invoice)
    world.double.state.rows[payment.gateway_id or ""]["amount"] = 9_000

    world.double.state.pay(payment.gateway_id or "")
    world.sync()

    assert state_of(invoice) == "part_paid"
    assert "brought 9000 instead of 10000" in invoice.review
    with pytest.raises(Conflict, match="looked at"):
        invoice_release(viewer=world.operator, invoice_id=invoice.pk, today=DAY)
    world.check()


def test_fault_38_currency_mismatch(world: World):
    invoice = world.invoice()
    payment = world.started(invoice)
    world.double.state.rows[payment.gateway_id or ""]["currency"] = "usd"

    world.double.state.pay(payment.gateway_id or "")
    world.sync()

    assert state_of(invoice) == "issued"
    assert "is in USD, not HKD" in invoice.review
    assert world.books() == {}


def test_fault_39_two_tabs_share_one_payment_and_the_database_refuses_a_second(world: World):
    invoice = world.invoice()
    first = payment_start(viewer=world.payer, invoice_id=invoice.pk)
    assert payment_start(viewer=world.payer, invoice_id=invoice.pk) == first
    with pytest.raises(IntegrityError, match="one_live_payment"), transaction.atomic():
        Payment.objects.create(invoice=invoice, method="stripe", amount=1, instalment=1)
    assert Payment.objects.count() == 1


def test_fault_42_an_invoice_above_the_ceiling_takes_several_payments(world: World):
    invoice = world.invoice(250_000_000)
    with pytest.raises(Invalid, match=f"bank wire with reference {invoice.wire_reference}"):
        payment_start(viewer=world.payer, invoice_id=invoice.pk)
    assert not Payment.objects.exists()

    states = []
    for _ in range(3):
        payment = world.started(invoice, in_parts=True)
        world.double.state.pay(payment.gateway_id or "")
        world.sync()
        states.append(state_of(invoice))

    assert states == ["part_paid", "part_paid", "paid"]
    assert sum(one.received for one in Payment.objects.all()) == 250_000_000
    world.check()


@pytest.mark.parametrize(
    ("currency", "amount", "fee"), [("JPY", 500, 252), ("KRW", 5000, 405), ("KWD", 5000, 405)]
)
def test_fault_45_currencies_without_and_with_three_digits(
    world: World, currency: str, amount: int, fee: int
):
    invoice = world.invoice(amount, currency)
    world.paid(invoice)
    assert state_of(invoice) == "paid"
    assert world.books()["stripe", currency] == amount - fee
    world.check()


@pytest.mark.parametrize(("currency", "amount"), [("ISK", 5000), ("MGA", 5001)])
def test_fault_46_isk_and_mga(world: World, currency: str, amount: int):
    invoice = world.invoice(amount, currency)
    world.paid(invoice)
    assert world.books()["funds_held", currency] == -amount


def test_fault_46_a_broken_krona_never_goes_to_stripe(world: World):
    invoice = world.invoice(5050, "ISK")
    with pytest.raises(Invalid, match=r"whole steps of ISK 1\.00"):
        payment_start(viewer=world.payer, invoice_id=invoice.pk)
    assert world.double.calls == []


def test_fault_50_a_hold_expires_after_seven_days(world: World):
    invoice = world.invoice()
    payment = world.started(invoice, hold=True)
    world.double.state.pay(payment.gateway_id or "")
    world.sync()
    payment.refresh_from_db()
    assert payment.state == "authorized"
    assert payment.capture_before is not None

    world.double.state.expire_holds()
    world.sync()

    payment.refresh_from_db()
    assert (payment.state, state_of(invoice)) == ("expired", "issued")
    assert world.books() == {}
    assert world.started(invoice).pk != payment.pk


def test_a_hold_is_captured(world: World):
    invoice = world.invoice()
    payment = world.started(invoice, hold=True)
    world.double.state.pay(payment.gateway_id or "")
    world.sync()
    payment_capture(viewer=world.operator, payment_id=payment.pk)
    world.sync()
    assert state_of(invoice) == "paid"
    assert world.books() == PAID


def test_fault_51_capture_after_cancel(world: World):
    invoice = world.invoice()
    payment = world.started(invoice, hold=True)
    world.double.state.pay(payment.gateway_id or "")
    world.sync()
    payment_cancel(viewer=world.operator, payment_id=payment.pk)
    world.sync()
    with pytest.raises(Conflict):
        payment_capture(viewer=world.operator, payment_id=payment.pk)
    with pytest.raises(Refused):
        stripe_gateway().payment_capture(payment.gateway_id or "", amount=1, key="k")
    assert world.books() == {}


def test_fault_52_partial_capture(world: World):
    invoice = world.invoice()
    payment = world.started(invoice, hold=True)
    world.double.state.pay(payment.gateway_id or "")
    world.sync()

    stripe_gateway().payment_capture(payment.gateway_id or "", amount=4_000, key="part")
    world.sync()

    payment.refresh_from_db()
    assert (payment.received, state_of(invoice)) == (4_000, "part_paid")
    assert world.books()["funds_held", "HKD"] == -4_000
    world.check()


def test_fault_54_declined_then_paid(world: World):
    invoice = world.invoice()
    payment = world.started(invoice)
    world.double.state.pay(payment.gateway_id or "", "decline")
    world.sync()
    payment.refresh_from_db()
    assert (payment.failure, state_of(invoice)) == ("card_declined", "issued")

    world.double.state.pay(payment.gateway_id or "")
    world.sync()

    assert state_of(invoice) == "paid"
    assert world.books() == PAID


def test_fault_55_a_challenge_left_alone_blocks_nobody(world: World):
    invoice = world.invoice()
    payment = world.started(invoice)
    world.double.state.pay(payment.gateway_id or "", "requires_action")
    world.sync()
    payment.refresh_from_db()
    assert payment.state == "requires_action"

    payment_cancel(viewer=world.operator, payment_id=payment.pk)
    world.sync()

    payment.refresh_from_db()
    assert payment.state == "canceled"
    assert world.paid(invoice).state == "captured"


def test_payment_open_makes_one_payment_there(world: World):
    invoice = world.invoice()
    payment = payment_start(viewer=world.payer, invoice_id=invoice.pk)
    first = payment_open(payment.pk, stripe_gateway(), now=timezone.now())
    assert first.client_secret.endswith("_secret_x")
    Payment.objects.update(gateway_id=None)
    assert payment_open(payment.pk, stripe_gateway(), now=timezone.now()).id == first.id
    world.sync()
    kinds = [one["object"] for one in world.double.state.rows.values()]
    assert kinds == ["payment_intent"]
    assert timezone.now() >= payment.created_at
