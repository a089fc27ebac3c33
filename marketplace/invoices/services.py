"""Making invoices and moving them; paying, refunding and passing on have files of their own."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from marketplace.accounts.viewer import Role, Viewer
from marketplace.core.calendar import day_of
from marketplace.core.checks import words
from marketplace.core.errors import Conflict, Forbidden, Invalid
from marketplace.core.money import BASIS_POINTS, Money
from marketplace.core.outbox import publish
from marketplace.ledger.models import Account, Posting
from marketplace.ledger.services import Line, post, reverse

from .models import Allocation, Invoice, InvoiceLine, InvoiceNumber, Payment, Review, Share
from .policies import actors, invoice_for
from .workflow import INVOICE, LIVE, OWING, InvoiceState, PaymentState

ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"  # nothing that reads like something else
WIRE_PREFIX, WIRE_LENGTH = "TL", 10


@dataclass(frozen=True)
class ScheduleItem:
    """What an agreement asks for at one point of time; `amount` in minor units."""

    kind: str
    text: str
    amount: int
    text_zh: str = ""


@dataclass(frozen=True)
class ShareItem:
    """A party's share in basis points; None for the one that gets the remainder."""

    party: UUID
    role: str
    basis_points: int | None = None


@transaction.atomic
def invoice_create(
    *,
    viewer: Viewer,
    issuer: UUID,
    payer: UUID,
    currency: str,
    items: Sequence[ScheduleItem],
    shares: Iterable[ShareItem] = (),
    agreement: str = "",
) -> Invoice:
    """A draft. Without shares, everything paid goes to the issuer."""
    if not viewer.has_role(issuer, Role.FINANCE) and not viewer.is_operator:
        raise Forbidden("Only the finance role of the issuer may invoice.")
    given = list(shares) or [ShareItem(issuer, Share.Role.LICENSOR)]
    rates = [one.basis_points for one in given if one.basis_points is not None]
    whole = all(type(item.amount) is int for item in items)
    total = sum(item.amount for item in items) if whole else 0
    if issuer == payer:
        raise Invalid("Issuer and payer are the same.", field=("payer",))
    if total <= 0:
        raise Invalid("An invoice asks for at least one minor unit, such as 1.", field=("items",))
    if len(rates) != len(given) - 1 or sum(rates) > BASIS_POINTS or min(rates, default=0) < 0:
        raise Invalid(
            "Exactly one party gets the remainder, and the others at most 10000 basis points.",
            field=("shares",),
        )
    invoice = Invoice.objects.create(
        issuer_id=issuer,
        payer_id=payer,
        currency=currency,
        total=total,
        agreement=agreement,
        wire_reference=WIRE_PREFIX + "".join(secrets.choice(ALPHABET) for _ in range(WIRE_LENGTH)),
    )
    InvoiceLine.objects.bulk_create(
        InvoiceLine(
            invoice=invoice,
            position=position,
            kind=item.kind,
            text=item.text,
            text_zh=item.text_zh,
            amount=item.amount,
        )
        for position, item in enumerate(items, 1)
    )
    Share.objects.bulk_create(
        Share(invoice=invoice, party_id=one.party, role=one.role, basis_points=one.basis_points)
        for one in given
    )
    return invoice


@transaction.atomic
def invoice_issue(*, viewer: Viewer, invoice_id: UUID, today: date, days: int = 30) -> Invoice:
    """Give the invoice its number, the next of its issuer, and make it due in `days`."""
    invoice = invoice_for(viewer, invoice_id, lock=True)
    invoice.state = INVOICE.move(invoice.state, "issue", by=actors(viewer, invoice))
    InvoiceNumber.objects.get_or_create(issuer_id=invoice.issuer_id)
    number = InvoiceNumber.objects.select_for_update().get(issuer_id=invoice.issuer_id)
    number.last += 1
    number.save(update_fields=["last"])
    invoice.number = number.last
    invoice.issued_on = today
    invoice.due_on = today + timedelta(days=days)
    invoice.save()
    publish("invoice.issued", invoice.pk)
    return invoice


@transaction.atomic
def invoice_void(*, viewer: Viewer, invoice_id: UUID) -> Invoice:
    """Take an invoice back that nobody has paid or is paying."""
    invoice = invoice_for(viewer, invoice_id, lock=True)
    invoice.state = INVOICE.move(invoice.state, "void", by=actors(viewer, invoice))
    if invoice.payments.exclude(state__in=[PaymentState.CANCELED, PaymentState.EXPIRED]).exists():
        raise Conflict("A payment of this invoice is under way; cancel it first.")
    invoice.save(update_fields=["state", "updated_at"])
    return invoice


