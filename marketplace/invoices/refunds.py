"""Giving money back: decided by an operator or the issuer. Through Stripe the worker does it, and
it is booked when Stripe has booked; by wire a second person says that it was sent."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Sum

from marketplace.accounts.viewer import Viewer
from marketplace.core.calendar import day_of
from marketplace.core.checks import words
from marketplace.core.errors import Conflict, Forbidden, Invalid, NotFound
from marketplace.core.outbox import publish
from marketplace.ledger.models import Account
from marketplace.ledger.services import Line, post
from marketplace.payments.gateway import KEYS_LAST, Gateway
from marketplace.payments.routes import capabilities

from .models import Payment, Refund
from .paying import payment_for
from .receipts import give_back
from .services import settle
from .workflow import PaymentState

Method = Payment.Method


@transaction.atomic
def refund_request(
    *,
    viewer: Viewer,
    payment_id: UUID,
    amount: int,
    reason: str,
    by_wire: bool = False,
    now: datetime,
) -> Refund:
    """Refund part of a payment or all of it, `amount` in minor units: the way it came, or by wire
    where that is asked, which a second person confirms once it is sent."""
    payment = payment_for(viewer, payment_id, "issuer", "operator")
    if payment.state != PaymentState.CAPTURED or payment.method == Method.TAX_CERTIFICATE:
        raise Conflict("Only money that came in can be refunded.")
    require_undisputed(payment)
    waiting = payment.refunds.filter(state=Refund.State.REQUESTED)
    rest = payment.received - payment.returned - int(waiting.aggregate(s=Sum("amount"))["s"] or 0)
    if not 0 < amount <= rest:
        raise Invalid(f"A refund is at least 1 and at most {rest} here.", field=("amount",))
    wired = by_wire or payment.method == Method.WIRE
    if not wired and (why := too_late(payment, now)):
        raise Conflict(why)
    refund = Refund.objects.create(
        payment=payment,
        amount=amount,
        reason=words(300)(reason, ("reason",)),
        by_wire=wired,
        requested_by=viewer.require_user(),
    )
    if not wired:
        publish("refund.requested", refund.pk)
    return refund


def require_undisputed(payment: Payment) -> None:
    if payment.disputes.exclude(status__in=["won", "lost", "prevented", "warning_closed"]).exists():
        raise Conflict("The bank disputes this payment: answer the dispute, do not refund too.")


def refund_by_wire(viewer: Viewer, refund_id: UUID) -> Refund:
    """One that waits, with its invoice locked; for operators."""
    viewer.require_operator()
    known = Refund.objects.filter(pk=refund_id).first()
    if known is None:
        raise NotFound("No such refund.")
    payment = payment_for(viewer, known.payment_id, "operator")
    refund = Refund.objects.select_for_update(of=["self"]).get(pk=refund_id)
    if not refund.by_wire or refund.state != Refund.State.REQUESTED:
        raise Conflict("This refund does not wait for a wire.")
    refund.payment = payment
    return refund


@transaction.atomic
def refund_wire_confirm(
    *, viewer: Viewer, refund_id: UUID, bank_reference: str, now: datetime
) -> Refund:
    """Say that a refund was sent by wire; an operator other than who asked for it."""
    refund = refund_by_wire(viewer, refund_id)
    payment = refund.payment
    if refund.requested_by == viewer.require_user():
        raise Forbidden("A second person confirms.")
    require_undisputed(payment)
    if refund.amount > payment.received - payment.returned:
        raise Conflict("So much of the payment is not here any more.")
    refund.bank_reference = words(80)(bank_reference, ("bank_reference",))
    refund.confirmed_by, refund.state = viewer.require_user(), Refund.State.SUCCEEDED
    refund.save()
    bank = Line(Account.BANK, -refund.amount, payment.invoice.currency)
    lines = [*give_back(payment, refund.amount), bank]
    post(f"refund_wire:{refund.pk}", lines, on=day_of(now), memo=refund.bank_reference)
    settle(payment.invoice)
    return refund


@transaction.atomic
def refund_wire_withdraw(*, viewer: Viewer, refund_id: UUID) -> Refund:
    """It is not sent after all."""
    refund = refund_by_wire(viewer, refund_id)
    refund.state = Refund.State.FAILED
    refund.save(update_fields=["state", "updated_at"])
    return refund


def too_late(payment: Payment, now: datetime) -> str:
    days = capabilities()["refund_days"].get(payment.wallet)
    if days is not None and now > payment.created_at + timedelta(days=days):
        return f"{payment.wallet} refunds within {days} days only: pay back by bank wire."
    return ""


def refund_send(refund_id: UUID, gateway: Gateway, *, now: datetime) -> str:
    """Ask for the refund; its id there. The same key all day; on a later one, when the key may be
    forgotten or keep a fault, it is looked up before it is asked for again."""
    refund = Refund.objects.select_related("payment").get(pk=refund_id)
    if refund.gateway_id:
        return refund.gateway_id
    charged, attempt = refund.payment.gateway_id or "", (now - refund.created_at) // KEYS_LAST
    if attempt and (there := gateway.payment_read(charged).refunds.get(str(refund.pk))):
        return there
    made = gateway.refund_create(
        charged,
        amount=refund.amount,
        metadata={"refund": str(refund.pk)},
        key=f"refund:{refund.pk}:{attempt}",
    )
    return made.id
