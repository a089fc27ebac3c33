from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import graphene
from django.utils import timezone

from api.auth import viewer
from api.ids import parse_id
from api.mutation import Mutation
from api.scalars import Exclusivity, IprStatus, Language, ListingKind, PriceModel, TextStatus
from marketplace.accounts.viewer import Viewer
from marketplace.core.errors import DomainError, NotFound, refuse
from marketplace.listings import services
from marketplace.listings.selectors import patents_visible_to
from marketplace.patents.models import Patent

from .types import Listing


class MoneyInput(graphene.InputObjectType):
    """An amount in minor units: HKD 5.00 is 500, JPY 500 is 500."""

    amount = graphene.BigInt(required=True)
    currency = graphene.String(required=True, description="ISO 4217.")


class ListingTextInput(graphene.InputObjectType):
    """The words in one language."""

    language = Language(required=True)
    status = TextStatus(description="Of a translation; the original's is ORIGINAL.")
    title = graphene.String(required=True)
    summary = graphene.String(description="One line, at most 140 characters.")
    description = graphene.String()
    problem = graphene.String(description="The problem it solves.")
    confidential = graphene.String(description="For buyers with an NDA in force.")


class AdvantageInput(graphene.InputObjectType):
    """A benefit in figures: metric, value, unit, and what it is compared with."""

    metric = graphene.String(required=True)
    value = graphene.Decimal(required=True)
    unit = graphene.String(required=True)
    comparator = graphene.String(required=True)


class ListingFields:
    kind = ListingKind()
    anonymous = graphene.Boolean(description="The public sees no owner and no patent.")
    texts = graphene.List(graphene.NonNull(ListingTextInput))
    advantages = graphene.List(graphene.NonNull(AdvantageInput))
    patents = graphene.List(graphene.NonNull(graphene.ID))
    trl = graphene.Int()
    ipr_status = IprStatus()
    fields_of_use = graphene.List(graphene.NonNull(graphene.String))
    ipc = graphene.List(graphene.NonNull(graphene.String))
    sdgs = graphene.List(graphene.NonNull(graphene.Int))
    industry = graphene.String(description="GB/T 4754, such as C39.")
    exclusivity = graphene.List(graphene.NonNull(Exclusivity))
    territories = graphene.List(graphene.NonNull(graphene.String))
    period_months = graphene.Int()
    price_model = PriceModel()
    price = MoneyInput()
    contact_name = graphene.String(description="For buyers whose enquiry was accepted.")
    contact_email = graphene.String(description="For buyers whose enquiry was accepted.")


class ListingCreateInput(ListingFields, graphene.InputObjectType):
    owner = graphene.ID(required=True, description="An organisation of yours.")
    original_language = Language(required=True)
    kind = ListingKind(required=True)
    texts = graphene.List(graphene.NonNull(ListingTextInput), required=True)


class ListingUpdateInput(ListingFields, graphene.InputObjectType):
    """What is not given stays. A null empties what may be empty."""


EMPTY = dict.fromkeys(
    ("ipr_status", "price_model", "industry", "contact_name", "contact_email"), ""
)


def content(input: dict[str, Any], seen_by: Viewer) -> dict[str, Any]:
    """The input in the words of the service."""
    found = dict(input)
    if "price" in found:
        price = found.pop("price") or {"amount": None, "currency": ""}
        found["price_amount"], found["price_currency"] = price["amount"], price["currency"]
    if "patents" in found:
        found["patents"] = known_patents(found["patents"] or (), seen_by)
    for name, empty in EMPTY.items():
        if name in found and found[name] is None:
            found[name] = empty
    return found


def known_patents(ids: Sequence[str], seen_by: Viewer) -> list[Patent]:
    pks = [parse_id(one, "Patent", field=("patents", str(i))) for i, one in enumerate(ids)]
    found = patents_visible_to(seen_by).in_bulk(pks)
    unknown: list[DomainError] = [
        NotFound("No such patent.", field=("patents", str(i)))
        for i, pk in enumerate(pks)
        if pk not in found
    ]
    refuse(unknown)
    return list(found.values())


class ListingCreate(Mutation):
    """A draft of a listing, for an organisation of yours."""

    listing = graphene.Field(Listing)

    class Arguments:
        input = ListingCreateInput(required=True)

    @classmethod
    def perform(cls, info: graphene.ResolveInfo, input: dict[str, Any]) -> ListingCreate:
        seen_by = viewer(info)
        given = content(input, seen_by)
        owner = parse_id(given.pop("owner"), "Organisation", field=("owner",))
        return cls(listing=services.listing_create(viewer=seen_by, owner_id=owner, **given))


class ListingUpdate(Mutation):
    """Change a draft. Texts are replaced by language; advantages and patents as a whole."""

    listing = graphene.Field(Listing)

    class Arguments:
        id = graphene.ID(required=True)
        revision = graphene.Int(required=True, description="The revision that you read.")
        input = ListingUpdateInput(required=True)

    @classmethod
    def perform(
        cls, info: graphene.ResolveInfo, id: str, revision: int, input: dict[str, Any]
    ) -> ListingUpdate:
        return cls(
            listing=services.listing_update(
                viewer=viewer(info),
                listing_id=parse_id(id, "Listing"),
                revision=revision,
                **content(input, viewer(info)),
            )
        )


class ListingMove(Mutation):
    """Submit, review, publish, renew, withdraw…: a move of the listing's `availableActions`."""

    listing = graphene.Field(Listing)

    class Arguments:
        id = graphene.ID(required=True)
        move = graphene.String(required=True, description="Such as submit.")
        reason = graphene.String(description="For the owner to read, where something is refused.")

    @classmethod
    def perform(
        cls, info: graphene.ResolveInfo, id: str, move: str, reason: str = ""
    ) -> ListingMove:
        return cls(
            listing=services.listing_move(
                viewer=viewer(info),
                listing_id=parse_id(id, "Listing"),
                move=move,
                reason=reason or "",
                now=timezone.now(),
            )
        )


class ListingMutations(graphene.ObjectType):
    listing_create = ListingCreate.Field(required=True)
    listing_update = ListingUpdate.Field(required=True)
    listing_move = ListingMove.Field(required=True)
