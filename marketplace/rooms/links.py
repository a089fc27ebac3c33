"""Opening a file: a link good for one reader and a short time, and checked again at the door."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.utils import timezone
from django.views.decorators.http import require_GET

from marketplace.accounts.models import Organisation, User
from marketplace.accounts.viewer import Viewer, viewer_of
from marketplace.core.address import address_of
from marketplace.core.errors import DomainError, Forbidden, NotFound
from marketplace.core.links import gone, headers, link, opened
from marketplace.deals.evidence import Act, record

from .kinds import PDF
from .models import Opening, RoomFile
from .policies import reasons_to_refuse
from .services import file_for
from .watermark import watermarked


def file_link(*, viewer: Viewer, file_id: UUID, now: datetime) -> str:
    """The path under which the viewer, and nobody else, may open the file now. Forbidden with the
    reason where they may not."""
    file = file_for(viewer, file_id, now)
    reader_of(viewer, file, now)
    return link("room-file", file=str(file.pk), user=str(viewer.require_user().pk))


def reader_of(viewer: Viewer, file: RoomFile, now: datetime) -> Organisation:
    """The viewer's organisation that may open the file."""
    reasons = ["Only members of the deal's parties open files."]
    for organisation in file.deal.parties.values():
        if viewer.has_role(organisation.pk):
            reasons = reasons_to_refuse(file, organisation, file.deal, now)
            if not reasons:
                return organisation
    raise Forbidden(" ".join(reasons), field=("id",))


@require_GET
def open_file(request: HttpRequest, signed: str) -> HttpResponseBase:
    """The file, if all that made the link right still is; the opening is written down first."""
    now = timezone.now()
    ticket = opened("room-file", signed)
    try:
        user = User.objects.get(pk=ticket["user"])
        viewer = viewer_of(user)
        file = file_for(viewer, UUID(ticket["file"]), now)
        reader = reader_of(viewer, file, now)
    except (User.DoesNotExist, NotFound):
        raise gone() from None
    except DomainError as error:
        return HttpResponse(error.message, status=403, content_type="text/plain; charset=utf-8")
    with transaction.atomic():
        Opening.objects.create(
            file=file, user=user, organisation=reader, at=now, address=address_of(request.META)
        )
        record(file.deal, "room.open", by=Act(user.pk, reader.pk), now=now, file=str(file.pk))
    return answer(file, f"{user.name or user.email} · {reader.name} · {now:%Y-%m-%d %H:%M} UTC")


def answer(file: RoomFile, reader: str) -> HttpResponseBase:
    private = headers(file.name)
    if file.media_type != PDF:
        return FileResponse(file.content.open("rb"), content_type=file.media_type, headers=private)
    with file.content.open("rb") as content:
        pages = watermarked(content, reader)
    return HttpResponse(pages, content_type=PDF, headers=private)
