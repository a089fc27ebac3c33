"""After a payment was given back, or came back: what a party got is fetched, or sent again.

`Allocation.reversed` and `resent` only ever grow, so that each step has a key of its own.
"""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.db import transaction

from marketplace.core.money import Money
from marketplace.ledger.models import Account
from marketplace.ledger.services import Line, post
from marketplace.payments.gateway import Gateway, Refused, TransferState
from marketplace.payments.inbox import raise_alarm
from marketplace.payments.models import PayoutAccount

from .models import Allocation, Share
from .payouts import locked_allocation
from .receipts import owed
from .workflow import AllocationState


def due_back(allocation: Allocation) -> int:
    """What the party has beyond its share of what stayed; below nought, what it lacks."""
    has = allocation.sent_amount - allocation.reversed + allocation.resent
    return has - (allocation.amount - allocation.returned)


def allocation_level(allocation_id: UUID, gateway: Gateway, *, today: date) -> None:
    """Bring what a party has in line with its share. Nothing is to be done for what was not sent:
    the sending itself looks at what is left."""
    with transaction.atomic():
        allocation = locked_allocation(allocation_id)
    sent = allocation.state in (AllocationState.SENT, AllocationState.SETTLED)
    amount = due_back(allocation)
    if not sent or not amount or allocation.share.role == Share.Role.PLATFORM:
        return
    if not allocation.transfer:
        money = Money(abs(amount), allocation.payment.invoice.currency)
        word = "Recover" if amount > 0 else "Send again"
        raise_alarm("recover", f"{allocation_id}:{amount}", f"{word} {money}: it went by wire.")
    elif amount > 0:
        fetch_back(allocation, amount, gateway, today=today)
    else:
        send_again(allocation, -amount, gateway, today=today)


def group_of(allocation: Allocation) -> str:
    return str(allocation.payment.invoice_id)


def fetch_back(allocation: Allocation, amount: int, gateway: Gateway, *, today: date) -> None:
    """Reverse so much of what was transferred, the oldest first: which part of which transfer
    comes next depends on what we booked alone, so that a call repeated is the same call."""
    ends = 0
    for transfer, size in transfers_of(allocation, gateway):
        ends += size
        part = min(amount, ends - allocation.reversed)
        if part > 0:
            allocation = reverse(allocation, transfer, part, gateway, today=today)
            amount -= part


def transfers_of(allocation: Allocation, gateway: Gateway) -> list[tuple[str, int]]:
    """Ids and amounts, the oldest first."""
    found = [(allocation.transfer or "", allocation.sent_amount)]
    if allocation.resent:
        there = gateway.transfers_find(str(allocation.payment.invoice_id))
        again = [
            (int(one.metadata["again_after"]), one.id, one.amount.amount)
            for one in there
            if one.metadata.get("allocation") == str(allocation.pk)
            and "again_after" in one.metadata
        ]
        found += [(name, size) for _, name, size in sorted(again)]
    return found


def reverse(
    allocation: Allocation, transfer: str, amount: int, gateway: Gateway, *, today: date
) -> Allocation:
    """The allocation with the part fetched back. What cannot be fetched is a loss."""
    done, currency = allocation.reversed, allocation.payment.invoice.currency
    try:
        made = gateway.transfer_reverse(
            transfer, amount=amount, key=f"reverse:{allocation.pk}:{done}:{amount}"
        )
    except Refused as error:
        ref, account, txn, memo = f"loss:{allocation.pk}:{done}", Account.LOSS, None, str(error)
        raise_alarm("loss", f"{allocation.pk}:{done}", memo)
    else:
        ref, account, memo = f"reversal:{made.id}", Account.STRIPE, ""
        txn = made.transaction.id if made.transaction else None
    with transaction.atomic():
        allocation = locked_allocation(allocation.pk)
        if allocation.reversed == done:
            allocation.reversed += amount
            allocation.save(update_fields=["reversed", "updated_at"])
        lines = [Line(account, amount, currency), owed(allocation, -amount)]
        post(ref, lines, on=today, memo=memo[:300], balance_transaction=txn)
    return allocation


def send_again(allocation: Allocation, amount: int, gateway: Gateway, *, today: date) -> None:
    """A refund failed after its part had been fetched back: the party gets it by a transfer of its
    own, which is looked up first however long ago it was asked for."""
    done, invoice = allocation.resent, allocation.payment.invoice
    group, label = (
        group_of(allocation),
        {"allocation": str(allocation.pk), "again_after": str(done)},
    )
    there = [one for one in gateway.transfers_find(group) if one.metadata == label]
    account = PayoutAccount.objects.get(organisation=allocation.share.party_id)
    try:
        sent: TransferState = (
            there[0]
            if there
            else gateway.transfer_create(
                Money(amount, invoice.currency),
                destination=account.stripe_account or "",
                group=group,
                source_charge="",  # all of that was passed on once; this came back since
                metadata=label,
                key=f"again:{allocation.pk}:{done}",
            )
        )
    except Refused as error:
        raise_alarm("payout_refused", f"{allocation.pk}:{done}", str(error))
        raise
    with transaction.atomic():
        allocation = locked_allocation(allocation.pk)
        if allocation.resent == done:
            allocation.resent += sent.amount.amount
            allocation.save(update_fields=["resent", "updated_at"])
        paid = Line(Account.STRIPE, -sent.amount.amount, invoice.currency)
        lines = [owed(allocation, sent.amount.amount), paid]
        txn = sent.transaction.id if sent.transaction else None
        post(f"transfer:{sent.id}", lines, on=today, balance_transaction=txn)
