from __future__ import annotations

import graphene
from django.utils import timezone

from api.auth import viewer
from api.ids import parse_id
from api.mutation import Mutation
from api.needs.types import Need
from api.scalars import DeclineReason
from marketplace.feedback import services

from .types import MatchDecline


class MatchDeclineSet(Mutation):
    """Say that a listing does not answer a need of yours, and why. It is out of that need's
    matches, others rank by what your reasons say of them, and its owner learns a reason once three
    buyers gave it, never of whom. Said again, the last word stands."""

    decline = graphene.Field(MatchDecline)

    class Arguments:
        need = graphene.ID(required=True)
        listing = graphene.ID(required=True)
        reasons = graphene.List(graphene.NonNull(DeclineReason), required=True)

    @classmethod
    def perform(
        cls, info: graphene.ResolveInfo, need: str, listing: str, reasons: list[str]
    ) -> MatchDeclineSet:
        decline = services.match_decline(
            viewer=viewer(info),
            need_id=parse_id(need, "Need", field=("need",)),
            listing_id=parse_id(listing, "Listing", field=("listing",)),
            reasons=reasons,
            now=timezone.now(),
        )
        return cls(decline=decline)


class MatchReconsider(Mutation):
    """Take a decline back; nothing is learnt from it any more."""

    need = graphene.Field(Need)

    class Arguments:
        need = graphene.ID(required=True)
        listing = graphene.ID(required=True)

    @classmethod
    def perform(cls, info: graphene.ResolveInfo, need: str, listing: str) -> MatchReconsider:
        found = services.match_reconsider(
            viewer=viewer(info),
            need_id=parse_id(need, "Need", field=("need",)),
            listing_id=parse_id(listing, "Listing", field=("listing",)),
        )
        return cls(need=found)


class FeedbackMutations(graphene.ObjectType):
    match_decline = MatchDeclineSet.Field(required=True)
    match_reconsider = MatchReconsider.Field(required=True)
