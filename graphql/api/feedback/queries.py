from __future__ import annotations

import graphene

from api.auth import viewer
from api.connection import PAGE_ARGUMENTS, Page, connection_of, page
from api.ids import parse_optional_id
from api.prefetch import prefetch
from marketplace.feedback.selectors import declines_visible_to

from .types import PREFETCH, MatchDecline

MatchDeclineConnection = connection_of(MatchDecline)


class FeedbackQueries(graphene.ObjectType):
    match_declines = graphene.Field(
        MatchDeclineConnection,
        required=True,
        need=graphene.ID(),
        **PAGE_ARGUMENTS,
        description="What your organisations declined, newest first; operators see all.",
    )

    @staticmethod
    def resolve_match_declines(
        root: None,
        info: graphene.ResolveInfo,
        need: str | None = None,
        first: int | None = None,
        after: str | None = None,
    ) -> Page:
        rows = declines_visible_to(viewer(info)).select_related("listing")
        of = parse_optional_id(need, "Need", field=("need",))
        if of:
            rows = rows.filter(need=of)
        return page(prefetch(rows, info, PREFETCH), first=first, after=after)
