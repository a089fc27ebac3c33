from __future__ import annotations

import graphene
from django.utils import timezone

from api.auth import viewer
from api.ids import parse_id
from api.mutation import Mutation
from marketplace.disputes import services

from .types import Dispute


class DisputeRaise(Mutation):
    """Dispute an agreement of yours that is or was active."""

    dispute = graphene.Field(Dispute)

    class Arguments:
        agreement = graphene.ID(required=True)
        claim = graphene.String(required=True, description="10 to 5,000 characters.")

    @classmethod
    def perform(cls, info: graphene.ResolveInfo, agreement: str, claim: str) -> DisputeRaise:
        return cls(
            dispute=services.dispute_raise(
                viewer=viewer(info),
                agreement_id=parse_id(agreement, "Agreement", field=("agreement",)),
                claim=claim,
                now=timezone.now(),
            )
        )


class DisputeMove(Mutation):
    """Answer, escalate, settle, withdraw, decide: a move of the dispute's `availableActions`."""

    dispute = graphene.Field(Dispute)

    class Arguments:
        id = graphene.ID(required=True)
        move = graphene.String(required=True, description="Such as answer.")
        text = graphene.String(
            description="The answer, the case's number, or the outcome; none to withdraw."
        )
        revision = graphene.Int(required=True, description="The revision that you read.")

    @classmethod
    def perform(
        cls, info: graphene.ResolveInfo, id: str, move: str, revision: int, text: str | None = None
    ) -> DisputeMove:
        return cls(
            dispute=services.dispute_move(
                viewer=viewer(info),
                dispute_id=parse_id(id, "Dispute"),
                move=move,
                text=text or "",
                revision=revision,
                now=timezone.now(),
            )
        )


class DisputeMutations(graphene.ObjectType):
    dispute_raise = DisputeRaise.Field(required=True)
    dispute_move = DisputeMove.Field(required=True)
