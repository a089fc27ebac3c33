from __future__ import annotations

from typing import Any

import graphene
from django.utils import timezone

from api.auth import viewer
from api.ids import parse_id
from api.listings.mutations import MoneyInput
from api.mutation import Mutation
from api.scalars import Criterion, Exclusivity, IprStatus, Language, ListingKind
from marketplace.needs import services

from .types import Need


class NeedFields:
    title = graphene.String()
    anonymous = graphene.Boolean(description="Others do not see whose need it is.")
    description = graphene.String()
    must_haves = graphene.List(graphene.NonNull(Criterion))
    must_words = graphene.List(graphene.NonNull(graphene.String))
    not_of_interest = graphene.List(
        graphene.NonNull(graphene.String), description="Words or IPC symbols to keep away."
    )
    kinds = graphene.List(graphene.NonNull(ListingKind))
    ipr_statuses = graphene.List(graphene.NonNull(IprStatus))
    trl_min = graphene.Int()
    trl_max = graphene.Int()
    budget = MoneyInput()
    territories = graphene.List(graphene.NonNull(graphene.String))
    exclusivity = Exclusivity()
    ipc = graphene.List(graphene.NonNull(graphene.String))
    deadline = graphene.Date()


class NeedCreateInput(NeedFields, graphene.InputObjectType):
    organisation = graphene.ID(required=True, description="An organisation of yours.")
    language = Language(required=True)
    title = graphene.String(required=True)


class NeedUpdateInput(NeedFields, graphene.InputObjectType):
    """What is not given stays. A null empties what may be empty."""


def content(input: dict[str, Any]) -> dict[str, Any]:
    """The input in the words of the service."""
    found = dict(input)
    if "budget" in found:
        budget = found.pop("budget") or {"amount": None, "currency": ""}
        found["budget_amount"], found["budget_currency"] = budget["amount"], budget["currency"]
    return found


class NeedCreate(Mutation):
    """A draft of a need, for an organisation of yours."""

    need = graphene.Field(Need)

    class Arguments:
        input = NeedCreateInput(required=True)

    @classmethod
    def perform(cls, info: graphene.ResolveInfo, input: dict[str, Any]) -> NeedCreate:
        given = content(input)
        of = parse_id(given.pop("organisation"), "Organisation", field=("organisation",))
        return cls(need=services.need_create(viewer=viewer(info), organisation_id=of, **given))


class NeedUpdate(Mutation):
    """Change a draft of a need."""

    need = graphene.Field(Need)

    class Arguments:
        id = graphene.ID(required=True)
        revision = graphene.Int(required=True, description="The revision that you read.")
        input = NeedUpdateInput(required=True)

    @classmethod
    def perform(
        cls, info: graphene.ResolveInfo, id: str, revision: int, input: dict[str, Any]
    ) -> NeedUpdate:
        return cls(
            need=services.need_update(
                viewer=viewer(info),
                need_id=parse_id(id, "Need"),
                revision=revision,
                **content(input),
            )
        )


class NeedMove(Mutation):
    """Open, close, reopen…: a move of the need's `availableActions`."""

    need = graphene.Field(Need)

    class Arguments:
        id = graphene.ID(required=True)
        move = graphene.String(required=True, description="Such as open.")

    @classmethod
    def perform(cls, info: graphene.ResolveInfo, id: str, move: str) -> NeedMove:
        return cls(
            need=services.need_move(
                viewer=viewer(info), need_id=parse_id(id, "Need"), move=move, now=timezone.now()
            )
        )


class NeedMutations(graphene.ObjectType):
    need_create = NeedCreate.Field(required=True)
    need_update = NeedUpdate.Field(required=True)
    need_move = NeedMove.Field(required=True)
