"""Figures for owners. No week tells of one buyer: of declines, see marketplace.feedback."""

from __future__ import annotations

import graphene

from api.listings.types import Listing
from api.scalars import DeclineReason


class DeclineCount(graphene.ObjectType):
    """How many buyers gave a reason."""

    reason = graphene.Field(DeclineReason, required=True)
    buyers = graphene.Int(required=True)


class AnalyticsWeek(graphene.ObjectType):
    """A week from Monday to Sunday, in Hong Kong."""

    starts_on = graphene.Date(required=True)
    impressions = graphene.BigInt(
        required=True, description="In results and matches; your own and operators' do not count."
    )
    opens = graphene.BigInt(required=True)
    enquiries = graphene.Int(required=True)
    median_answer_hours = graphene.Int(
        description="Of that week's enquiries; what is overdue counts as long as it has waited."
    )
    declines = graphene.List(
        graphene.NonNull(DeclineCount),
        required=True,
        description="Three buyers of a listing at a time, in the week of the last of them; feedback"
        " counts each from the third on.",
    )


class AnalyticsListing(graphene.ObjectType):
    """A listing over all weeks that are shown."""

    listing = graphene.Field(Listing, required=True)
    impressions = graphene.BigInt(required=True)
    opens = graphene.BigInt(required=True)
    enquiries = graphene.Int(required=True)


class ListingFeedback(graphene.ObjectType):
    """Why at least three buyers declined a listing, and what to do about it."""

    listing = graphene.Field(Listing, required=True)
    reason = graphene.Field(DeclineReason, required=True)
    buyers = graphene.Int(required=True, description="From three on.")
    advice = graphene.String(required=True)


class Analytics(graphene.ObjectType):
    """How an organisation's listings do."""

    weeks = graphene.List(
        graphene.NonNull(AnalyticsWeek), required=True, description="The oldest first."
    )
    listings = graphene.List(
        graphene.NonNull(AnalyticsListing),
        required=True,
        description="Those opened most, at most 100.",
    )
    feedback = graphene.List(
        graphene.NonNull(ListingFeedback), required=True, description="Of all time."
    )
