from __future__ import annotations

from uuid import UUID

import graphene
from django.utils import timezone

from api.auth import viewer
from api.connection import PAGE_ARGUMENTS, Page, connection_of, page
from api.ids import parse_id
from api.prefetch import prefetch
from marketplace.core.errors import NotFound
from marketplace.deals.selectors import deals_visible_to
from marketplace.rooms import models
from marketplace.rooms.services import file_for, files_visible_to

from .types import RoomFile

RoomFileConnection = connection_of(RoomFile)
PREFETCH = {
    "owner": "owner",
    "access": "grants__organisation",
    "openings": "openings__user",
    "openings.organisation": "openings__organisation",
}


class RoomQueries(graphene.ObjectType):
    room_files = graphene.Field(
        RoomFileConnection,
        required=True,
        deal=graphene.ID(required=True),
        **PAGE_ARGUMENTS,
        description="Those of a deal's data room that you may see, the newest first.",
    )

    @staticmethod
    def resolve_room_files(
        root: None,
        info: graphene.ResolveInfo,
        deal: str,
        first: int | None = None,
        after: str | None = None,
    ) -> Page:
        now = timezone.now()
        pk = parse_id(deal, "Deal", field=("deal",))
        found = deals_visible_to(viewer(info), now).filter(pk=pk).first()
        rows = (
            files_visible_to(viewer(info), found, now)
            if found is not None
            else models.RoomFile.objects.none()
        )
        rows = prefetch(rows.prefetch_related("chunks"), info, PREFETCH)
        return page(rows, first=first, after=after)


def file_node(info: graphene.ResolveInfo, pk: UUID) -> models.RoomFile | None:
    try:
        return file_for(viewer(info), pk, timezone.now())
    except NotFound:
        return None
