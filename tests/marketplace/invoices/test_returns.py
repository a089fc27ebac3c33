"""Fault cases 29, 58, 81: what waits a day, what comes back, what settled in another currency."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest
from django.utils import timezone

from marketplace.core.outbox import drain
from marketplace.invoices.models import Allocation, Payment, Refund
from marketplace.invoices.paying import payment_open, payment_start
from marketplace.invoices.payouts import payout_wire_confirm, payout_wire_propose
from marketplace.ledger.selectors import balance
from marketplace.payments.gateway import Unknown
from marketplace.payments.stripe_gateway import stripe_gateway
from tests.factories import NOW
from tests.stripe_double.server import Fault
from tests.stripe_double.world import World


def test_fault_29_a_refund_behind_a_stored_500_is_made_once(world: World, paid: Payment):
    world.double.faults.append(Fault("stored_after", "POST refunds", 500, times=4))
    refund = world.refund(paid, 4_000)
    drain()
    refund.refresh_from_db()
    assert (refund.state, refund.gateway_id) == ("requested", None)
    Refund.objects.update(created_at=timezone.now() - timedelta(hours=25))
    world.later(6)
    world.sync()
    refund.refresh_from_db()
    made = [one for one in world.double.state.rows.values() if one["object"] == "refund"]
    assert (refund.state, [one["amount"] for one in made]) == ("succeeded", [4_000])
    world.check()


def test_fault_29_a_refund_that_a_stored_500_kept_back_is_asked_for_anew(
    world: World, paid: Payment
):
    world.double.faults.append(Fault("stored", "POST refunds", 500, times=3))
    refund = world.refund(paid, 4_000)
    drain()
    assert not any(one["object"] == "refund" for one in world.double.state.rows.values())
    Refund.objects.update(created_at=timezone.now() - timedelta(hours=25))
    world.later(7)
    world.sync()
    refund.refresh_from_db()
    assert refund.state == "succeeded"
    world.check()


def test_fault_29_a_payment_behind_a_stored_500_opens_the_next_day(world: World):
    world.double.faults.append(Fault("stored", "POST payment_intents", 500, times=4))
    payment = payment_start(viewer=world.payer, invoice_id=world.invoice().pk)
    drain()
    with pytest.raises(Unknown):
        payment_open(payment.pk, stripe_gateway(), now=timezone.now())
    tomorrow = timezone.now() + timedelta(hours=24)
    assert payment_open(payment.pk, stripe_gateway(), now=tomorrow).status == (
        "requires_payment_method"
    )


@pytest.mark.parametrize("released", ["before", "between", "after"])
def test_fault_58_what_a_failed_refund_had_taken_back_is_sent_again(
    world: World, transfers_allowed: None, released: str
):
    world.paid(world.invoice())  # so that our balance can pay its fees
    invoice = world.invoice()
    payment = world.paid(invoice, "alipay")
    world.accounts()
    if released == "before":
        world.release(invoice)
    for _ in range(2):
        refund = world.refund(payment, 5_000)
        world.sync()
        if released == "between" and not Allocation.objects.exclude(transfer=None).exists():
            world.release(invoice)
        refund.refresh_from_db()
        world.double.state.fail_refund(refund.gateway_id)
        world.sync()
    if released == "after":
        world.release(invoice)
    assert balance("payable", "HKD") == 0
    assert balance("revenue_fee", "HKD") == -500
    sent = [one for one in world.double.state.rows.values() if one["object"] == "transfer"]
    by_party = Counter[str]()
    for one in sent:
        by_party[one["destination"]] += one["amount"] - one["amount_reversed"]
    assert sorted(by_party.values()) == [333, 9167]
    world.check()


def test_fault_81_what_settled_in_another_currency_is_passed_on_by_wire(
    world: World, transfers_allowed: None
):
    world.double.state.settle["usd"] = ("hkd", 7800)
    world.accounts()
    invoice = world.invoice(10_000, "USD")
    world.paid(invoice)
    world.release(invoice)
    assert not any(o["object"] == "transfer" for o in world.double.state.rows.values())
    states = Allocation.objects.exclude(share__role="platform").values_list("state", flat=True)
    assert set(states) == {"releasable"}
    world.bank_account(world.licensor, "USD")
    one = Allocation.objects.get(share__role="licensor")
    payout_wire_propose(viewer=world.operator, allocation_id=one.pk, bank_reference="FT1", now=NOW)
    payout_wire_confirm(viewer=world.second, allocation_id=one.pk, now=NOW)
    assert balance("bank", "USD") == -9_167
    world.check()
