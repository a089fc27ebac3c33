"""Fault cases 32, 36, 47, 48, 72-76: what is passed on."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from marketplace.core.errors import Conflict, Forbidden, NotFound
from marketplace.core.models import OutboxMessage
from marketplace.core.outbox import drain
from marketplace.invoices.models import Allocation, Payment
from marketplace.invoices.payouts import (
    allocation_send,
    invoice_release,
    payout_wire_confirm,
    payout_wire_propose,
)
from marketplace.ledger.selectors import balance
from marketplace.payments.bank_accounts import bank_account_approve
from marketplace.payments.models import Alarm, PayoutAccount
from marketplace.payments.stripe_gateway import stripe_gateway
from tests.factories import NOW
from tests.stripe_double.server import Fault
from tests.stripe_double.world import DAY, World


def transfers(world: World) -> list[int]:
    rows = world.double.state.rows.values()
    return sorted(one["amount"] for one in rows if one["object"] == "transfer")


def propose(world: World, one: Allocation, **how: Any) -> None:
    payout_wire_propose(
        viewer=world.operator,
        allocation_id=one.pk,
        **{"bank_reference": "FT1", "now": NOW, **how},
    )


def states() -> list[str]:
    return list(Allocation.objects.order_by("share_id").values_list("state", flat=True))


def test_fault_47_the_shares_sum_to_what_was_paid(world: World, paid: Payment):
    world.release(paid.invoice)
    assert transfers(world) == [333, 9167]
    assert states() == ["settled", "sent", "sent"]
    assert world.books() == {
        ("stripe", "HKD"): -75,
        ("stripe_fee", "HKD"): 575,
        ("revenue_fee", "HKD"): -500,
    }
    world.check()


def test_only_operators_release(world: World, paid: Payment):
    with pytest.raises(Forbidden):
        invoice_release(viewer=world.finance, invoice_id=paid.invoice_id, today=DAY)
    assert states() == ["planned"] * 3


def test_fault_35_the_process_dies_between_call_and_commit(
    world: World, paid: Payment, monkeypatch: pytest.MonkeyPatch
):
    from marketplace.invoices import payouts

    book = payouts.book_transfer

    def die(*_: object) -> None:
        raise RuntimeError("killed")

    monkeypatch.setattr(payouts, "book_transfer", die)
    world.release(paid.invoice)
    assert transfers(world) == [333, 9167]
    assert states() == ["settled", "releasable", "releasable"]

    monkeypatch.setattr(payouts, "book_transfer", book)
    world.later(1)
    assert transfers(world) == [333, 9167]
    assert states() == ["settled", "sent", "sent"]
    world.check()


def test_fault_32_after_a_day_one_looks_before_one_sends(world: World, paid: Payment):
    world.double.faults.append(Fault("drop_after", "POST transfers", times=99))
    world.release(paid.invoice)
    assert transfers(world) == [333, 9167]
    world.double.faults.clear()
    world.double.keys.clear()  # Stripe has forgotten the keys
    Allocation.objects.exclude(first_called_at=None).update(
        first_called_at=timezone.now() - timedelta(hours=25)
    )

    world.later(1)

    assert transfers(world) == [333, 9167]
    assert states() == ["settled", "sent", "sent"]
    world.check()


def test_fault_29_a_stored_500_is_got_over_by_a_new_attempt(world: World, paid: Payment):
    world.double.faults.append(Fault("stored", "POST transfers", 500, times=6))
    world.release(paid.invoice)
    assert transfers(world) == []
    Allocation.objects.exclude(first_called_at=None).update(
        first_called_at=timezone.now() - timedelta(hours=25)
    )
    world.later(1)
    assert transfers(world) == [333, 9167]
    assert sorted(Allocation.objects.values_list("attempt", flat=True)) == [1, 2, 2]
    world.check()


def test_fault_48_a_broker_without_a_share_gets_no_transfer(world: World, paid: Payment):
    invoice = world.invoice()
    invoice.shares.filter(role="broker").update(basis_points=0)
    world.paid(invoice)
    world.release(invoice)
    assert transfers(world) == [9500]
    world.check()


def test_fault_72_a_party_abroad_is_paid_by_wire_with_two_persons(world: World):
    invoice = world.invoice()
    world.paid(invoice)
    world.accounts(country="CN")
    world.release(invoice)
    assert transfers(world) == []
    one = Allocation.objects.get(share__role="licensor")

    with pytest.raises(Conflict, match="No bank details"):
        propose(world, one)
    world.bank_account(world.licensor)
    propose(world, one)
    with pytest.raises(Forbidden):
        payout_wire_confirm(viewer=world.operator, allocation_id=one.pk, now=NOW)
    assert balance("bank", "HKD") == 0

    payout_wire_confirm(viewer=world.second, allocation_id=one.pk, now=NOW)

    assert balance("bank", "HKD") == -9167
    assert balance("payable", "HKD", party=world.licensor.pk) == 0
    with pytest.raises(Conflict):
        payout_wire_confirm(viewer=world.second, allocation_id=one.pk, now=NOW)
    assert balance("bank", "HKD") == -9167


def test_fault_76_bank_details_change_while_a_payout_is_in_flight(world: World):
    invoice = world.invoice()
    world.paid(invoice)
    world.release(invoice)
    one = Allocation.objects.get(share__role="licensor")
    first = world.bank_account(world.licensor, now=NOW - timedelta(days=2))
    propose(world, one)

    waiting = world.bank_account(world.licensor, approved=False, number="987654321")
    one.refresh_from_db()
    assert one.bank_account == first
    with pytest.raises(Conflict, match="wait for approval"):
        propose(world, one)
    bank_account_approve(
        viewer=world.second, bank_account_id=waiting.pk, now=NOW + timedelta(hours=1)
    )

    with pytest.raises(Conflict, match="changed meanwhile"):
        payout_wire_confirm(viewer=world.second, allocation_id=one.pk, now=NOW)
    assert balance("bank", "HKD") == 0
    assert balance("payable", "HKD", party=world.licensor.pk) == -9167

    strange = world.bank_account(world.broker)
    with pytest.raises(NotFound):
        propose(world, one, bank_account_id=strange.pk)
    propose(world, one, bank_account_id=first.pk, now=NOW + timedelta(hours=2))
    payout_wire_confirm(viewer=world.second, allocation_id=one.pk, now=NOW + timedelta(hours=3))
    one.refresh_from_db()
    assert (one.bank_account, one.state) == (first, "settled")
    assert balance("bank", "HKD") == -9167
    world.check()


def test_fault_73_a_deauthorised_account_parks_the_payout(world: World, paid: Payment):
    account = PayoutAccount.objects.get(organisation=world.licensor)
    world.double.state.rows[account.stripe_account or ""]["gone"] = True
    world.release(paid.invoice)
    assert transfers(world) == [333]
    assert states() == ["settled", "sent", "failed"]
    assert world.parked() == ["allocation.released"]
    assert Alarm.objects.get().kind == "payout_refused"
    assert balance("payable", "HKD", party=world.licensor.pk) == -9167
    world.check()


def test_a_deauthorisation_is_noted(world: World, paid: Payment):
    account = PayoutAccount.objects.get(organisation=world.licensor)
    world.double.state.deauthorise(account.stripe_account or "")
    world.sync()
    account.refresh_from_db()
    assert not account.transfers_enabled


def test_fault_74_a_capability_lost_between_plan_and_send(world: World, paid: Payment):
    invoice_release(viewer=world.operator, invoice_id=paid.invoice_id, today=DAY)
    account = PayoutAccount.objects.get(organisation=world.licensor)
    world.double.state.rows[account.stripe_account or ""]["capabilities"] = {}
    drain()
    assert transfers(world) == [333]
    assert states() == ["settled", "sent", "failed"]


def test_a_hold_between_release_and_sending_stops_the_sending(world: World, paid: Payment):
    from marketplace.invoices.services import invoice_hold, invoice_hold_end

    invoice_release(viewer=world.operator, invoice_id=paid.invoice_id, today=DAY)
    invoice_hold(viewer=world.payer, invoice_id=paid.invoice_id, reason="late")
    drain()
    assert transfers(world) == []
    invoice_hold_end(viewer=world.operator, invoice_id=paid.invoice_id)
    drain()
    assert transfers(world) == [333, 9167]


def test_fault_75_a_payout_that_fails_comes_back(world: World, paid: Payment):
    name = world.double.state.pay_out(2_000, "hkd")
    world.sync()
    assert balance("bank", "HKD") == 2_000
    world.double.state.fail_payout(name)
    world.sync()
    assert balance("bank", "HKD") == 0
    assert Alarm.objects.get().kind == "payout_failed"
    world.check()


def test_fault_36_sending_twice_sends_once(world: World, paid: Payment):
    world.release(paid.invoice)
    for one in Allocation.objects.all():
        allocation_send(one.pk, stripe_gateway(), now=timezone.now())
    assert transfers(world) == [333, 9167]
    assert not OutboxMessage.objects.exclude(error="").exists()


@pytest.mark.parametrize("noted", [False, True])  # by a link to its form, before the event
def test_what_waits_for_an_account_is_sent_once_it_can_be(
    world: World, transfers_allowed: None, noted: bool
) -> None:
    world.accounts()
    rows = [one for one in world.double.state.rows.values() if one["object"] == "account"]
    PayoutAccount.objects.update(transfers_enabled=False)
    invoice = world.invoice()
    world.paid(invoice)
    world.release(invoice)
    assert transfers(world) == []
    PayoutAccount.objects.update(transfers_enabled=noted)
    for row in rows:
        world.double.state.emit("account.updated", row)
    world.sync()
    assert transfers(world) == [333, 9167]
    world.check()
