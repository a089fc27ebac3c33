"""Reading what belongs to invoices; who sees an invoice is decided in policies.py."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from marketplace.accounts.viewer import Role, Viewer

from .models import Allocation, BankLine, InvoicePaper, Payment, Refund, TaxCertificate
from .policies import visible_to

LINES = {
    BankLine.State.UNMATCHED: Q(invoice=None),
    BankLine.State.PROPOSED: Q(invoice__isnull=False, payment=None),
    BankLine.State.BOOKED: Q(payment__isnull=False),
}
CERTIFICATES = {
    TaxCertificate.State.OPEN: Q(payment=None, refused=""),
    TaxCertificate.State.APPROVED: Q(payment__isnull=False),
    TaxCertificate.State.REFUSED: ~Q(refused=""),
}


def bank_lines(viewer: Viewer, state: str | None = None) -> QuerySet[BankLine]:
    """Of the bank's statements; for operators, empty for all others."""
    if not viewer.is_operator:
        return BankLine.objects.none()
    rows = BankLine.objects.select_related("invoice", "proposed_by", "approved_by")
    return rows.filter(LINES[BankLine.State(state)]) if state else rows


def tax_certificates(viewer: Viewer, state: str | None = None) -> QuerySet[TaxCertificate]:
    """Those of the invoices that the viewer sees."""
    rows = TaxCertificate.objects.filter(invoice__in=visible_to(viewer))
    rows = rows.select_related("invoice", "paper", "submitted_by", "approved_by")
    rows = rows.defer("paper__content")
    return rows.filter(CERTIFICATES[TaxCertificate.State(state)]) if state else rows


def refunds(viewer: Viewer, state: str | None = None) -> QuerySet[Refund]:
    """Those of the invoices that the viewer sees."""
    rows = Refund.objects.filter(payment__invoice__in=visible_to(viewer))
    rows = rows.select_related("payment__invoice", "requested_by", "confirmed_by")
    return rows.filter(state=state) if state else rows


def payments(viewer: Viewer) -> QuerySet[Payment]:
    return Payment.objects.filter(invoice__in=visible_to(viewer)).select_related("invoice")


def allocations(viewer: Viewer, state: str | None = None) -> QuerySet[Allocation]:
    """What parties get of payments: to the finance of each party its own, to operators all."""
    rows = Allocation.objects.select_related(
        "payment__invoice", "share__party", "proposed_by", "bank_account__organisation"
    ).select_related("bank_account__entered_by", "bank_account__approved_by")
    if not viewer.is_operator:
        ours = [one for one, roles in viewer.roles.items() if Role.FINANCE in roles]
        rows = rows.filter(share__party__in=ours)
    return rows.filter(state=state) if state else rows


def papers(viewer: Viewer) -> QuerySet[InvoicePaper]:
    return InvoicePaper.objects.filter(invoice__in=visible_to(viewer)).defer("content")
