"""An event is a hint: read the object again, outside a transaction, and bring our side in line.

Each function may run any number of times, in any order, and gives the same end. A state read
before another one, and applied after it, changes nothing: the workflow has no move back.
"""

from __future__ import annotations

from collections.abc import Callable

from django.db import transaction

from marketplace.core.money import Money
from marketplace.core.outbox import publish
from marketplace.ledger.exchange import exchange_lines
from marketplace.ledger.models import Account, Posting
from marketplace.ledger.services import Line, post
from marketplace.payments.gateway import BalanceTransaction, Gateway
from marketplace.payments.gateway import PaymentState as Read
from marketplace.payments.inbox import raise_alarm
from marketplace.payments.models import PayoutAccount

from .models import Allocation, Dispute, Invoice, Payment, Refund
from .receipts import flag, give_back, receive
from .services import hold_add, hold_remove, settle
from .workflow import PAYMENT, AllocationState, PaymentState

MOVES = {
    "requires_action": "require_action",
    "processing": "process",
    "requires_capture": "authorize",
    "canceled": "cancel",
}
LOST = ("lost",)
OVER = ("won", "prevented", "warning_closed")


class Later(Exception):
    """It names something we do not know yet; the webhook may have come before our own commit."""


def locked(payment: Payment) -> Payment:
    """The payment read afresh, with its invoice locked first: one order of locks everywhere."""
    invoice = Invoice.objects.select_for_update().get(pk=payment.invoice_id)
    fresh = Payment.objects.select_for_update().get(pk=payment.pk)
    fresh.invoice = invoice
    return fresh


def payment_for(read: Read) -> Payment | None:
    """Ours, found by the id or, before we have noted that, by what we wrote into it; None where
    it is somebody else's."""
    ours = read.metadata.get("payment")
    found = Payment.objects.filter(gateway_id=read.id).first()
    if found is None and ours:
        found = Payment.objects.filter(pk=ours).first()
        if found is None:
            raise Later(f"{read.id} says it is for payment {ours}, which is not there yet.")
    return found


def converge_payment(gateway: Gateway, gateway_id: str) -> Payment | None:
    read = gateway.payment_read(gateway_id)
    known = payment_for(read)
    if known is None:
        return None
    with transaction.atomic():
        payment = locked(known)
        payment.gateway_id = payment.gateway_id or read.id
        payment.failure = read.failure[:120]
        payment.capture_before = read.capture_before or payment.capture_before
        payment.charge = read.charge or payment.charge
        payment.wallet = read.method or payment.wallet
        name = MOVES.get(read.status)
        if read.status == "canceled" and payment.state == PaymentState.AUTHORIZED:
            name = "expire"
        if name and (payment.state, name) in PAYMENT.moves:
            payment.state = PAYMENT.move(payment.state, name, by=["stripe"])
        payment.save()
        if read.status == "succeeded" and payment.state != PaymentState.CAPTURED:
            capture(payment, read)
    return payment


def capture(payment: Payment, read: Read) -> None:
    """Book what was charged; what is not as agreed is booked too, and a person must look."""
    invoice = payment.invoice
    if read.amount.currency != invoice.currency:
        flag(invoice, f"{read.id} is in {read.amount.currency}, not {invoice.currency}")
        return
    if read.amount.amount != payment.amount or (
        read.received != payment.amount and not payment.hold
    ):
        flag(invoice, f"{read.id} brought {read.received} instead of {payment.amount}")
    if read.transaction is None:
        raise Later(f"{read.id} has no balance transaction yet.")
    lines = receive(payment, read.received, by="stripe")
    gross = Money(read.received, invoice.currency)
    post_transaction(f"charge:{read.charge}", read.transaction, gross, lines)


def post_transaction(
    ref: str, moved: BalanceTransaction, agreed: Money, others: list[Line]
) -> Posting:
    """Book a movement of Stripe's balance against `others`, which come to minus `agreed`."""
    settled = moved.amount
    return post(
        ref,
        [
            Line(Account.STRIPE, moved.net, settled.currency),
            Line(Account.STRIPE_FEE, moved.fee, settled.currency),
            *exchange_lines(agreed, settled, moved.created.date()),
            *others,
        ],
        on=moved.created.date(),
        balance_transaction=moved.id,
    )


def converge_refund(gateway: Gateway, gateway_id: str) -> None:
    read = gateway.refund_read(gateway_id)
    converge_payment(gateway, read.payment)
    known = Payment.objects.filter(gateway_id=read.payment).first()
    if known is None:
        return
    with transaction.atomic():
        payment = locked(known)
        refund = known_refund(payment, read.id, read.metadata.get("refund"), read.amount.amount)
        invoice = payment.invoice
        if read.transaction and refund.state == Refund.State.REQUESTED:
            agreed = Money(-refund.amount, invoice.currency)
            lines = give_back(payment, refund.amount)
            post_transaction(f"refund:{read.id}", read.transaction, agreed, lines)
            refund.state = Refund.State.PENDING
        if read.status == "succeeded" and refund.state == Refund.State.PENDING:
            refund.state = Refund.State.SUCCEEDED
        if read.status in ("failed", "canceled") and refund.state != Refund.State.FAILED:
            if refund.state != Refund.State.REQUESTED:
                if read.failure_transaction is None:
                    raise Later(f"{read.id} failed, but the money is not back yet.")
                agreed = Money(refund.amount, invoice.currency)
                lines = give_back(payment, -refund.amount)
                back = read.failure_transaction
                post_transaction(f"refund_failed:{read.id}", back, agreed, lines)
            refund.state = Refund.State.FAILED
            raise_alarm("refund_failed", read.id, f"{read.id} of {invoice} did not arrive.")
        refund.gateway_id = read.id
        refund.save()
        settle(invoice)


