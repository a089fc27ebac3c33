from __future__ import annotations

import graphene
from graphene.relay import Node

from api.accounts.types import Organisation
from api.auth import viewer
from api.scalars import DisputeState
from marketplace.disputes import models
from marketplace.disputes.services import actors
from marketplace.disputes.workflow import WORKFLOW


class Dispute(graphene.ObjectType):
    """A dispute over an agreement. While it is open, money is held and the rights stay."""

    class Meta:
        interfaces = (Node,)

    state = graphene.Field(DisputeState, required=True)
    raised_by = graphene.Field(Organisation, required=True)
    claim = graphene.String(required=True)
    answer = graphene.String(required=True)
    case = graphene.String(required=True, description="Its number at the arbitration.")
    outcome = graphene.String(required=True, description="The award, or what was settled.")
    created_at = graphene.DateTime(required=True)
    revision = graphene.Int(required=True)
    available_actions = graphene.List(
        graphene.NonNull(graphene.String),
        required=True,
        description="The moves that you may make now, for disputeMove.",
    )

    @staticmethod
    def resolve_available_actions(root: models.Dispute, info: graphene.ResolveInfo) -> list[str]:
        return WORKFLOW.available(root.state, by=actors(viewer(info), root))
