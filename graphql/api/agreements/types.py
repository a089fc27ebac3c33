from __future__ import annotations

from typing import Any

import graphene
from graphene.relay import Node

from api.auth import viewer
from api.disputes.types import Dispute
from api.documents.types import Document
from api.negotiation.types import Terms
from api.royalties.types import Schedule, schedule_of
from api.scalars import AgreementState, AmendmentState
from marketplace.agreements import models
from marketplace.agreements.services import roles
from marketplace.agreements.workflow import AMENDMENTS, WORKFLOW
from marketplace.negotiation.terms import Terms as LicenceTerms


class Amendment(graphene.ObjectType):
    """Other terms for a running agreement; in force once both have signed."""

    class Meta:
        interfaces = (Node,)

    number = graphene.Int(required=True)
    state = graphene.Field(AmendmentState, required=True)
    terms = graphene.Field(Terms, required=True)
    document = graphene.Field(Document, required=True)
    in_force_at = graphene.DateTime()
    available_actions = graphene.List(
        graphene.NonNull(graphene.String),
        required=True,
        description="sign for amendmentSign, withdraw for amendmentWithdraw.",
    )

    @staticmethod
    def resolve_available_actions(root: models.Amendment, info: graphene.ResolveInfo) -> list[str]:
        return AMENDMENTS.available(root.state, by=roles(viewer(info), root.agreement))

    @staticmethod
    def resolve_terms(root: models.Amendment, info: graphene.ResolveInfo) -> LicenceTerms:
        return LicenceTerms.model_validate(root.terms)


class Agreement(graphene.ObjectType):
    """A licence agreement, from its text to its end."""

    class Meta:
        interfaces = (Node,)

    state = graphene.Field(AgreementState, required=True)
    terms = graphene.Field(Terms, required=True, description="In force, or to be.")
    document = graphene.Field(Document, required=True, description="The text of these terms.")
    signed_at = graphene.DateTime(description="By the last party.")
    activated_at = graphene.DateTime()
    ended_at = graphene.DateTime()
    reason = graphene.String(required=True, description="Why it was suspended or terminated.")
    revision = graphene.Int(required=True)
    amendments = graphene.List(graphene.NonNull(Amendment), required=True)
    disputes = graphene.List(graphene.NonNull(Dispute), required=True)
    schedule = graphene.Field(
        Schedule, description="For the parties' own admins, dealmakers and finance alone."
    )
    available_actions = graphene.List(
        graphene.NonNull(graphene.String),
        required=True,
        description="sign for agreementSign, the others for agreementMove.",
    )

    @staticmethod
    def resolve_terms(root: models.Agreement, info: graphene.ResolveInfo) -> LicenceTerms:
        return LicenceTerms.model_validate(root.terms)

    @staticmethod
    def resolve_schedule(
        root: models.Agreement, info: graphene.ResolveInfo
    ) -> models.Agreement | None:
        return schedule_of(info, root)

    @staticmethod
    def resolve_disputes(root: models.Agreement, info: graphene.ResolveInfo) -> Any:
        return root.disputes.all()

    @staticmethod
    def resolve_amendments(root: models.Agreement, info: graphene.ResolveInfo) -> Any:
        return root.amendments.all()

    @staticmethod
    def resolve_available_actions(root: models.Agreement, info: graphene.ResolveInfo) -> list[str]:
        return WORKFLOW.available(root.state, by=roles(viewer(info), root))


class ExpressOffer(graphene.ObjectType):
    """Fixed terms of a listing: whoever accepts and pays them has the licence."""

    terms = graphene.Field(Terms, required=True, description="The period begins anew.")
    months = graphene.Int(required=True, description="The period, from the acceptance on.")
    sha256 = graphene.String(required=True, description="To be sent back when you accept.")
    signed_at = graphene.DateTime(required=True)

    @staticmethod
    def resolve_terms(root: models.ExpressOffer, info: graphene.ResolveInfo) -> LicenceTerms:
        return LicenceTerms.model_validate(root.terms)
