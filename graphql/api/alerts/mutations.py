from __future__ import annotations

from dataclasses import replace
from typing import Any

import graphene
from django.utils import timezone

from api.auth import viewer
from api.ids import global_id, parse_id, parse_optional_id
from api.mutation import Mutation
from api.search.inputs import SearchFilters, request_of
from marketplace.alerts import services
from search import percolation
from search.request import SearchRequest

from .types import AlertChannel, AlertFrequency, SavedSearch


class SavedSearchFields:
    text = graphene.String(description='Words that all have to be there, "a phrase", -without.')
    filters = SearchFilters()
    frequency = AlertFrequency()
    channel = AlertChannel()
    webhook_url = graphene.String(description="Such as https://example.com/alerts.")


class SavedSearchCreateInput(SavedSearchFields, graphene.InputObjectType):
    name = graphene.String(required=True)
    need = graphene.ID(description="A need of yours, in place of words and filters.")


class SavedSearchUpdateInput(SavedSearchFields, graphene.InputObjectType):
    """What is not given stays."""

    name = graphene.String()
    active = graphene.Boolean(description="False silences it, as the link in a mail does.")


def content(input: dict[str, Any], kept: SearchRequest) -> dict[str, Any]:
    """The input in the words of the service. Text and filters are checked as they will be: of
    `kept`, what is not given stays."""
    found = {name: value for name, value in input.items() if value is not None or name == "filters"}
    if "text" in found or "filters" in found:
        request = request_of(found)
        if "text" not in found:
            request = replace(request, text=kept.text)
        if "filters" not in found:
            request = replace(request, filters=kept.filters, price=kept.price)
        filters = percolation.checked_filters(request.text, request.filters, request.price)
        found |= {"filters": filters} if "filters" in found else {}
    return found


class SavedSearchCreate(Mutation):
    """Be told of new and changed listings that a search finds, or that answer a need of yours."""

    saved_search = graphene.Field(SavedSearch)

    class Arguments:
        input = SavedSearchCreateInput(required=True)

    @classmethod
    def perform(cls, info: graphene.ResolveInfo, input: dict[str, Any]) -> SavedSearchCreate:
        given = content(input, SearchRequest())
        need = parse_optional_id(given.pop("need", None), "Need", field=("need",))
        defaults = {"text": "", "filters": {}, "webhook_url": ""}
        return cls(
            saved_search=services.saved_search_create(
                viewer=viewer(info), need_id=need, **{**defaults, **given}
            )
        )


class SavedSearchUpdate(Mutation):
    """Change, silence or wake a saved search of yours."""

    saved_search = graphene.Field(SavedSearch)

    class Arguments:
        id = graphene.ID(required=True)
        input = SavedSearchUpdateInput(required=True)

    @classmethod
    def perform(
        cls, info: graphene.ResolveInfo, id: str, input: dict[str, Any]
    ) -> SavedSearchUpdate:
        pk = parse_id(id, "SavedSearch")
        # Locked, so that of two at once the second is checked with what the first left.
        saved = services.saved_search_for(viewer(info), pk)
        return cls(
            saved_search=services.saved_search_update(
                viewer=viewer(info),
                saved_search_id=pk,
                now=timezone.now(),
                **content(input, percolation.request_of(saved)),
            )
        )


class SavedSearchDelete(Mutation):
    """Delete a saved search of yours, and what it found."""

    id = graphene.ID()

    class Arguments:
        id = graphene.ID(required=True)

    @classmethod
    def perform(cls, info: graphene.ResolveInfo, id: str) -> SavedSearchDelete:
        gone = services.saved_search_delete(
            viewer=viewer(info), saved_search_id=parse_id(id, "SavedSearch")
        )
        return cls(id=global_id("SavedSearch", gone))


class AlertMutations(graphene.ObjectType):
    saved_search_create = SavedSearchCreate.Field(required=True)
    saved_search_update = SavedSearchUpdate.Field(required=True)
    saved_search_delete = SavedSearchDelete.Field(required=True)
