"""Giving money back: decided by an operator, done by the worker, booked when Stripe has booked."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Sum

from marketplace.accounts.viewer import Viewer
from marketplace.core.errors import Conflict, Invalid
from marketplace.core.outbox import publish
from marketplace.payments.gateway import Gateway
from marketplace.payments.routes import capabilities

from .models import Payment, Refund
from .paying import payment_of
from .workflow import PaymentState


@transaction.atomic
def refund_request(
    *, viewer: Viewer, payment_id: UUID, amount: int, reason: str, now: datetime
) -> Refund:
    """Refund part of a payment or all of it; `amount` in minor units."""
    payment = payment_of(viewer, payment_id)
    payment.refresh_from_db()
    if payment.state != PaymentState.CAPTURED or payment.method != Payment.Method.STRIPE:
        raise Conflict("Only what was paid through Stripe can be refunded here.")
    if payment.disputes.exclude(status__in=["won", "lost", "prevented", "warning_closed"]).exists():
        raise Conflict("The bank disputes this payment: answer the dispute, do not refund too.")
    waiting = payment.refunds.filter(state=Refund.State.REQUESTED)
    rest = payment.received - payment.returned - int(waiting.aggregate(s=Sum("amount"))["s"] or 0)
    if not 0 < amount <= rest:
        raise Invalid(f"A refund is at least 1 and at most {rest} here.", field=("amount",))
    if why := too_late(payment, now):
        raise Conflict(why)
    refund = Refund.objects.create(payment=payment, amount=amount, reason=reason[:300])
    publish("refund.requested", refund.pk)
    return refund


def too_late(payment: Payment, now: datetime) -> str:
    days = capabilities()["refund_days"].get(payment.wallet)
    if days is not None and now > payment.created_at + timedelta(days=days):
        return f"{payment.wallet} refunds within {days} days only: pay back by bank wire."
    return ""


def refund_send(refund_id: UUID, gateway: Gateway) -> str:
    """Ask for the refund; its id there. The same key however often it is asked."""
    refund = Refund.objects.select_related("payment").get(pk=refund_id)
    if refund.gateway_id:
        return refund.gateway_id
    made = gateway.refund_create(
        refund.payment.gateway_id or "",
        amount=refund.amount,
        metadata={"refund": str(refund.pk)},
        key=f"refund:{refund.pk}",
    )
    return made.id
