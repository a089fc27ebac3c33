from __future__ import annotations

from typing import Any

import graphene

from api.ids import global_id
from api.listings.types import Listing, of_listings, on_offer
from api.needs.types import Need
from api.scalars import DeclineReason
from marketplace.feedback import models


class MatchDecline(graphene.ObjectType):
    """A listing that you do not want for a need of yours, and why."""

    id = graphene.ID(required=True)
    need = graphene.Field(Need, required=True)
    listing = graphene.Field(Listing, description="Null where it is no longer on offer.")
    reasons = graphene.List(graphene.NonNull(DeclineReason), required=True)
    declined_at = graphene.DateTime(required=True)

    @staticmethod
    def resolve_id(root: models.MatchDecline, info: graphene.ResolveInfo) -> str:
        return global_id("MatchDecline", root.pk)

    @staticmethod
    def resolve_listing(root: models.MatchDecline, info: graphene.ResolveInfo) -> Any:
        return on_offer(root.listing)


PREFETCH = {
    "need": "need",
    "need.organisation": "need__organisation",
    "listing": "listing",
    **of_listings("listing", "listing__"),
}
