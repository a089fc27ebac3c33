from __future__ import annotations

import graphene
from django.utils import timezone

from api.auth import viewer
from api.ids import parse_id
from api.mutation import Mutation
from marketplace.screening.services import screening_hit_decide

from .types import ScreeningHit


class ScreeningHitDecide(Mutation):
    """Say whether the organisation is the listed party; for operators of no part of it."""

    hit = graphene.Field(ScreeningHit)

    class Arguments:
        id = graphene.ID(required=True)
        listed = graphene.Boolean(required=True)
        note = graphene.String(required=True, description="Why.")

    @classmethod
    def perform(
        cls, info: graphene.ResolveInfo, id: str, listed: bool, note: str
    ) -> ScreeningHitDecide:
        return cls(
            hit=screening_hit_decide(
                viewer=viewer(info),
                hit_id=parse_id(id, "ScreeningHit"),
                listed=listed,
                note=note,
                now=timezone.now(),
            )
        )


class ScreeningMutations(graphene.ObjectType):
    screening_hit_decide = ScreeningHitDecide.Field(required=True)