def known_refund(payment: Payment, gateway_id: str, ours: str | None, amount: int) -> Refund:
    """Ours, or one that somebody made in Stripe's own dashboard."""
    found = payment.refunds.filter(gateway_id=gateway_id).first()
    if found is None and ours:
        found = payment.refunds.filter(pk=ours).first()
    return found or Refund.objects.create(
        payment=payment, gateway_id=gateway_id, amount=amount, reason="made at Stripe"
    )


def converge_dispute(gateway: Gateway, gateway_id: str) -> None:
    """A dispute takes the money at once and holds the invoice; won, it comes back; lost, those
    who have it give it back."""
    read = gateway.dispute_read(gateway_id)
    converge_payment(gateway, read.payment)
    known = Payment.objects.filter(gateway_id=read.payment).first()
    if known is None:
        return
    with transaction.atomic():
        payment = locked(known)
        invoice = payment.invoice
        dispute, _ = Dispute.objects.get_or_create(
            gateway_id=read.id,
            defaults={"payment": payment, "amount": read.amount.amount, "status": ""},
        )
        if dispute.status in (*LOST, *OVER):
            return
        for moved in read.transactions:
            sign = 1 if moved.amount.amount < 0 else -1
            amount = Money(-sign * dispute.amount, invoice.currency)
            taken = Line(Account.RECEIVABLE_DISPUTE, -amount.amount, amount.currency)
            post_transaction(f"dispute:{moved.id}", moved, amount, [taken])
        if read.status in OVER:
            hold_remove(invoice, f"bank:{read.id}")
        else:
            hold_add(invoice, f"bank:{read.id}")
        if read.status in LOST:
            lose(payment, dispute)
        dispute.status = read.status
        dispute.save(update_fields=["status", "updated_at"])


def lose(payment: Payment, dispute: Dispute) -> None:
    """What was refunded already cannot be taken a second time from the parties: that is a loss."""
    invoice = payment.invoice
    theirs = min(dispute.amount, payment.received - payment.returned)
    on = payment.updated_at.date()
    lines = give_back(payment, theirs)
    lines += [
        Line(Account.LOSS, dispute.amount - theirs, invoice.currency),
        Line(Account.RECEIVABLE_DISPUTE, -dispute.amount, invoice.currency),
    ]
    post(f"dispute_lost:{dispute.gateway_id}", lines, on=on)
    hold_remove(invoice, f"bank:{dispute.gateway_id}")
    settle(invoice, charged_back=True)


def converge_payout(gateway: Gateway, gateway_id: str) -> None:
    """Our own payouts from Stripe to the bank, and those that come back."""
    for moved in gateway.balance_transactions(source=gateway_id):
        amount = moved.amount
        bank = [Line(Account.BANK, -amount.amount, amount.currency)]
        post_transaction(f"{moved.kind}:{moved.id}", moved, amount, bank)
        if moved.kind == "payout_failure":
            raise_alarm("payout_failed", gateway_id, f"{gateway_id} came back: {amount}.")


def converge_account(gateway: Gateway, gateway_id: str) -> None:
    """Whether a party can be paid there; if so, what waits for it is sent, whoever noted before
    that it can."""
    known = PayoutAccount.objects.filter(stripe_account=gateway_id)
    if not known.exists():
        return
    enabled = gateway.account_read(gateway_id).transfers_enabled
    with transaction.atomic():
        known.update(transfers_enabled=enabled)
        waiting = Allocation.objects.filter(
            share__party__payout_account__stripe_account=gateway_id,
            state=AllocationState.RELEASABLE,
        )
        for one in waiting.values_list("pk", flat=True) if enabled else ():
            publish("allocation.released", one)


def deauthorised(gateway: Gateway, gateway_id: str) -> None:
    """The party cut the connection: nothing can be read there any more."""
    PayoutAccount.objects.filter(stripe_account=gateway_id).update(transfers_enabled=False)


def by_charge(gateway: Gateway, gateway_id: str) -> None:
    """An event of a charge follows from its payment, which has an event of its own."""


Handler = Callable[[Gateway, str], object]
CONVERGE: list[tuple[str, Handler]] = [
    ("payment_intent.", converge_payment),
    ("charge.dispute.", converge_dispute),
    ("refund.", converge_refund),
    ("charge.refund.", converge_refund),
    ("charge.", by_charge),
    ("payout.", converge_payout),
    ("account.application.deauthorized", deauthorised),
    ("account.updated", converge_account),
]


def handler_of(kind: str) -> Handler | None:
    return next((handler for start, handler in CONVERGE if kind.startswith(start)), None)
