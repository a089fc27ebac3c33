"""Fault cases 3, 6, 56-69 and 81: whatever comes in whatever order, one set of books."""

from __future__ import annotations

import random
from datetime import date, timedelta
from decimal import Decimal
from itertools import permutations
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from marketplace.core.errors import Conflict, Invalid
from marketplace.core.outbox import drain
from marketplace.invoices.models import Allocation, Dispute, Invoice, Payment, Refund
from marketplace.invoices.payouts import invoice_release
from marketplace.invoices.services import invoice_hold, invoice_hold_end
from marketplace.ledger.models import FxRate
from marketplace.ledger.selectors import balance
from marketplace.payments.models import Alarm
from tests.stripe_double.world import DAY, World

Books = dict[tuple[str, str], int]


def story(world: World) -> tuple[Payment, list[Any]]:
    """Five events: paid, refunded in part, disputed, the dispute lost, and paid out to the bank."""
    payment = world.started(world.invoice())
    drain()
    state = world.double.state
    name = payment.gateway_id or ""
    state.events.clear()
    state.pay(name)
    from tests.stripe_double.operations import refund_create

    refund_create(state, [], {"payment_intent": name, "amount": "1001", "metadata": {}})
    dispute = state.dispute(name, 5_000)
    state.close_dispute(dispute, "lost")
    state.pay_out(1_000, "hkd")
    told = {"payment_intent.succeeded", "refund.created", "payout.paid"}
    told |= {"charge.dispute.created", "charge.dispute.closed"}
    return payment, [one for one in state.events if one["type"] in told]


STORY: Books = {
    ("stripe", "HKD"): 9425 - 1001 - 5000 - 8500 - 1000,
    ("stripe_fee", "HKD"): 575 + 8500,
    ("bank", "HKD"): 1000,
    ("funds_held", "HKD"): -3999,
}


def test_fault_03_all_orders_of_five_events_each_twice_give_one_set_of_books(world: World):
    _, events = story(world)
    assert len(events) == 5
    orders = 0
    for order in permutations(events):
        with transaction.atomic():
            world.deliver([one for one in order for _ in range(2)])
            drain()
            assert world.books() == STORY, [one["type"] for one in order]
            transaction.set_rollback(True)
        orders += 1
    assert orders == 120


def test_two_hundred_random_schedules_give_one_set_of_books(world: World):
    """Deliveries early, late and twice, with work in between at any time."""
    _, events = story(world)
    for seed in range(200):
        chance = random.Random(seed)
        with transaction.atomic():
            left = events * 2
            chance.shuffle(left)
            while left:
                world.deliver([left.pop() for _ in range(min(len(left), chance.randint(1, 3)))])
                if chance.random() < 0.5:
                    drain()
            drain()
            assert world.books() == STORY, f"seed {seed}"
            transaction.set_rollback(True)


def test_a_state_read_before_another_and_applied_after_it_changes_nothing(world: World):
    from marketplace.invoices.converge import converge_payment
    from marketplace.payments.stripe_gateway import stripe_gateway

    payment = world.started(world.invoice())
    stale = stripe_gateway().payment_read(payment.gateway_id or "")
    world.double.state.pay(payment.gateway_id or "")
    world.sync()
    before = world.books()

    class Stale:
        def payment_read(self, _: str) -> Any:
            return stale

    for status in ("requires_action", "processing", "requires_capture", "canceled"):
        object.__setattr__(stale, "status", status)
        converge_payment(Stale(), payment.gateway_id or "")  # type: ignore[arg-type]
    payment.refresh_from_db()
    assert payment.state == "captured"
    assert world.books() == before


def state_of(invoice: Invoice) -> str:
    invoice.refresh_from_db()
    return invoice.state


def test_fault_56_partial_refunds_lose_no_cent(world: World):
    invoice = world.invoice(10_001)
    payment = world.paid(invoice)
    for amount in (333, 333, 335):
        world.refund(payment, amount)
        world.sync()
    assert state_of(invoice) == "part_refunded"
    assert world.books()["funds_held", "HKD"] == -9_000
    world.refund(payment, 9_000)
    world.sync()
    assert state_of(invoice) == "refunded"
    assert balance("funds_held", "HKD") == 0
    assert [one.amount - one.returned for one in Allocation.objects.all()] == [0, 0, 0]
    world.check()


