from __future__ import annotations

from typing import Any
from uuid import UUID

import graphene
from django.utils import timezone
from graphene.relay import Node

from api.auth import viewer
from api.scalars import EvidenceKind, Language, OrganisationKind, Role, Verification
from marketplace.accounts import models
from marketplace.accounts.policies import actors, sees_inside
from marketplace.accounts.selectors import memberships_of
from marketplace.accounts.workflow import VERIFICATION
from marketplace.deals.selectors import median_answer_hours


class User(graphene.ObjectType):
    """A person. Others than the person itself see the name only."""

    class Meta:
        interfaces = (Node,)

    name = graphene.String(required=True)
    email = graphene.String(description="For the person itself and fellow members.")
    language = graphene.Field(Language, required=True)
    time_zone = graphene.String(required=True)


class Membership(graphene.ObjectType):
    """A user's part in an organisation."""

    user = graphene.Field(User, required=True)
    organisation = graphene.Field(lambda: Organisation, required=True)
    roles = graphene.List(graphene.NonNull(Role), required=True)


class Evidence(graphene.ObjectType):
    """What an organisation showed to be verified."""

    kind = graphene.Field(EvidenceKind, required=True)
    reference = graphene.String(required=True)
    note = graphene.String(required=True)
    created_at = graphene.DateTime(required=True)
    decided_at = graphene.DateTime()
    decision_note = graphene.String(required=True)


class Organisation(graphene.ObjectType):
    """A firm, university, transfer centre or operator."""

    class Meta:
        interfaces = (Node,)

    name = graphene.String(required=True)
    name_zh = graphene.String(required=True)
    kinds = graphene.List(graphene.NonNull(OrganisationKind), required=True)
    jurisdiction = graphene.String(required=True, description="Of registration, by WIPO ST.3.")
    city = graphene.String(required=True)
    zone = graphene.String(required=True)
    website = graphene.String(required=True)
    hk_macao_invested = graphene.Boolean()
    is_sample = graphene.Boolean(required=True)
    verification = graphene.Field(Verification, required=True)
    verified_until = graphene.Date()
    median_answer_hours = graphene.Int(
        description="How long it took to answer the enquiries of the last year; null below three."
    )
    registration_number = graphene.String(description="For its members and the operators.")
    revision = graphene.Int(description="For its members and the operators.")
    members = graphene.List(
        graphene.NonNull(Membership), description="For its members and the operators."
    )
    evidence = graphene.List(
        graphene.NonNull(Evidence), description="For its members and the operators."
    )
    available_actions = graphene.List(
        graphene.NonNull(graphene.String),
        required=True,
        description="The moves of its verification that you may make now.",
    )

    @staticmethod
    def resolve_median_answer_hours(
        root: models.Organisation, info: graphene.ResolveInfo
    ) -> int | None:
        request: Any = info.context
        if not hasattr(request, "median_answer_hours"):
            request.median_answer_hours = median_answer_hours(timezone.now())
        hours: dict[UUID, int] = request.median_answer_hours
        return hours.get(root.pk)

    @staticmethod
    def resolve_registration_number(
        root: models.Organisation, info: graphene.ResolveInfo
    ) -> str | None:
        return root.registration_number if sees_inside(viewer(info), root) else None

    @staticmethod
    def resolve_revision(root: models.Organisation, info: graphene.ResolveInfo) -> int | None:
        return root.revision if sees_inside(viewer(info), root) else None

    @staticmethod
    def resolve_members(root: models.Organisation, info: graphene.ResolveInfo) -> Any:
        return memberships_of(root) if sees_inside(viewer(info), root) else None

    @staticmethod
    def resolve_evidence(root: models.Organisation, info: graphene.ResolveInfo) -> Any:
        inside = sees_inside(viewer(info), root)
        return root.evidence.order_by("created_at") if inside else None

    @staticmethod
    def resolve_available_actions(
        root: models.Organisation, info: graphene.ResolveInfo
    ) -> list[str]:
        return VERIFICATION.available(root.verification, by=actors(viewer(info), root))


class Viewer(graphene.ObjectType):
    """You, and what you belong to."""

    user = graphene.Field(User, required=True)
    memberships = graphene.List(graphene.NonNull(Membership), required=True)
    is_operator = graphene.Boolean(required=True)

    @staticmethod
    def resolve_memberships(root: Any, info: graphene.ResolveInfo) -> Any:
        return root.user.memberships.select_related("organisation", "user").order_by("created_at")
