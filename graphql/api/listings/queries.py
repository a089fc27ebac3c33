from __future__ import annotations

from types import SimpleNamespace
from typing import Any
from uuid import UUID

import graphene
from django.utils import timezone

from api.auth import language_of, viewer
from api.connection import PAGE_ARGUMENTS, Page, connection_of, page
from api.ids import parse_id, parse_optional_id
from api.prefetch import prefetch
from api.scalars import Language, ListingState
from marketplace.analytics.services import count
from marketplace.listings import models
from marketplace.listings.duplicates import duplicates_of, reasons
from marketplace.listings.selectors import listings_visible_to

from .types import PREFETCH, Listing, ListingDuplicate

ListingConnection = connection_of(Listing)


class ListingQueries(graphene.ObjectType):
    listing = graphene.Field(Listing, id=graphene.ID(required=True))
    listings = graphene.Field(
        ListingConnection,
        required=True,
        owner=graphene.ID(description="An organisation."),
        state=ListingState(),
        **PAGE_ARGUMENTS,
        description="Those you may see, newest first. To search among the published, use search.",
    )

    duplicates = graphene.List(
        graphene.NonNull(ListingDuplicate),
        listing=graphene.ID(required=True),
        language=Language(description="Of the reasons; else yours."),
        description="What looks the same as a listing, the surest first, for operators who review"
        " it; at most 50. Null for all others.",
    )

    @staticmethod
    def resolve_duplicates(
        root: None, info: graphene.ResolveInfo, listing: str, language: str | None = None
    ) -> Any:
        seen_by = viewer(info)
        found = listing_node(info, parse_id(listing, "Listing", field=("listing",)))
        if found is None or not seen_by.is_operator:
            return None
        return [
            SimpleNamespace(
                listing=one.listing,
                same_owner=one.same_owner,
                numbers=one.numbers,
                family=one.family,
                likeness=one.likeness,
                reasons=reasons(one, language_of(info, language)),
            )
            for one in duplicates_of(seen_by, found)
        ]

    @staticmethod
    def resolve_listing(root: None, info: graphene.ResolveInfo, id: str) -> models.Listing | None:
        found = listing_node(info, parse_id(id, "Listing"))
        if found:
            count("opens", [found.pk], viewer=viewer(info), now=timezone.now())
        return found

    @staticmethod
    def resolve_listings(
        root: None,
        info: graphene.ResolveInfo,
        first: int | None = None,
        after: str | None = None,
        **chosen: Any,
    ) -> Page:
        seen_by = viewer(info)
        rows = listings_visible_to(seen_by)
        owner = parse_optional_id(chosen.get("owner"), "Organisation", field=("owner",))
        if owner:
            rows = rows.filter(owner=owner)
            if not (seen_by.is_operator or seen_by.has_role(owner)):
                rows = rows.filter(anonymous=False)  # else the filter would tell the owner
        if chosen.get("state"):
            rows = rows.filter(state=chosen["state"])
        return page(prefetch(rows, info, PREFETCH), first=first, after=after)


def listing_node(info: graphene.ResolveInfo, pk: UUID) -> models.Listing | None:
    return prefetch(listings_visible_to(viewer(info)), info, PREFETCH).filter(pk=pk).first()
