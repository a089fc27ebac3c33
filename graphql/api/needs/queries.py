from __future__ import annotations

from typing import Any
from uuid import UUID

import graphene

from api.auth import viewer
from api.connection import PAGE_ARGUMENTS, Page, connection_of, page
from api.ids import parse_id, parse_optional_id
from api.prefetch import prefetch
from api.scalars import NeedState
from marketplace.needs import models
from marketplace.needs.selectors import needs_visible_to

from .types import PREFETCH, Need

NeedConnection = connection_of(Need)


class NeedQueries(graphene.ObjectType):
    need = graphene.Field(Need, id=graphene.ID(required=True))
    needs = graphene.Field(
        NeedConnection,
        required=True,
        organisation=graphene.ID(),
        state=NeedState(),
        **PAGE_ARGUMENTS,
        description="Those you may see, newest first.",
    )

    @staticmethod
    def resolve_need(root: None, info: graphene.ResolveInfo, id: str) -> models.Need | None:
        return need_node(info, parse_id(id, "Need"))

    @staticmethod
    def resolve_needs(
        root: None,
        info: graphene.ResolveInfo,
        first: int | None = None,
        after: str | None = None,
        **chosen: Any,
    ) -> Page:
        seen_by = viewer(info)
        rows = needs_visible_to(seen_by)
        of = parse_optional_id(chosen.get("organisation"), "Organisation", field=("organisation",))
        if of:
            rows = rows.filter(organisation=of)
            if not (seen_by.is_operator or seen_by.has_role(of)):
                rows = rows.filter(anonymous=False)  # else the filter would tell whose it is
        if chosen.get("state"):
            rows = rows.filter(state=chosen["state"])
        return page(prefetch(rows, info, PREFETCH), first=first, after=after)


def need_node(info: graphene.ResolveInfo, pk: UUID) -> models.Need | None:
    return prefetch(needs_visible_to(viewer(info)), info, PREFETCH).filter(pk=pk).first()
