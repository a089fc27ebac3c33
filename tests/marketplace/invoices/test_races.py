"""Fault cases 2, 31 and 39 with real threads on the real database."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from time import sleep
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone

from marketplace.core.errors import Conflict
from marketplace.core.money import Money
from marketplace.invoices.bank_statement import StatementLine
from marketplace.invoices.models import Invoice, Payment
from marketplace.invoices.paying import payment_open, payment_start
from marketplace.invoices.wire import bank_line_approve, bank_line_propose, bank_lines_import
from marketplace.payments.gateway import Unknown
from marketplace.payments.inbox import receive
from marketplace.payments.models import StripeEvent
from marketplace.payments.stripe_gateway import event_hint, stripe_gateway
from tests.stripe_double.server import Double
from tests.stripe_double.world import DAY, World


@pytest.mark.django_db(transaction=True)
def test_twenty_threads_paying_one_invoice_make_one_payment(double: Double, transactional_db: None):
    world = World(double)
    invoice = world.invoice()
    start = Barrier(20)

    def pay(_: int) -> str:
        try:
            start.wait()
            payment = payment_start(viewer=world.payer, invoice_id=invoice.pk)
            for _ in range(50):
                try:
                    return payment_open(payment.pk, stripe_gateway(), now=timezone.now()).id
                except Unknown:
                    continue
            return "never"
        finally:
            connection.close()

    with ThreadPoolExecutor(20) as pool:
        found = set(pool.map(pay, range(20)))

    assert len(found) == 1
    assert Payment.objects.count() == 1
    assert [o["object"] for o in double.state.rows.values()] == ["payment_intent"]


@pytest.mark.django_db(transaction=True)
def test_a_line_said_to_pay_another_invoice_meanwhile_is_not_booked(
    double: Double, transactional_db: None
):
    world = World(double)
    first, other = world.invoice(), world.invoice()
    stated = StatementLine("FT1", DAY, Money(100_00, "HKD"), "Buyer", first.wire_reference)
    (line,) = bank_lines_import(viewer=world.operator, lines=[stated])

    def approve() -> str:
        try:
            return bank_line_approve(viewer=world.second, bank_line_id=line.pk).state
        except Conflict:
            return "refused"
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            Invoice.objects.select_for_update().get(pk=first.pk)
            approving = pool.submit(approve)
            while not somebody_waits():
                sleep(0.01)
            bank_line_propose(viewer=world.operator, bank_line_id=line.pk, invoice_id=other.pk)
        assert approving.result() == "refused"

    line.refresh_from_db()
    assert (line.state, line.invoice) == ("proposed", other)
    assert world.books() == {}


def somebody_waits() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)")
        return bool(cursor.fetchone()[0])


@pytest.mark.django_db(transaction=True)
def test_fault_02_one_event_in_twenty_threads_is_one_event(double: Double, transactional_db: None):
    double.state.new("pi", "payment_intent", amount=1, currency="hkd")
    double.state.emit("payment_intent.created", double.state.rows["pi_1"])
    hint: Any = event_hint(double.state.events[0])

    def tell(_: int) -> bool:
        try:
            return receive(hint)
        finally:
            connection.close()

    with ThreadPoolExecutor(20) as pool:
        assert sum(pool.map(tell, range(20))) == 1
    assert StripeEvent.objects.count() == 1
