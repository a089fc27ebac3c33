"""Links to a document's PDF that open for whoever was given one, for a short time."""

from __future__ import annotations

from uuid import UUID

from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from .models import Document
from .pdf import document_pdf

LIFETIME = 300  # seconds
SIGNER = signing.TimestampSigner(salt="document")


def link(document_id: UUID) -> str:
    """The path of the PDF, good for `LIFETIME`; to be given only to who may read the document."""
    return reverse("document", args=[SIGNER.sign(str(document_id))])


@require_safe
def open_document(request: HttpRequest, signed: str) -> HttpResponse:
    try:
        pk = SIGNER.unsign(signed, max_age=LIFETIME)
        document = Document.objects.get(pk=pk)
    except (signing.BadSignature, Document.DoesNotExist):
        raise Http404("The link is not good any more; ask for a new one.") from None
    return HttpResponse(
        document_pdf(document),
        content_type="application/pdf",
        headers={
            "Content-Disposition": f'inline; filename="{document.pk}.pdf"',
            "Cache-Control": "private, no-store",
            "Referrer-Policy": "no-referrer",
        },
    )
