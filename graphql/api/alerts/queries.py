from __future__ import annotations

import graphene

from api.auth import viewer
from api.connection import PAGE_ARGUMENTS, Page, connection_of, page
from api.ids import parse_optional_id
from api.prefetch import prefetch
from marketplace.alerts.selectors import alerts_of, saved_searches_of

from .types import ALERT_PREFETCH, PREFETCH, Alert, SavedSearch

SavedSearchConnection = connection_of(SavedSearch)
AlertConnection = connection_of(Alert)


class AlertQueries(graphene.ObjectType):
    saved_searches = graphene.Field(
        SavedSearchConnection, required=True, **PAGE_ARGUMENTS, description="Yours, newest first."
    )
    alerts = graphene.Field(
        AlertConnection,
        required=True,
        saved_search=graphene.ID(),
        **PAGE_ARGUMENTS,
        description="What your saved searches found, newest first.",
    )

    @staticmethod
    def resolve_saved_searches(
        root: None, info: graphene.ResolveInfo, first: int | None = None, after: str | None = None
    ) -> Page:
        rows = saved_searches_of(viewer(info))
        return page(prefetch(rows, info, PREFETCH), first=first, after=after)

    @staticmethod
    def resolve_alerts(
        root: None,
        info: graphene.ResolveInfo,
        saved_search: str | None = None,
        first: int | None = None,
        after: str | None = None,
    ) -> Page:
        rows = alerts_of(viewer(info)).select_related("listing")
        of = parse_optional_id(saved_search, "SavedSearch", field=("saved_search",))
        if of:
            rows = rows.filter(saved_search=of)
        return page(prefetch(rows, info, ALERT_PREFETCH), first=first, after=after)
