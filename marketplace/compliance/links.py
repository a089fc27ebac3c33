"""Opening a paper by its link."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from marketplace.core.links import gone, headers, link, opened

from .models import Paper


def paper_link(paper_id: UUID) -> str:
    return link("paper", paper=str(paper_id))


@require_safe
def open_paper(request: HttpRequest, signed: str) -> HttpResponse:
    paper = Paper.objects.filter(pk=opened("paper", signed)["paper"]).first()
    if paper is None:
        raise gone()
    return HttpResponse(
        bytes(paper.content), content_type=paper.media_type, headers=headers(str(paper.pk))
    )
