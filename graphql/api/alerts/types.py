from __future__ import annotations

from typing import Any

import graphene

from api.auth import viewer
from api.ids import global_id
from api.listings.types import Listing, of_listings, on_offer
from api.needs.types import Need
from api.scalars import Exclusivity, ListingKind, enum
from marketplace.alerts import models
from marketplace.core import webhooks
from marketplace.needs.policies import sees_inside

AlertFrequency = enum(
    "AlertFrequency", models.SavedSearch.Frequency, "How often what was found goes out."
)
AlertChannel = enum("AlertChannel", models.SavedSearch.Channel, "By which way it goes out.")


class SavedPrice(graphene.ObjectType):
    """Bounds in minor units of one currency."""

    currency = graphene.String(required=True, description="ISO 4217.")
    least = graphene.BigInt()
    most = graphene.BigInt()


class SavedFilters(graphene.ObjectType):
    """The filters of a saved search; each takes any of its values, and all have to hold."""

    kind = graphene.List(graphene.NonNull(ListingKind))
    ipc = graphene.List(graphene.NonNull(graphene.String))
    ipc_section = graphene.List(graphene.NonNull(graphene.String))
    ipc_subclass = graphene.List(graphene.NonNull(graphene.String))
    trl = graphene.List(graphene.NonNull(graphene.Int))
    territory = graphene.List(graphene.NonNull(graphene.String))
    exclusivity = graphene.List(graphene.NonNull(Exclusivity))
    jurisdiction = graphene.List(graphene.NonNull(graphene.String))
    industry = graphene.List(graphene.NonNull(graphene.String))
    sdg = graphene.List(graphene.NonNull(graphene.Int))
    year = graphene.List(graphene.NonNull(graphene.Int))
    price = graphene.Field(SavedPrice)


class SavedSearch(graphene.ObjectType):
    """A search, or a need, whose new results you are told of."""

    id = graphene.ID(required=True)
    name = graphene.String(required=True)
    text = graphene.String(required=True, description="Every word has to be there.")
    filters = graphene.Field(SavedFilters, required=True)
    need = graphene.Field(Need, description="In place of words and filters.")
    frequency = graphene.Field(AlertFrequency, required=True)
    channel = graphene.Field(AlertChannel, required=True)
    webhook_url = graphene.String()
    webhook_secret = graphene.String(
        description="With which to check Marketplace-Signature: t=TIME,v1=HMAC-SHA256(TIME.BODY)."
    )
    active = graphene.Boolean(required=True)
    next_at = graphene.DateTime(description="When what waits goes out; null: nothing waits.")
    created_at = graphene.DateTime(required=True)

    @staticmethod
    def resolve_id(root: models.SavedSearch, info: graphene.ResolveInfo) -> str:
        return global_id("SavedSearch", root.pk)

    @staticmethod
    def resolve_need(root: models.SavedSearch, info: graphene.ResolveInfo) -> Any:
        return root.need if root.need and sees_inside(viewer(info), root.need) else None

    @staticmethod
    def resolve_active(root: models.SavedSearch, info: graphene.ResolveInfo) -> bool:
        return root.paused_at is None

    @staticmethod
    def resolve_webhook_url(root: models.SavedSearch, info: graphene.ResolveInfo) -> str | None:
        return root.webhook_url or None

    @staticmethod
    def resolve_webhook_secret(root: models.SavedSearch, info: graphene.ResolveInfo) -> str | None:
        by_webhook = root.channel == models.SavedSearch.Channel.WEBHOOK
        return webhooks.secret_for(str(root.pk)) if by_webhook else None


class Alert(graphene.ObjectType):
    """A listing that a saved search of yours found."""

    id = graphene.ID(required=True)
    saved_search = graphene.Field(SavedSearch, required=True)
    listing = graphene.Field(Listing, description="Null where it is no longer on offer.")
    created_at = graphene.DateTime(required=True)
    sent_at = graphene.DateTime(description="Null while it waits.")

    @staticmethod
    def resolve_id(root: models.Alert, info: graphene.ResolveInfo) -> str:
        return global_id("Alert", root.pk)

    @staticmethod
    def resolve_listing(root: models.Alert, info: graphene.ResolveInfo) -> Any:
        return on_offer(root.listing)


PREFETCH = {"need": "need", "need.organisation": "need__organisation"}
ALERT_PREFETCH = {
    "savedSearch": "saved_search",
    "savedSearch.need": "saved_search__need",
    "listing": "listing",
    **of_listings("listing", "listing__"),
}
