"""Passing on what was received: released by an operator, sent by the worker or by wire."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import transaction

from marketplace.accounts.viewer import Viewer
from marketplace.core.calendar import day_of
from marketplace.core.checks import checked, words
from marketplace.core.errors import Conflict, Forbidden, NotFound
from marketplace.core.money import Money, payable
from marketplace.core.outbox import publish
from marketplace.ledger.models import Account, Entry
from marketplace.ledger.services import Line, post
from marketplace.payments.bank_accounts import approved_accounts, bank_account_of, waiting_accounts
from marketplace.payments.gateway import KEYS_LAST, Gateway, Refused, TransferState
from marketplace.payments.inbox import raise_alarm
from marketplace.payments.models import BankAccount, PayoutAccount
from marketplace.payments.routes import payout_rail

from .models import Allocation, Invoice, Payment, Share
from .policies import invoice_for
from .receipts import owed
from .workflow import ALLOCATION, AllocationState


def locked_allocation(allocation_id: UUID) -> Allocation:
    """Read afresh, its invoice locked first."""
    pk = Allocation.objects.values_list("payment__invoice_id", flat=True).get(pk=allocation_id)
    Invoice.objects.select_for_update().get(pk=pk)
    return (
        Allocation.objects.select_for_update(of=["self"])
        .select_related("payment__invoice", "share")
        .get(pk=allocation_id)
    )


def found_allocation(allocation_id: UUID) -> Allocation:
    """The same, NotFound where there is none."""
    try:
        return locked_allocation(allocation_id)
    except Allocation.DoesNotExist:
        raise NotFound("No such payout.") from None


def require_free(invoice: Invoice) -> None:
    """Conflict as long as anything holds the invoice."""
    if invoice.holds:
        raise Conflict(f"Held: {', '.join(invoice.holds)}.")
    if invoice.review:
        raise Conflict(f"To be looked at first: {invoice.review}.")


@transaction.atomic
def invoice_release(*, viewer: Viewer, invoice_id: UUID, today: date) -> list[Allocation]:
    """Owe to each party what was received for it, and have it sent."""
    viewer.require_operator()
    invoice = invoice_for(viewer, invoice_id, lock=True)
    require_free(invoice)
    planned = Allocation.objects.select_for_update(of=["self"]).select_related(
        "payment__invoice", "share"
    )
    found = planned.filter(payment__invoice=invoice, state=AllocationState.PLANNED)
    released = list(found.order_by("pk"))
    for one in released:
        one.state = ALLOCATION.move(one.state, "release", by=["operator"])
        one.released_on = today
        amount = one.amount - one.returned
        held = Line(Account.FUNDS_HELD, amount, invoice.currency, subject=str(invoice.pk))
        if amount:
            post(f"release:{one.pk}", [held, owed(one, -amount)], on=today)
        kept = one.share.role == Share.Role.PLATFORM or not amount
        if one.payment.method == Payment.Method.TAX_CERTIFICATE:
            tax = Line(Account.WITHHOLDING_TAX, -amount, invoice.currency)
            post(f"tax_passed:{one.pk}", [owed(one, amount), tax], on=today)
            kept = True
        if kept:
            one.state = ALLOCATION.move(one.state, "settle", by=["operator"])
            one.sent_amount = amount
        one.save()
        if not kept:
            publish("allocation.released", one.pk)
    return released


def allocation_send(allocation_id: UUID, gateway: Gateway, *, now: datetime) -> None:
    """Send one allocation by transfer, once; leave it to the wire where no transfer can go.

    The amount, the attempt and so the key are fixed before the call. A call that got no answer
    is repeated with the same key for a day; after that Stripe may have forgotten the key, so it
    is looked up before anything is sent again.
    """
    prepared = prepare(allocation_id, now)
    if prepared is None:
        return
    allocation, account = prepared
    group = str(allocation.payment.invoice_id)
    name = str(allocation.pk)
    sent: TransferState | None = None
    if allocation.first_called_at and now - allocation.first_called_at > KEYS_LAST:
        there = gateway.transfers_find(group)
        sent = next((one for one in there if one.metadata == {"allocation": name}), None)
        if sent is None:
            allocation = next_attempt(allocation_id, now)
    try:
        sent = sent or gateway.transfer_create(
            Money(allocation.sent_amount, allocation.payment.invoice.currency),
            destination=account,
            group=group,
            source_charge=allocation.payment.charge,
            metadata={"allocation": name},
            key=f"allocation:{name}:{allocation.attempt}",
        )
    except Refused as error:
        refused(allocation_id, str(error))
        raise
    book_transfer(allocation_id, sent)


@transaction.atomic
def prepare(allocation_id: UUID, now: datetime) -> tuple[Allocation, str] | None:
    """The allocation with its amount fixed and the account it goes to; None where nothing is to
    be sent now."""
    allocation = locked_allocation(allocation_id)
    invoice = allocation.payment.invoice
    if allocation.state != AllocationState.RELEASABLE or invoice.holds or invoice.review:
        return None
    account = PayoutAccount.objects.filter(organisation=allocation.share.party_id).first()
    rail, _ = payout_rail(
        account.country if account else "",
        transfers_enabled=bool(account and account.transfers_enabled),
    )
    amount = allocation.amount - allocation.returned
    by_transfer = rail == "stripe_transfer" and settled_in(allocation.payment) == invoice.currency
    if not by_transfer or account is None or not payable(Money(amount, invoice.currency)):
        return None
    if allocation.first_called_at is None:
        allocation.first_called_at = now
        allocation.sent_amount = amount
        allocation.save()
        publish("allocation.released", allocation.pk, not_before=now + timedelta(hours=25))
    return allocation, account.stripe_account or ""


def settled_in(payment: Payment) -> str:
    """The currency in which its charge came to our balance, of which alone a transfer can be made;
    empty where nothing was charged. Another than the invoice's is passed on by wire."""
    entry = Entry.objects.filter(
        posting__ref=f"charge:{payment.charge}", account=Account.STRIPE
    ).first()
    return entry.currency if payment.charge and entry else ""


