from __future__ import annotations

from typing import Any

import graphene
from graphene.relay import Node

from api.accounts.types import Organisation
from api.auth import viewer
from api.scalars import (
    Criterion,
    Exclusivity,
    IprStatus,
    Language,
    ListingKind,
    Money,
    NeedState,
    money,
)
from marketplace.needs import models
from marketplace.needs.policies import actors, sees_inside, sees_organisation
from marketplace.needs.workflow import WORKFLOW


class NeedEvent(graphene.ObjectType):
    """A move that a need made."""

    move = graphene.String(required=True)
    source = graphene.Field(NeedState, required=True)
    target = graphene.Field(NeedState, required=True)
    created_at = graphene.DateTime(required=True)


class Need(graphene.ObjectType):
    """What a buyer looks for."""

    class Meta:
        interfaces = (Node,)

    state = graphene.Field(NeedState, required=True)
    anonymous = graphene.Boolean(required=True)
    organisation = graphene.Field(Organisation, description="Null where it stays anonymous.")
    language = graphene.Field(Language, required=True)
    title = graphene.String(required=True)
    description = graphene.String(required=True)
    must_haves = graphene.List(graphene.NonNull(Criterion), required=True)
    must_words = graphene.List(graphene.NonNull(graphene.String), required=True)
    not_of_interest = graphene.List(graphene.NonNull(graphene.String), required=True)
    kinds = graphene.List(graphene.NonNull(ListingKind), required=True)
    ipr_statuses = graphene.List(graphene.NonNull(IprStatus), required=True)
    trl_min = graphene.Int()
    trl_max = graphene.Int()
    budget = graphene.Field(Money, description="For the buyer's people and the operators.")
    territories = graphene.List(graphene.NonNull(graphene.String), required=True)
    exclusivity = graphene.Field(Exclusivity)
    ipc = graphene.List(graphene.NonNull(graphene.String), required=True)
    deadline = graphene.Date()
    is_sample = graphene.Boolean(required=True)
    created_at = graphene.DateTime(required=True)
    revision = graphene.Int(description="For the buyer's people and the operators.")
    history = graphene.List(
        graphene.NonNull(NeedEvent), description="For the buyer's people and the operators."
    )
    available_actions = graphene.List(
        graphene.NonNull(graphene.String),
        required=True,
        description="The moves that you may make now, for needMove.",
    )

    @staticmethod
    def resolve_organisation(root: models.Need, info: graphene.ResolveInfo) -> Any:
        return root.organisation if sees_organisation(viewer(info), root) else None

    @staticmethod
    def resolve_exclusivity(root: models.Need, info: graphene.ResolveInfo) -> str | None:
        return root.exclusivity or None

    @staticmethod
    def resolve_budget(root: models.Need, info: graphene.ResolveInfo) -> Money | None:
        if not sees_inside(viewer(info), root):
            return None
        return money(root.budget_amount, root.budget_currency)

    @staticmethod
    def resolve_revision(root: models.Need, info: graphene.ResolveInfo) -> int | None:
        return root.revision if sees_inside(viewer(info), root) else None

    @staticmethod
    def resolve_history(root: models.Need, info: graphene.ResolveInfo) -> Any:
        return root.events.all() if sees_inside(viewer(info), root) else None

    @staticmethod
    def resolve_available_actions(root: models.Need, info: graphene.ResolveInfo) -> list[str]:
        return WORKFLOW.available(root.state, by=actors(viewer(info), root))


PREFETCH = {"organisation": "organisation", "history": "events"}
