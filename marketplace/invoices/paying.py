"""Paying an invoice through the gateway: decide in a transaction, call outside of it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from marketplace.accounts.viewer import Viewer
from marketplace.core.errors import Conflict, Forbidden, Invalid, NotFound
from marketplace.core.money import Money
from marketplace.core.outbox import publish
from marketplace.payments.gateway import KEYS_LAST, Gateway, PaymentState
from marketplace.payments.routes import instalments, why_not_stripe

from .models import Invoice, Payment
from .policies import actors, invoice_for, visible_to
from .services import paid
from .workflow import LIVE, OWING
from .workflow import PaymentState as State


@transaction.atomic
def payment_start(
    *, viewer: Viewer, invoice_id: UUID, hold: bool = False, in_parts: bool = False
) -> Payment:
    """The live payment of the next instalment; made if there is none, so that two tabs share it."""
    invoice = invoice_for(viewer, invoice_id, lock=True)
    if "payer" not in actors(viewer, invoice):
        raise Forbidden("Only the finance role of the payer may pay.")
    if invoice.state not in OWING:
        raise Conflict(f"An invoice that is {invoice.state} asks for nothing.")
    live = invoice.payments.filter(method="stripe", state__in=LIVE).first()
    if live is not None:
        return live
    amount = next_amount(invoice, in_parts=in_parts)
    if why := why_not_stripe(amount):
        raise Invalid(f"{why} Pay by bank wire with reference {invoice.wire_reference}.")
    payment = Payment.objects.create(
        invoice=invoice,
        method=Payment.Method.STRIPE,
        amount=amount.amount,
        hold=hold,
        instalment=1 + invoice.payments.filter(state=State.CAPTURED).count(),
    )
    publish("payment.started", payment.pk)
    return payment


def next_amount(invoice: Invoice, *, in_parts: bool) -> Money:
    outstanding = Money(invoice.total - paid(invoice), invoice.currency)
    if in_parts and outstanding.amount > 0:
        return instalments(outstanding)[0]
    return outstanding


def payment_open(payment_id: UUID, gateway: Gateway, *, now: datetime) -> PaymentState:
    """Have the gateway know the payment; what the payer's browser needs to go on.

    May be called any number of times: the key is the payment itself and the day of its life, for
    a key that keeps a fault keeps it for a day. One that was made there all the same takes no
    money, as nobody has its secret, and is found by its event.
    """
    payment = Payment.objects.select_related("invoice").get(pk=payment_id)
    if payment.gateway_id:
        return gateway.payment_read(payment.gateway_id)
    made = gateway.payment_create(
        Money(payment.amount, payment.invoice.currency),
        group=str(payment.invoice_id),
        hold=payment.hold,
        metadata={"payment": str(payment.pk)},
        key=f"payment:{payment.pk}:{(now - payment.created_at) // KEYS_LAST}",
    )
    Payment.objects.filter(pk=payment_id, gateway_id=None).update(gateway_id=made.id)
    return made


@transaction.atomic
def payment_capture(*, viewer: Viewer, payment_id: UUID) -> Payment:
    """Ask for the money that is held. It counts once the gateway says so."""
    payment = payment_for(viewer, payment_id, "operator")
    if payment.state != State.AUTHORIZED:
        raise Conflict(f"A payment that is {payment.state} cannot be captured.")
    publish("payment.capture", payment.pk)
    return payment


@transaction.atomic
def payment_cancel(*, viewer: Viewer, payment_id: UUID) -> Payment:
    payment = payment_for(viewer, payment_id, "operator")
    if payment.state not in LIVE or payment.method != Payment.Method.STRIPE:
        raise Conflict(f"A payment that is {payment.state} cannot be cancelled.")
    publish("payment.cancel", payment.pk)
    return payment


def payment_for(viewer: Viewer, payment_id: UUID, *by: str) -> Payment:
    """The payment, its invoice locked, for the actors `by`; unknown and unseen are one NotFound."""
    payment = Payment.objects.filter(pk=payment_id, invoice__in=visible_to(viewer)).first()
    if payment is None:
        raise NotFound("No such payment.")
    payment.invoice = invoice_for(viewer, payment.invoice_id, lock=True)
    if not actors(viewer, payment.invoice) & frozenset(by):
        raise Forbidden(f"Only {' or '.join(by)} may do this.")
    payment.refresh_from_db()
    return payment