@pytest.mark.parametrize("amount", [10_001, 0, -1])
def test_fault_57_a_refund_above_the_rest(world: World, amount: int):
    payment = world.paid(world.invoice())
    with pytest.raises(Invalid):
        world.refund(payment, amount)
    world.refund(payment, 6_000)
    with pytest.raises(Invalid, match="at most 4000"):
        world.refund(payment, 4_001)
    assert Refund.objects.count() == 1


@pytest.mark.parametrize(("amount", "meanwhile"), [(4_000, "part_refunded"), (10_000, "refunded")])
def test_fault_58_a_refund_that_fails_later_is_taken_back(
    world: World, amount: int, meanwhile: str
):
    invoice = world.invoice()
    payment = world.paid(invoice, "alipay")
    before = world.books()
    refund = world.refund(payment, amount)
    world.sync()
    refund.refresh_from_db()
    assert (refund.state, state_of(invoice)) == ("pending", meanwhile)

    world.double.state.fail_refund(refund.gateway_id)
    world.sync()

    refund.refresh_from_db()
    assert (refund.state, state_of(invoice)) == ("failed", "paid")
    assert world.books() == before
    assert Alarm.objects.get().kind == "refund_failed"
    world.check()


def test_fault_59_a_refund_after_the_transfer_fetches_the_transfer_back(
    world: World, transfers_allowed: None
):
    world.accounts()
    invoice = world.invoice()
    payment = world.paid(invoice)
    world.release(invoice)
    assert balance("payable", "HKD") == 0
    world.refund(payment, 5_000)
    world.sync()
    assert balance("payable", "HKD") == 0
    assert balance("revenue_fee", "HKD") == -250
    reversed_ = Allocation.objects.order_by("share_id").values_list("reversed", flat=True)
    assert list(reversed_) == [0, 166, 4584]
    world.check()


def test_fault_60_a_reversal_that_is_refused_is_our_loss(world: World, transfers_allowed: None):
    world.accounts()
    invoice = world.invoice()
    payment = world.paid(invoice)
    world.release(invoice)
    world.double.state.reversals_refused = True
    world.refund(payment, 10_000)
    world.sync()
    assert balance("loss", "HKD") == 9_500
    assert balance("payable", "HKD") == 0
    assert Alarm.objects.filter(kind="loss").count() == 2
    world.check()


def test_fault_61_no_refund_while_the_bank_disputes(world: World):
    payment = world.paid(world.invoice())
    world.double.state.dispute(payment.gateway_id or "")
    world.sync()
    with pytest.raises(Conflict, match="disputes"):
        world.refund(payment, 1)
    assert not Refund.objects.exists()


@pytest.mark.parametrize(("wallet", "days"), [("alipay", 90), ("wechat_pay", 180)])
def test_fault_62_wallets_refund_within_days_only(world: World, wallet: str, days: int):
    payment = world.paid(world.invoice(), wallet)
    now = timezone.now()
    with pytest.raises(Conflict, match=f"within {days} days"):
        world.refund(payment, 1, now + timedelta(days=days, hours=1))
    assert world.refund(payment, 1, now + timedelta(days=days, hours=-1)).amount == 1


def test_fault_63_and_64_a_dispute_holds_until_it_is_won(world: World):
    invoice = world.invoice()
    payment = world.paid(invoice)
    dispute = world.double.state.dispute(payment.gateway_id or "")
    world.sync()
    invoice.refresh_from_db()
    assert invoice.holds == [f"bank:{dispute}"]
    with pytest.raises(Conflict, match="Held"):
        invoice_release(viewer=world.operator, invoice_id=invoice.pk, today=DAY)
    assert balance("receivable_dispute", "HKD") == 10_000
    world.check()

    world.double.state.close_dispute(dispute, "won")
    world.sync()

    invoice.refresh_from_db()
    assert (invoice.holds, invoice.state) == ([], "paid")
    assert balance("receivable_dispute", "HKD") == 0
    assert len(invoice_release(viewer=world.operator, invoice_id=invoice.pk, today=DAY)) == 3
    world.check()


