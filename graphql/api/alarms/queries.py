from __future__ import annotations

from uuid import UUID

import graphene

from api.auth import viewer
from api.connection import PAGE_ARGUMENTS, Page, connection_of, page
from marketplace.payments import models
from marketplace.payments.alarms import visible_alarms

from .types import Alarm

AlarmConnection = connection_of(Alarm)


class AlarmQueries(graphene.ObjectType):
    alarms = graphene.Field(
        AlarmConnection,
        required=True,
        closed=graphene.Boolean(default_value=False),
        **PAGE_ARGUMENTS,
        description="Open ones unless asked otherwise, newest first; for operators.",
    )

    @staticmethod
    def resolve_alarms(
        root: None,
        info: graphene.ResolveInfo,
        first: int | None = None,
        after: str | None = None,
        closed: bool | None = False,
    ) -> Page:
        rows = visible_alarms(viewer(info)).filter(closed_at__isnull=not closed)
        return page(rows, first=first, after=after)


def alarm_node(info: graphene.ResolveInfo, pk: UUID) -> models.Alarm | None:
    return visible_alarms(viewer(info)).filter(pk=pk).first()
