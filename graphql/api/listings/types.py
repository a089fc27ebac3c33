from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import graphene
from django.utils import timezone
from graphene.relay import Node

from api.accounts.types import Organisation
from api.auth import viewer
from api.patents.types import Patent
from api.rights.types import Availability, names, shown
from api.scalars import (
    Exclusivity,
    IprStatus,
    Language,
    ListingKind,
    ListingState,
    Money,
    PriceModel,
    TextStatus,
    money,
)
from marketplace.listings import models
from marketplace.listings.policies import (
    actors,
    sees_confidential,
    sees_contact,
    sees_inside,
    sees_owner,
)
from marketplace.listings.selectors import Wording, confidential, wording
from marketplace.listings.workflow import WORKFLOW
from marketplace.programmes.selectors import priority_owners
from marketplace.rights.selectors import RELATIONS, availability


class ListingText(graphene.ObjectType):
    """The words of a listing in one language, and where they come from."""

    language = graphene.Field(Language, required=True)
    status = graphene.Field(TextStatus, required=True)
    title = graphene.String(required=True)
    summary = graphene.String(required=True, description="One line, at most 140 characters.")
    description = graphene.String(required=True)
    problem = graphene.String(required=True, description="The problem it solves.")


class Advantage(graphene.ObjectType):
    """A benefit in figures, against what there is."""

    metric = graphene.String(required=True)
    value = graphene.Decimal(required=True)
    unit = graphene.String(required=True)
    comparator = graphene.String(required=True)


class ListingEvent(graphene.ObjectType):
    """A move that a listing made."""

    move = graphene.String(required=True)
    source = graphene.Field(ListingState, required=True)
    target = graphene.Field(ListingState, required=True)
    reason = graphene.String(required=True)
    created_at = graphene.DateTime(required=True)


