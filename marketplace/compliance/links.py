"""Links to a paper that open for whoever was given one, for a short time."""

from __future__ import annotations

from uuid import UUID

from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from .models import Paper

LIFETIME = 300  # seconds
SIGNER = signing.TimestampSigner(salt="paper")


def paper_link(paper_id: UUID) -> str:
    """The path of the paper, good for `LIFETIME`; to be given only to who may read it."""
    return reverse("paper", args=[SIGNER.sign(str(paper_id))])


@require_safe
def open_paper(request: HttpRequest, signed: str) -> HttpResponse:
    try:
        paper = Paper.objects.get(pk=SIGNER.unsign(signed, max_age=LIFETIME))
    except (signing.BadSignature, Paper.DoesNotExist):
        raise Http404("The link is not good any more; ask for a new one.") from None
    return HttpResponse(
        bytes(paper.content),
        content_type=paper.media_type,
        headers={
            "Content-Disposition": f'attachment; filename="{paper.pk}"',
            "Cache-Control": "private, no-store",
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "no-referrer",
        },
    )
