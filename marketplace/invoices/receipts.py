"""Money in and money back: what it does to a payment, its allocations and the books.

Everything here runs in the caller's transaction, with the invoice locked by the caller.
"""

from __future__ import annotations

from collections.abc import Iterable

from marketplace.core.money import split
from marketplace.core.outbox import publish
from marketplace.ledger.models import Account
from marketplace.ledger.services import Line

from .models import Allocation, Invoice, Payment, Share
from .services import paid, settle
from .workflow import PAYMENT, AllocationState

UNRELEASED = (AllocationState.PLANNED,)


def receive(payment: Payment, amount: int, *, by: str) -> list[Line]:
    """`amount` has come in for `payment`: the credit side of its posting.

    What is more than the invoice still asks for belongs to nobody yet and a person is told.
    """
    invoice = payment.invoice
    outstanding = max(invoice.total - paid(invoice), 0)
    applied = min(amount, outstanding)
    payment.state = PAYMENT.move(payment.state, "capture", by=[by])
    payment.received = amount
    payment.excess = amount - applied
    payment.save()
    allocate(payment, applied)
    if payment.excess:
        flag(invoice, f"overpaid by {payment.excess}")
    settle(invoice)
    return [
        Line(Account.FUNDS_HELD, -applied, invoice.currency, subject=str(invoice.pk)),
        Line(Account.UNMATCHED, -payment.excess, invoice.currency, subject=str(invoice.pk)),
    ]


def flag(invoice: Invoice, reason: str) -> None:
    """Have a person look at it; until then nothing is passed on."""
    if reason not in invoice.review:
        invoice.review = "; ".join(filter(None, [invoice.review, reason]))[:300]
        invoice.save(update_fields=["review", "updated_at"])


def shares_of(payment: Payment) -> list[Share]:
    """Of a tax certificate only the party of the remainder has a share: the tax was its own."""
    shares = payment.invoice.shares.order_by("pk")
    if payment.method == Payment.Method.TAX_CERTIFICATE:
        shares = shares.filter(basis_points=None)
    return list(shares)


def parts(amount: int, shares: Iterable[Share]) -> dict[int, int]:
    """The split of `amount` by share id."""
    rates = {str(one.pk): one.basis_points for one in shares}
    rest = next(name for name, rate in rates.items() if rate is None)
    known = {name: rate for name, rate in rates.items() if rate is not None}
    return {int(name): part for name, part in split(amount, known, remainder_to=rest).items()}


def allocate(payment: Payment, applied: int) -> None:
    shares = shares_of(payment)
    by_share = parts(applied, shares)
    Allocation.objects.bulk_create(
        Allocation(payment=payment, share=one, amount=by_share[one.pk]) for one in shares
    )


def give_back(payment: Payment, amount: int) -> list[Line]:
    """Take `amount` back from those who have it; the debit side of the posting.

    A negative amount undoes an earlier one. Each party bears its share of all that was given
    back so far, so that the order of several refunds leaves no trace in the sums. What was too
    much from the start goes back first.
    """
    currency, invoice = payment.invoice.currency, payment.invoice
    excess_before = min(payment.returned, payment.excess)
    payment.returned += amount
    payment.save(update_fields=["returned", "updated_at"])
    excess_now = min(payment.returned, payment.excess)
    lines = [Line(Account.UNMATCHED, excess_now - excess_before, currency, subject=str(invoice.pk))]
    shares = shares_of(payment)
    targets = parts(payment.returned - excess_now, shares)
    for allocation in payment.allocations.select_for_update().select_related("share"):
        change = targets[allocation.share_id] - allocation.returned
        if not change:
            continue
        allocation.returned += change
        allocation.save(update_fields=["returned", "updated_at"])
        lines.append(place(allocation, change))
        publish("allocation.returned", allocation.pk)
    return lines


def place(allocation: Allocation, amount: int) -> Line:
    """`amount` debited to where the allocation's money is now."""
    invoice = allocation.payment.invoice
    if allocation.state in UNRELEASED:
        return Line(Account.FUNDS_HELD, amount, invoice.currency, subject=str(invoice.pk))
    return owed(allocation, amount)


def owed(allocation: Allocation, amount: int) -> Line:
    """`amount` debited to the party's own account; the platform's is its revenue."""
    currency = allocation.payment.invoice.currency
    if allocation.share.role == Share.Role.PLATFORM:
        return Line(Account.REVENUE_FEE, amount, currency)
    return Line(Account.PAYABLE, amount, currency, party=allocation.share.party_id)
