from __future__ import annotations

from uuid import UUID

import graphene

from api.auth import viewer
from api.connection import PAGE_ARGUMENTS, Page, connection_of, page
from api.scalars import ScreeningHitState
from marketplace.screening import models
from marketplace.screening.services import hits_visible_to

from .types import ScreeningHit

ScreeningHitConnection = connection_of(ScreeningHit)


class ScreeningQueries(graphene.ObjectType):
    screening_hits = graphene.Field(
        ScreeningHitConnection,
        required=True,
        state=ScreeningHitState(),
        **PAGE_ARGUMENTS,
        description="For operators; newest first.",
    )

    @staticmethod
    def resolve_screening_hits(
        root: None,
        info: graphene.ResolveInfo,
        first: int | None = None,
        after: str | None = None,
        state: str | None = None,
    ) -> Page:
        rows = hits_visible_to(viewer(info))
        return page(rows.filter(state=state) if state else rows, first=first, after=after)


def hit_node(info: graphene.ResolveInfo, pk: UUID) -> models.ScreeningHit | None:
    return hits_visible_to(viewer(info)).filter(pk=pk).first()