@transaction.atomic
def invoice_write_off(*, viewer: Viewer, invoice_id: UUID, reason: str, now: datetime) -> Invoice:
    """Ask no longer for what is not paid. The claim is the issuer's and was never ours, so the
    books keep it apart, against itself. Money that comes all the same takes this back."""
    invoice = invoice_for(viewer, invoice_id, lock=True)
    rest = invoice.total - paid(invoice)
    invoice.state = INVOICE.move(invoice.state, "write_off", by=actors(viewer, invoice))
    memo = words(300, at_least=3)(reason, ("reason",))
    if invoice.payments.filter(state__in=LIVE).exists():
        raise Conflict("A payment of this invoice is under way; cancel it first.")
    invoice.save(update_fields=["state", "updated_at"])
    code, issuer, subject = invoice.currency, invoice.issuer_id, str(invoice.pk)
    lines = [
        Line(Account.WRITTEN_OFF, rest, code, party=issuer, subject=subject),
        Line(Account.CLAIMS, -rest, code, party=issuer, subject=subject),
    ]
    times = Posting.objects.filter(ref__startswith=f"write_off:{invoice.pk}:").count()
    post(f"write_off:{invoice.pk}:{times + 1}", lines, on=day_of(now), memo=memo)
    return invoice


def take_write_off_back(invoice: Invoice) -> None:
    standing = Posting.objects.filter(
        ref__startswith=f"write_off:{invoice.pk}:", reversed_by=None
    ).first()
    if standing is not None:
        reverse(standing, f"taken_back:{standing.ref}", on=day_of(timezone.now()))


@transaction.atomic
def invoice_hold(*, viewer: Viewer, invoice_id: UUID, reason: str) -> Invoice:
    """Stop all passing on: either party or an operator disputes in the app."""
    invoice = invoice_for(viewer, invoice_id, lock=True)
    if not reason.strip():
        raise Invalid("Say why, such as: the prototype failed its test.", field=("reason",))
    hold_add(invoice, f"in_app:{reason.strip()}"[:100])
    return invoice


@transaction.atomic
def invoice_hold_end(*, viewer: Viewer, invoice_id: UUID) -> Invoice:
    """End the disputes in the app; those at a bank end when the bank says so."""
    viewer.require_operator()
    invoice = invoice_for(viewer, invoice_id, lock=True)
    for reason in [one for one in invoice.holds if one.startswith("in_app:")]:
        hold_remove(invoice, reason)
    return invoice


def hold_add(invoice: Invoice, reason: str) -> None:
    """`invoice` is locked by the caller."""
    if reason not in invoice.holds:
        invoice.holds = sorted([*invoice.holds, reason])
        invoice.save(update_fields=["holds", "updated_at"])


def hold_remove(invoice: Invoice, reason: str) -> None:
    """`invoice` is locked by the caller. What waited only for this is looked at again."""
    if reason in invoice.holds:
        invoice.holds = [one for one in invoice.holds if one != reason]
        invoice.save(update_fields=["holds", "updated_at"])
        send_what_waits(invoice)


def send_what_waits(invoice: Invoice) -> None:
    """Have what was released before something held the invoice looked at again."""
    waiting = Allocation.objects.filter(payment__invoice=invoice, state="releasable")
    for one in waiting.values_list("pk", flat=True):
        publish("allocation.released", one)


@transaction.atomic
def invoice_review_end(*, viewer: Viewer, invoice_id: UUID, outcome: str) -> Invoice:
    """Say what came of what a person had to look at; it holds nothing any more."""
    viewer.require_operator()
    invoice = invoice_for(viewer, invoice_id, lock=True)
    if not invoice.review:
        raise Conflict("There is nothing to look at.")
    Review.objects.create(
        invoice=invoice,
        found=invoice.review,
        outcome=words(1000, at_least=3)(outcome, ("outcome",)),
        reviewed_by=viewer.require_user(),
    )
    invoice.review = ""
    invoice.save(update_fields=["review", "updated_at"])
    send_what_waits(invoice)
    return invoice


def paid(invoice: Invoice) -> int:
    """What came in and stayed, without what was too much; minor units."""
    return stayed(Payment.objects.filter(invoice=invoice))


def stayed(payments: Iterable[Payment]) -> int:
    """Of these payments, what came in and stayed, without what was too much; minor units."""
    captured = [one for one in payments if one.state == PaymentState.CAPTURED]
    return sum(one.received - one.excess - max(one.returned - one.excess, 0) for one in captured)


def outstanding(invoice: Invoice) -> Money:
    """What is still asked for."""
    owing = invoice.state in OWING
    rest = invoice.total - stayed(invoice.payments.all()) if owing else 0
    return Money(rest, invoice.currency)


def settle(invoice: Invoice, *, charged_back: bool = False) -> None:
    """Bring the state in line with what was paid. `invoice` is locked by the caller."""
    captured = list(Payment.objects.filter(invoice=invoice, state=PaymentState.CAPTURED))
    applied = sum(one.received - one.excess for one in captured)
    back = sum(max(one.returned - one.excess, 0) for one in captured)
    was_charged_back = charged_back or invoice.state == InvoiceState.CHARGED_BACK
    if back and back == applied:
        name = "charge_back" if was_charged_back else "refund"
    elif back:
        name = "part_refund"
    elif applied >= invoice.total:
        name = "pay"
    elif applied:
        name = "part_pay"
    else:
        return
    before, invoice.state = invoice.state, INVOICE.move(invoice.state, name, by=["books"])
    invoice.save(update_fields=["state", "updated_at"])
    if name in ("pay", "part_pay"):
        take_write_off_back(invoice)
    if invoice.state == InvoiceState.PAID != before:
        publish("invoice.paid", invoice.pk)
