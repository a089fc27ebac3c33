"""Who may see and do what with money: the finance role of the parties, and operators."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Q, QuerySet

from marketplace.accounts.viewer import Role, Viewer
from marketplace.core.errors import NotFound

from .models import Invoice


def visible_to(viewer: Viewer) -> QuerySet[Invoice]:
    """Invoices of which the viewer keeps the books on one side; drafts only the issuer's."""
    if viewer.is_operator:
        return Invoice.objects.all()
    ours = [one for one, roles in viewer.roles.items() if Role.FINANCE in roles]
    return Invoice.objects.filter(Q(issuer__in=ours) | Q(payer__in=ours) & ~Q(state="draft"))


def invoice_for(viewer: Viewer, invoice_id: UUID, *, lock: bool = False) -> Invoice:
    """The invoice, locked where asked; unknown and unseen give the same NotFound."""
    found = visible_to(viewer).filter(pk=invoice_id)
    invoice = (found.select_for_update() if lock else found).first()
    if invoice is None:
        raise NotFound("No such invoice.")
    return invoice


def actors(viewer: Viewer, invoice: Invoice) -> frozenset[str]:
    held = {
        "issuer": viewer.has_role(invoice.issuer_id, Role.FINANCE),
        "payer": viewer.has_role(invoice.payer_id, Role.FINANCE),
        "operator": viewer.is_operator,
    }
    return frozenset(name for name, is_so in held.items() if is_so)
