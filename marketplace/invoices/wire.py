"""Payment by bank wire, and net of tax: matched by reference and amount, booked by two persons."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from uuid import UUID

from django.db import transaction

from marketplace.accounts.viewer import Viewer
from marketplace.core.checks import checked, words
from marketplace.core.errors import Conflict, Forbidden, Invalid, NotFound
from marketplace.ledger.models import Account
from marketplace.ledger.services import Line, post

from .bank_statement import StatementLine
from .models import BankLine, Invoice, InvoicePaper, Payment, TaxCertificate
from .papers import keep
from .policies import actors, invoice_for
from .receipts import receive
from .services import ALPHABET, WIRE_LENGTH, WIRE_PREFIX, paid
from .workflow import OWING

REFERENCE = re.compile(f"(?=({WIRE_PREFIX}[{ALPHABET}]{{{WIRE_LENGTH}}}))")


@transaction.atomic
def bank_lines_import(*, viewer: Viewer, lines: Iterable[StatementLine]) -> list[BankLine]:
    """Keep the credits of a bank statement, each once however often it is imported, and propose
    the invoice whose reference the payer wrote, where the currency is right and the amount is no
    more than what is asked."""
    viewer.require_operator()
    found = []
    for line in lines:
        row, new = BankLine.objects.get_or_create(
            bank_reference=line.reference,
            defaults={
                "booked_on": line.booked_on,
                "amount": line.amount.amount,
                "currency": line.amount.currency,
                "payer": line.payer[:200],
                "text": line.text,
            },
        )
        if not new and (row.amount, row.currency) != (line.amount.amount, line.amount.currency):
            raise Conflict(f"{line.reference} is known with another amount.")
        if row.proposed_by_id is None and (invoice := invoice_named(line)):
            row.invoice, row.proposed_by = invoice, viewer.require_user()
            row.save()
        found.append(row)
    return found


def invoice_named(line: StatementLine) -> Invoice | None:
    written = REFERENCE.findall("".join(line.text.upper().split()))
    owing = Invoice.objects.filter(state__in=OWING, currency=line.amount.currency)
    named = list(owing.filter(wire_reference__in=written))
    if len(named) != 1 or line.amount.amount > named[0].total - paid(named[0]):
        return None
    return named[0]


@transaction.atomic
def bank_line_propose(*, viewer: Viewer, bank_line_id: UUID, invoice_id: UUID) -> BankLine:
    """Say by hand which invoice a line pays."""
    viewer.require_operator()
    invoice = invoice_for(viewer, invoice_id, lock=True)
    row = bank_line(bank_line_id)
    if row.currency != invoice.currency:
        raise Invalid(f"The line is in {row.currency}, the invoice in {invoice.currency}.")
    row.invoice, row.proposed_by = invoice, viewer.require_user()
    row.save()
    return row


@transaction.atomic
def bank_line_approve(*, viewer: Viewer, bank_line_id: UUID) -> BankLine:
    """Book a proposed line as a payment of its invoice. A second person does this."""
    viewer.require_operator()
    known = BankLine.objects.filter(pk=bank_line_id).first()
    if known is None or known.invoice_id is None:
        raise Conflict("Nobody has said yet which invoice this line pays.")
    invoice = invoice_for(viewer, known.invoice_id, lock=True)
    row = bank_line(bank_line_id)
    if row.invoice_id != invoice.pk:
        raise Conflict("Somebody has just said that it pays another invoice.")
    if row.proposed_by == viewer.require_user():
        raise Forbidden("A second person approves.")
    row.approved_by = viewer.require_user()
    row.payment = Payment.objects.create(invoice=invoice, method="wire", amount=row.amount)
    row.save()
    lines = receive(row.payment, row.amount, by="bank")
    bank = Line(Account.BANK, row.amount, row.currency)
    post(f"wire:{row.pk}", [bank, *lines], on=row.booked_on, memo=row.bank_reference)
    return row


def bank_line(bank_line_id: UUID) -> BankLine:
    row = BankLine.objects.select_for_update(of=["self"]).filter(pk=bank_line_id).first()
    if row is None:
        raise NotFound("No such bank line.")
    if row.payment_id is not None:
        raise Conflict("This line is booked.")
    return row


@transaction.atomic
def tax_certificate_submit(
    *,
    viewer: Viewer,
    invoice_id: UUID,
    number: str,
    amount: int,
    issued_on: date,
    name: str,
    content: bytes,
) -> TaxCertificate:
    """The payer or the issuer shows what the tax office kept, `amount` in minor units, with the
    document: PDF, PNG or JPEG of at most a megabyte."""
    invoice = invoice_for(viewer, invoice_id, lock=True)
    if not actors(viewer, invoice):
        raise Forbidden("Only the finance role of the parties may show a certificate.")
    given = checked({"number": number}, {"number": words(80)})
    if not 0 < amount < invoice.total:
        raise Invalid(f"Tax is above 0 and below {invoice.total} here.", field=("amount",))
    if TaxCertificate.objects.filter(**given, refused="").exists():
        raise Conflict("This certificate was shown already.", field=("number",))
    return TaxCertificate.objects.create(
        invoice=invoice,
        amount=amount,
        issued_on=issued_on,
        paper=keep(viewer, invoice, InvoicePaper.Kind.TAX_CERTIFICATE, name, content),
        submitted_by=viewer.require_user(),
        **given,
    )


def open_certificate(viewer: Viewer, certificate_id: UUID) -> TaxCertificate:
    """One that nobody has decided, with its invoice locked; for operators."""
    viewer.require_operator()
    known = TaxCertificate.objects.filter(pk=certificate_id).first()
    if known is None:
        raise NotFound("No such certificate.")
    invoice = invoice_for(viewer, known.invoice_id, lock=True)
    row = TaxCertificate.objects.select_for_update(of=["self"]).get(pk=certificate_id)
    if row.payment_id is not None:
        raise Conflict("This certificate is booked.")
    if row.refused:
        raise Conflict(f"This certificate was refused: {row.refused}.")
    row.invoice = invoice
    return row


@transaction.atomic
def tax_certificate_refuse(*, viewer: Viewer, certificate_id: UUID, reason: str) -> TaxCertificate:
    """Say why a certificate does not count; its number may be shown again."""
    row = open_certificate(viewer, certificate_id)
    row.refused = words(300, at_least=3)(reason, ("reason",))
    row.save(update_fields=["refused", "updated_at"])
    return row


@transaction.atomic
def tax_certificate_approve(*, viewer: Viewer, certificate_id: UUID) -> TaxCertificate:
    """Count a certificate as payment. An operator other than who showed it does this."""
    row = open_certificate(viewer, certificate_id)
    invoice = row.invoice
    if row.submitted_by == viewer.require_user():
        raise Forbidden("A second person approves.")
    if row.amount > invoice.total - paid(invoice):
        raise Conflict("The certificate is above what the invoice still asks for.")
    row.approved_by = viewer.require_user()
    row.payment = Payment.objects.create(
        invoice=invoice, method=Payment.Method.TAX_CERTIFICATE, amount=row.amount
    )
    row.save()
    lines = receive(row.payment, row.amount, by="bank")
    tax = Line(Account.WITHHOLDING_TAX, row.amount, invoice.currency)
    post(f"tax:{row.pk}", [tax, *lines], on=row.issued_on, memo=row.number)
    return row
