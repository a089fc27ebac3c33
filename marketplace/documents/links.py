"""Opening a document's PDF by its link."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from marketplace.core.links import gone, headers, link, opened

from .models import Document
from .pdf import document_pdf


def document_link(document_id: UUID) -> str:
    return link("document", document=str(document_id))


@require_safe
def open_document(request: HttpRequest, signed: str) -> HttpResponse:
    document = Document.objects.filter(pk=opened("document", signed)["document"]).first()
    if document is None:
        raise gone()
    return HttpResponse(
        document_pdf(document),
        content_type="application/pdf",
        headers=headers(f"{document.pk}.pdf", inline=True),
    )
