from __future__ import annotations

import graphene
from graphene.relay import Node

from api.accounts.types import Organisation
from api.auth import viewer
from api.rulebook.types import RuleAnswer, text
from api.scalars import Certainty, Money, ReviewState
from marketplace.core.language import worded
from marketplace.programmes import models
from marketplace.programmes.services import available
from marketplace.rulebook.engine import Answer


class SupplierCertificate(graphene.ObjectType):
    """A certificate of Hong Kong service supplier under CEPA, for one sector."""

    class Meta:
        interfaces = (Node,)

    organisation = graphene.Field(Organisation, required=True)
    sector = graphene.String(required=True)
    number = graphene.String(required=True)
    expires_on = graphene.Date(required=True)
    evidence = graphene.String(required=True, description="Where the document is.")
    state = graphene.Field(ReviewState, required=True)
    note = graphene.String(required=True)
    created_at = graphene.DateTime(required=True)
    available_actions = graphene.List(
        graphene.NonNull(graphene.String),
        required=True,
        description="approve and reject, for supplierCertificateDecide.",
    )

    @staticmethod
    def resolve_available_actions(
        root: models.SupplierCertificate, info: graphene.ResolveInfo
    ) -> list[str]:
        return available(viewer(info), root, "approve", "reject")


class ProgrammeEffects(graphene.ObjectType):
    """What remains of the usual fee and commission: 10000 is all of it."""

    listing_fee_bp = graphene.Int(required=True)
    commission_bp = graphene.Int(required=True)
    priority_review = graphene.Boolean(required=True)


class Programme(graphene.ObjectType):
    """A programme of the marketplace, as the rule book has it."""

    key = graphene.String(required=True, description="For programmeApply, such as hub_tenant.")
    name = text("Its name.")
    months = graphene.Int(required=True, description="How long an approval runs.")
    effects = graphene.Field(ProgrammeEffects, required=True)
    answer = graphene.Field(RuleAnswer, required=True, description="With its eligibility tests.")

    @staticmethod
    def resolve_key(root: Answer, info: graphene.ResolveInfo) -> str:
        return root.key.rpartition(".")[2]

    @staticmethod
    def resolve_name(root: Answer, info: graphene.ResolveInfo, language: str) -> str:
        return worded(root.value.name, language)

    @staticmethod
    def resolve_months(root: Answer, info: graphene.ResolveInfo) -> int:
        return int(root.value.months)

    @staticmethod
    def resolve_effects(root: Answer, info: graphene.ResolveInfo) -> object:
        return root.value.effects

    @staticmethod
    def resolve_answer(root: Answer, info: graphene.ResolveInfo) -> Answer:
        return root


class ProgrammeApplication(graphene.ObjectType):
    """An organisation's way into a programme."""

    class Meta:
        interfaces = (Node,)

    organisation = graphene.Field(Organisation, required=True)
    programme = graphene.String(required=True, description="Its key.")
    state = graphene.Field(ReviewState, required=True)
    facts = graphene.JSONString(required=True, description="As known when it was sent.")
    rules = graphene.List(graphene.NonNull(graphene.String), required=True)
    starts_on = graphene.Date()
    ends_on = graphene.Date(description="The last day.")
    note = graphene.String(required=True)
    created_at = graphene.DateTime(required=True)
    available_actions = graphene.List(
        graphene.NonNull(graphene.String), required=True, description="For programmeDecide."
    )

    @staticmethod
    def resolve_available_actions(
        root: models.ProgrammeApplication, info: graphene.ResolveInfo
    ) -> list[str]:
        return available(viewer(info), root, "approve", "reject", "end")


class GrantedEffects(ProgrammeEffects):
    """The best of all programmes that an organisation takes part in on a day."""

    rules = graphene.List(graphene.NonNull(graphene.String), required=True)
    status = graphene.Field(Certainty, required=True)


class Price(graphene.ObjectType):
    """What the marketplace takes of an organisation, less what its programmes leave."""

    commission_bp = graphene.Int(
        required=True, description="Basis points of what is paid to it under its licences."
    )
    listing_fee = graphene.Field(Money, description="Once a listing; null where none is asked.")
    rules = graphene.List(graphene.NonNull(graphene.String), required=True)