def test_fault_65_a_lost_dispute_before_release(world: World):
    invoice = world.invoice()
    payment = world.paid(invoice)
    dispute = world.double.state.dispute(payment.gateway_id or "")
    world.sync()
    world.double.state.close_dispute(dispute, "lost")
    world.sync()
    assert state_of(invoice) == "charged_back"
    assert world.books() == {
        ("stripe", "HKD"): -575 - 8500,
        ("stripe_fee", "HKD"): 575 + 8500,
    }
    world.check()


def test_fault_66_a_lost_dispute_after_the_payout(world: World, transfers_allowed: None):
    world.accounts()
    invoice = world.invoice()
    payment = world.paid(invoice)
    world.release(invoice)
    world.double.state.reversals_refused = True
    dispute = world.double.state.dispute(payment.gateway_id or "")
    world.double.state.close_dispute(dispute, "lost")
    world.sync()
    assert balance("loss", "HKD") == 9_500
    assert balance("revenue_fee", "HKD") == 0
    world.check()


def test_fault_67_two_disputes_each_of_a_part(world: World):
    invoice = world.invoice()
    payment = world.paid(invoice)
    first = world.double.state.dispute(payment.gateway_id or "", 3_000)
    second = world.double.state.dispute(payment.gateway_id or "", 2_000)
    world.sync()
    world.double.state.close_dispute(first, "won")
    world.sync()
    invoice.refresh_from_db()
    assert invoice.holds == [f"bank:{second}"]
    world.double.state.close_dispute(second, "lost")
    world.sync()
    assert state_of(invoice) == "part_refunded"
    assert balance("funds_held", "HKD") == -8_000
    world.check()


@pytest.mark.parametrize("end", ["warning_closed", "prevented"])
def test_fault_68_an_inquiry_holds_and_moves_no_money(world: World, end: str):
    invoice = world.invoice()
    payment = world.paid(invoice)
    before = world.books()
    name = world.double.state.dispute(payment.gateway_id or "", status="warning_needs_response")
    world.sync()
    invoice.refresh_from_db()
    assert invoice.holds == [f"bank:{name}"]
    world.double.state.close_dispute(name, end)
    world.sync()
    invoice.refresh_from_db()
    assert invoice.holds == []
    assert Dispute.objects.get().status == end
    assert world.books() == before


def test_fault_69_a_dispute_here_and_one_at_the_bank_hold_apart(world: World):
    invoice = world.invoice()
    payment = world.paid(invoice)
    invoice_hold(viewer=world.payer, invoice_id=invoice.pk, reason="late")
    dispute = world.double.state.dispute(payment.gateway_id or "")
    world.double.state.close_dispute(dispute, "won")
    world.sync()
    invoice.refresh_from_db()
    assert invoice.holds == ["in_app:late"]
    with pytest.raises(Conflict, match="Held"):
        invoice_release(viewer=world.operator, invoice_id=invoice.pk, today=DAY)
    invoice_hold_end(viewer=world.operator, invoice_id=invoice.pk)
    assert len(invoice_release(viewer=world.operator, invoice_id=invoice.pk, today=DAY)) == 3


def test_fault_81_the_difference_to_the_dated_rate_is_booked(world: World):
    FxRate.objects.create(
        base="USD", quote="HKD", on=date(2020, 1, 1), rate=Decimal("7.81"), source="HKAB"
    )
    world.double.state.settle["usd"] = ("hkd", 7800)
    world.paid(world.invoice(10_000, "USD"))
    assert world.books() == {
        ("funds_held", "USD"): -10_000,
        ("fx", "USD"): 10_000,
        ("fx", "HKD"): -78_100,
        ("fx_difference", "HKD"): 100,
        ("stripe", "HKD"): 78_000 - 2_652 - 235,
        ("stripe_fee", "HKD"): 2_887,
    }
    world.check()
