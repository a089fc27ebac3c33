from __future__ import annotations

from typing import Any

import graphene
from django.utils import timezone

from api.auth import viewer
from api.ids import parse_id
from api.mutation import Mutation
from api.scalars import Exclusivity, RightAct
from marketplace.rights import reservations
from marketplace.rights.fields_of_use import field_join
from marketplace.rights.models import Act

from .types import FieldName, Occupation


class ReservationInput(graphene.InputObjectType):
    """EXCLUSIVE keeps all others out. NON_EXCLUSIVE says that the owner uses it: an exclusive
    licence is then refused, a sole one is not."""

    listing = graphene.ID(required=True)
    territories = graphene.List(
        graphene.NonNull(graphene.String),
        required=True,
        description="WIPO ST.3, or WORLD, or EP for the states of the European Patent Convention.",
    )
    fields_of_use = graphene.List(
        graphene.NonNull(graphene.String),
        default_value=(),
        description="Paths such as medical/imaging; none: every field.",
    )
    acts = graphene.List(
        graphene.NonNull(RightAct), default_value=tuple(Act.values), description="None said: all."
    )
    exclusivity = Exclusivity(required=True)
    start = graphene.Date(description="Null: today, in Hong Kong.")
    until = graphene.Date(description="The day after the last; null: for good.")


class ReservationCreate(Mutation):
    """Keep rights of a published listing of yours to yourself."""

    occupations = graphene.List(graphene.NonNull(Occupation), description="One an asset.")

    class Arguments:
        input = ReservationInput(required=True)

    @classmethod
    def perform(cls, info: graphene.ResolveInfo, input: dict[str, Any]) -> ReservationCreate:
        return cls(
            occupations=reservations.reservation_create(
                viewer=viewer(info),
                listing_id=parse_id(input["listing"], "Listing", field=("listing",)),
                territories=input["territories"],
                fields=input.get("fields_of_use") or (),
                acts=input.get("acts") or Act.values,
                exclusivity=input["exclusivity"],
                start=input.get("start") or timezone.localdate(),
                end=input.get("until"),
                now=timezone.now(),
            )
        )


class ReservationRelease(Mutation):
    """Give back a reservation, with all the assets that were reserved together."""

    occupations = graphene.List(graphene.NonNull(Occupation))

    class Arguments:
        id = graphene.ID(required=True, description="Of one of its occupations.")

    @classmethod
    def perform(cls, info: graphene.ResolveInfo, id: str) -> ReservationRelease:
        return cls(
            occupations=reservations.reservation_release(
                viewer=viewer(info), occupation_id=parse_id(id, "Occupation"), now=timezone.now()
            )
        )


class FieldJoin(Mutation):
    """Operators: have one field of use mean another, in the ledger and in what is offered."""

    field_name = graphene.Field(FieldName)

    class Arguments:
        path = graphene.String(required=True, description="Such as battery.")
        to = graphene.String(required=True, description="Such as batteries.")

    @classmethod
    def perform(cls, info: graphene.ResolveInfo, path: str, to: str) -> FieldJoin:
        made = field_join(viewer=viewer(info), path=path, to=to, now=timezone.now())
        return cls(field_name=made)


class RightsMutations(graphene.ObjectType):
    reservation_create = ReservationCreate.Field(required=True)
    field_join = FieldJoin.Field(required=True)
    reservation_release = ReservationRelease.Field(required=True)
