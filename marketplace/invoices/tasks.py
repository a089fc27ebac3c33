"""What the worker does for payments. Each reads its row again and may run twice."""

from __future__ import annotations

from uuid import UUID

from django.utils import timezone

from marketplace.core.models import OutboxMessage
from marketplace.core.outbox import handles
from marketplace.payments.inbox import TOPIC
from marketplace.payments.models import StripeEvent
from marketplace.payments.stripe_gateway import stripe_gateway

from . import converge, payouts, refunds, returns
from .models import Payment
from .paying import payment_open


@handles(TOPIC)
def event(message: OutboxMessage) -> None:
    row = StripeEvent.objects.get(pk=message.subject)
    if row.done_at is not None:
        return
    handler = converge.handler_of(row.kind)
    if handler is None:
        row.outcome = "of a kind that changes nothing here"
    else:
        gateway = stripe_gateway()
        handler(gateway, row.account if row.kind.endswith("deauthorized") else row.object_id)
        row.outcome = "converged"
    row.done_at = timezone.now()
    row.save(update_fields=["done_at", "outcome", "updated_at"])


@handles("payment.started")
def payment_started(message: OutboxMessage) -> None:
    payment_open(UUID(message.subject), stripe_gateway(), now=timezone.now())


@handles("payment.capture")
def payment_capture(message: OutboxMessage) -> None:
    payment = Payment.objects.get(pk=message.subject)
    gateway, name = stripe_gateway(), payment.gateway_id or ""
    gateway.payment_capture(name, amount=payment.amount, key=f"capture:{payment.pk}")
    converge.converge_payment(gateway, name)


@handles("payment.cancel")
def payment_cancel(message: OutboxMessage) -> None:
    payment = Payment.objects.get(pk=message.subject)
    gateway, name = stripe_gateway(), payment.gateway_id or ""
    gateway.payment_cancel(name, key=f"cancel:{payment.pk}")
    converge.converge_payment(gateway, name)


@handles("refund.requested")
def refund_requested(message: OutboxMessage) -> None:
    gateway = stripe_gateway()
    converge.converge_refund(
        gateway, refunds.refund_send(UUID(message.subject), gateway, now=timezone.now())
    )


@handles("allocation.released")
def allocation_released(message: OutboxMessage) -> None:
    payouts.allocation_send(UUID(message.subject), stripe_gateway(), now=timezone.now())


@handles("allocation.returned")
def allocation_returned(message: OutboxMessage) -> None:
    today = timezone.localdate()
    returns.allocation_level(UUID(message.subject), stripe_gateway(), today=today)
