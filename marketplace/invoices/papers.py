"""Papers that parties show for an invoice."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from marketplace.accounts.viewer import Viewer
from marketplace.core.errors import Conflict, Forbidden
from marketplace.core.links import gone, headers, link, opened
from marketplace.core.papers import paper

from .models import Invoice, InvoicePaper
from .policies import actors, invoice_for

MOST_PAPERS = 50


@transaction.atomic
def remittance_advice_add(
    *, viewer: Viewer, invoice_id: UUID, name: str, content: bytes
) -> InvoicePaper:
    """The payer shows that it has sent a wire: PDF, PNG or JPEG of at most a megabyte."""
    invoice = invoice_for(viewer, invoice_id, lock=True)
    if "payer" not in actors(viewer, invoice):
        raise Forbidden("Only the finance role of the payer may show that it has paid.")
    return keep(viewer, invoice, InvoicePaper.Kind.REMITTANCE_ADVICE, name, content)


def keep(viewer: Viewer, invoice: Invoice, kind: str, name: str, content: bytes) -> InvoicePaper:
    """`invoice` is locked by the caller. The same bytes are kept once."""
    given = paper(name, content)
    if invoice.papers.filter(sha256=given["sha256"]).exists():
        raise Conflict("This paper was shown already.", field=("content",))
    if invoice.papers.count() >= MOST_PAPERS:
        raise Conflict(f"An invoice has at most {MOST_PAPERS} papers.")
    return InvoicePaper.objects.create(
        invoice=invoice, kind=kind, uploaded_by=viewer.require_user(), **given
    )


def paper_link(paper_id: UUID) -> str:
    return link("invoice-paper", paper=str(paper_id))


@require_safe
def open_paper(request: HttpRequest, signed: str) -> HttpResponse:
    found = InvoicePaper.objects.filter(pk=opened("invoice-paper", signed)["paper"]).first()
    if found is None:
        raise gone()
    return HttpResponse(
        bytes(found.content), content_type=found.media_type, headers=headers(found.name)
    )