@transaction.atomic
def next_attempt(allocation_id: UUID, now: datetime) -> Allocation:
    allocation = locked_allocation(allocation_id)
    allocation.attempt += 1
    allocation.first_called_at = now
    allocation.save(update_fields=["attempt", "first_called_at", "updated_at"])
    return allocation


@transaction.atomic
def refused(allocation_id: UUID, why: str) -> None:
    allocation = locked_allocation(allocation_id)
    if allocation.state == AllocationState.RELEASABLE:
        allocation.state = ALLOCATION.move(allocation.state, "fail", by=["worker"])
        allocation.failure = why[:300]
        allocation.save()
        raise_alarm("payout_refused", str(allocation_id), why)


@transaction.atomic
def book_transfer(allocation_id: UUID, sent: TransferState) -> None:
    allocation = locked_allocation(allocation_id)
    if allocation.transfer:
        return
    currency = allocation.payment.invoice.currency
    allocation.state = ALLOCATION.move(allocation.state, "send", by=["worker"])
    allocation.transfer = sent.id
    allocation.save()
    moved = sent.transaction
    on = moved.created.date() if moved else date.today()  # noqa: DTZ011
    lines = [owed(allocation, sent.amount.amount), Line("stripe", -sent.amount.amount, currency)]
    post(f"transfer:{sent.id}", lines, on=on, balance_transaction=moved.id if moved else None)
    publish("allocation.returned", allocation.pk)


@transaction.atomic
def payout_wire_propose(
    *,
    viewer: Viewer,
    allocation_id: UUID,
    bank_reference: str,
    bank_account_id: UUID | None = None,
    now: datetime,
) -> Allocation:
    """Say that an allocation was sent by wire; a second person confirms it. It goes to the party's
    approved account; an older one is named where it was sent there before the details changed."""
    viewer.require_operator()
    allocation = found_allocation(allocation_id)
    require_free(allocation.payment.invoice)
    if allocation.state not in (AllocationState.RELEASABLE, AllocationState.FAILED):
        raise Conflict(f"An allocation that is {allocation.state} is not to be sent.")
    if allocation.first_called_at and allocation.state != AllocationState.FAILED:
        raise Conflict("A transfer is under way.")
    given = checked({"bank_reference": bank_reference}, {"bank_reference": words(80)})
    allocation.bank_reference = given["bank_reference"]
    allocation.bank_account = account_for_wire(allocation, bank_account_id)
    allocation.proposed_by, allocation.proposed_at = viewer.require_user(), now
    allocation.save()
    return allocation


def account_for_wire(allocation: Allocation, bank_account_id: UUID | None) -> BankAccount:
    """The account that a wire goes to. Conflict where none is approved, or a change waits."""
    party, currency = allocation.share.party_id, allocation.payment.invoice.currency
    if waiting_accounts().filter(organisation=party, currency=currency).exists():
        raise Conflict("New bank details wait for approval; decide on them first.")
    current = bank_account_of(party, currency)
    if current is None:
        raise Conflict(f"No bank details in {currency} are approved by two persons.")
    if bank_account_id is None:
        return current
    named = approved_accounts(currency).filter(organisation=party, pk=bank_account_id).first()
    if named is None:
        raise NotFound("No such approved account of the party.", field=("bankAccount",))
    return named


@transaction.atomic
def payout_wire_confirm(*, viewer: Viewer, allocation_id: UUID, now: datetime) -> Allocation:
    """A second person saw on the bank's statement that it was sent. Conflict where the details
    changed since it was proposed: then somebody finds out where it went, and proposes it anew."""
    viewer.require_operator()
    allocation = found_allocation(allocation_id)
    require_free(allocation.payment.invoice)
    if allocation.proposed_by is None or allocation.proposed_at is None:
        raise Conflict("Nobody has said yet that it was sent.")
    if allocation.proposed_by == viewer.require_user():
        raise Forbidden("A second person confirms.")
    currency = allocation.payment.invoice.currency
    current = bank_account_of(allocation.share.party_id, currency)
    if current is None or (current.approved_at or now) > allocation.proposed_at:
        raise Conflict("The bank details changed meanwhile: see where it went, and propose anew.")
    amount = allocation.amount - allocation.returned
    allocation.state = ALLOCATION.move(allocation.state, "settle", by=["operator"])
    allocation.sent_amount = amount
    allocation.save()
    lines = [owed(allocation, amount), Line(Account.BANK, -amount, currency)]
    memo = allocation.bank_reference
    post(f"payout_wire:{allocation.pk}", lines, on=day_of(now), memo=memo)
    return allocation