class Listing(graphene.ObjectType):
    """A technology on offer, and the terms it is offered on."""

    class Meta:
        interfaces = (Node,)

    state = graphene.Field(ListingState, required=True)
    kind = graphene.Field(ListingKind, required=True)
    anonymous = graphene.Boolean(required=True)
    owner = graphene.Field(Organisation, description="Null where the owner stays anonymous.")
    original_language = graphene.Field(Language, required=True)
    text = graphene.Field(
        ListingText,
        required=True,
        language=Language(description="Without it, the language of the original."),
        description="In the language asked for, or the nearest there is, marked as such.",
    )
    texts = graphene.List(graphene.NonNull(ListingText), required=True)
    advantages = graphene.List(graphene.NonNull(Advantage), required=True)
    trl = graphene.Int(description="Technology readiness level, 1 to 9.")
    ipr_status = graphene.Field(IprStatus)
    fields_of_use = graphene.List(graphene.NonNull(graphene.String), required=True)
    ipc = graphene.List(
        graphene.NonNull(graphene.String),
        required=True,
        description="Of the listing itself; its patents have theirs.",
    )
    sdgs = graphene.List(graphene.NonNull(graphene.Int), required=True)
    industry = graphene.String(required=True, description="GB/T 4754.")
    exclusivity = graphene.List(graphene.NonNull(Exclusivity), required=True)
    territories = graphene.List(graphene.NonNull(graphene.String), required=True)
    period_months = graphene.Int()
    price_model = graphene.Field(PriceModel)
    price = graphene.Field(Money, description="Indicative.")
    patents = graphene.List(
        graphene.NonNull(Patent), description="Null where the owner stays anonymous."
    )
    confidential = graphene.String(
        language=Language(description="Without it, the language of the original."),
        description="For buyers with an NDA in force, the owner's people and the operators.",
    )
    contact_name = graphene.String(description="For buyers whose enquiry was accepted.")
    contact_email = graphene.String(description="For buyers whose enquiry was accepted.")
    availability = graphene.List(
        graphene.NonNull(Availability),
        required=True,
        description="What is still free to license of what it offers: where, in which field, for "
        "what, from when until when; and what covers it there.",
    )
    is_sample = graphene.Boolean(required=True)
    published_at = graphene.DateTime()
    expires_at = graphene.DateTime()
    created_at = graphene.DateTime(required=True)
    priority_review = graphene.Boolean(
        description="By a programme of its owner; for the owner's people and the operators."
    )
    revision = graphene.Int(description="For the owner's people and the operators.")
    history = graphene.List(
        graphene.NonNull(ListingEvent), description="For the owner's people and the operators."
    )
    available_actions = graphene.List(
        graphene.NonNull(graphene.String),
        required=True,
        description="The moves that you may make now, for listingMove.",
    )

    @staticmethod
    def resolve_owner(root: models.Listing, info: graphene.ResolveInfo) -> Any:
        return root.owner if sees_owner(viewer(info), root) else None

    @staticmethod
    def resolve_text(
        root: models.Listing, info: graphene.ResolveInfo, language: str | None = None
    ) -> Wording:
        return wording(root.texts.all(), language or root.original_language)

    @staticmethod
    def resolve_texts(root: models.Listing, info: graphene.ResolveInfo) -> Any:
        return root.texts.all()

    @staticmethod
    def resolve_advantages(root: models.Listing, info: graphene.ResolveInfo) -> Any:
        return root.advantages.all()

    @staticmethod
    def resolve_confidential(
        root: models.Listing, info: graphene.ResolveInfo, language: str | None = None
    ) -> str | None:
        if not sees_confidential(viewer(info), root):
            return None
        return confidential(root.texts.all(), language or root.original_language)

    @staticmethod
    def resolve_contact_name(root: models.Listing, info: graphene.ResolveInfo) -> str | None:
        return root.contact_name if sees_contact(viewer(info), root) else None

    @staticmethod
    def resolve_contact_email(root: models.Listing, info: graphene.ResolveInfo) -> str | None:
        return root.contact_email if sees_contact(viewer(info), root) else None

    @staticmethod
    def resolve_ipr_status(root: models.Listing, info: graphene.ResolveInfo) -> str | None:
        return root.ipr_status or None

    @staticmethod
    def resolve_price_model(root: models.Listing, info: graphene.ResolveInfo) -> str | None:
        return root.price_model or None

    @staticmethod
    def resolve_price(root: models.Listing, info: graphene.ResolveInfo) -> Money | None:
        return money(root.price_amount, root.price_currency)

    @staticmethod
    def resolve_patents(root: models.Listing, info: graphene.ResolveInfo) -> Any:
        return root.patents.all() if sees_owner(viewer(info), root) else None

    @staticmethod
    def resolve_availability(root: models.Listing, info: graphene.ResolveInfo) -> Any:
        sees = sees_owner(viewer(info), root)
        parts = availability(root, timezone.now(), names(info))
        return [shown(part, sees_owner=sees) for part in parts]

    @staticmethod
    def resolve_priority_review(root: models.Listing, info: graphene.ResolveInfo) -> bool | None:
        seen_by = viewer(info)
        if not sees_inside(seen_by, root):
            return None
        if "priority" not in seen_by.memo:
            seen_by.memo["priority"] = priority_owners(on=timezone.localdate())
        return root.owner_id in seen_by.memo["priority"]

    @staticmethod
    def resolve_revision(root: models.Listing, info: graphene.ResolveInfo) -> int | None:
        return root.revision if sees_inside(viewer(info), root) else None

    @staticmethod
    def resolve_history(root: models.Listing, info: graphene.ResolveInfo) -> Any:
        return root.events.all() if sees_inside(viewer(info), root) else None

    @staticmethod
    def resolve_available_actions(root: models.Listing, info: graphene.ResolveInfo) -> list[str]:
        return WORKFLOW.available(root.state, by=actors(viewer(info), root))


class ListingDuplicate(graphene.ObjectType):
    """Another listing that looks the same."""

    listing = graphene.Field(Listing, required=True)
    same_owner = graphene.Boolean(required=True)
    numbers = graphene.List(
        graphene.NonNull(graphene.String), required=True, description="Patents in common, DOCDB."
    )
    family = graphene.List(
        graphene.NonNull(graphene.String),
        required=True,
        description="Its patents that are of the same families, DOCDB.",
    )
    likeness = graphene.Float(
        required=True, description="Of the texts, to 1; 0 where they are not alike."
    )
    reasons = graphene.List(
        graphene.NonNull(graphene.String), required=True, description="All this in words."
    )


def on_offer(listing: models.Listing) -> models.Listing | None:
    """The listing for those who were told of it while it was public, as long as it is."""
    return listing if listing.state == models.Listing.State.PUBLISHED else None


PREFETCH: Mapping[str, str | Sequence[str]] = {
    "owner": "owner",
    "text": "texts",
    "texts": "texts",
    "advantages": "advantages",
    "patents": "patents",
    "patents.events": "patents__events",
    "patents.status": "patents__events",
    "availability": RELATIONS,
    "history": "events",
}


def of_listings(path: str, lookup: str) -> dict[str, tuple[str, ...]]:
    """What to prefetch for listings that are reached by a path and a lookup."""
    return {
        f"{path}.{below}": tuple(
            lookup + one for one in ([found] if isinstance(found, str) else found)
        )
        for below, found in PREFETCH.items()
    }
