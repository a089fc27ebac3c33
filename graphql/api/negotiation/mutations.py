from __future__ import annotations

from typing import Any

import graphene
from django.utils import timezone

from api.auth import viewer
from api.deals.types import Deal
from api.ids import parse_id
from api.mutation import Mutation
from api.scalars import (
    ArbitrationRules,
    Exclusivity,
    GrantBack,
    Improvements,
    RightAct,
    RoyaltyBase,
    TermsLanguage,
)
from marketplace.negotiation import services

from .types import Comment, Offer


class MilestoneInput(graphene.InputObjectType):
    what = graphene.String(required=True)
    evidence = graphene.String(required=True, description="By what it is shown.")
    due = graphene.Date(required=True)
    amount = graphene.BigInt(required=True, description="In minor units.")


class RoyaltyTierInput(graphene.InputObjectType):
    above = graphene.BigInt(required=True, description="Minor units of sales, or units.")
    rate = graphene.Int(required=True, description="Basis points, or minor units for each unit.")


class RoyaltyInput(graphene.InputObjectType):
    base = RoyaltyBase(required=True)
    tiers = graphene.List(graphene.NonNull(RoyaltyTierInput), required=True)
    minimum_a_year = graphene.BigInt()
    cap = graphene.BigInt()


class TermsInput(graphene.InputObjectType):
    """See Terms for what each means. What is not given has the default of its description."""

    exclusivity = Exclusivity(required=True)
    patents = graphene.List(graphene.NonNull(graphene.ID), description="Of the listing.")
    know_how = graphene.Boolean(required=True)
    territories = graphene.List(graphene.NonNull(graphene.String), required=True)
    fields_of_use = graphene.List(graphene.NonNull(graphene.String), description="Else every one.")
    acts = graphene.List(graphene.NonNull(RightAct), required=True)
    start = graphene.Date(required=True)
    end = graphene.Date(description="The day after the last; without it, for good.")
    sublicensable = graphene.Boolean(description="Else not.")
    currency = graphene.String(required=True)
    upfront = graphene.BigInt()
    milestones = graphene.List(graphene.NonNull(MilestoneInput))
    royalty = RoyaltyInput()
    late_interest = graphene.Int()
    gross_up = graphene.Boolean(description="Else not.")
    improvements = Improvements(description="Else MAKER.")
    grant_back = GrantBack(description="Else NONE.")
    grant_back_fee = graphene.BigInt()
    audit = graphene.Boolean(description="Else yes.")
    audit_notice_days = graphene.Int(description="Else 30.")
    challenge_allowed = graphene.Boolean(description="Else yes.")
    governing_law = graphene.String(required=True)
    seat = graphene.String(required=True)
    rules = ArbitrationRules(required=True)
    language = TermsLanguage(description="Else BOTH.")
    special = graphene.String()


NULL_SAYS_SOMETHING = {"end", "royalty", "cap"}


def given_terms(input: dict[str, Any]) -> dict[str, Any]:
    """Without the nulls, which stand for the defaults."""
    found = {k: v for k, v in input.items() if v is not None or k in NULL_SAYS_SOMETHING}
    if found.get("royalty"):
        found["royalty"] = {k: v for k, v in found["royalty"].items() if v is not None}
    found["patents"] = [
        parse_id(one, "Patent", field=("terms", "patents", str(i)))
        for i, one in enumerate(found.get("patents", ()))
    ]
    return found


class OfferMake(Mutation):
    """Propose terms, or answer the other side's with yours."""

    offer = graphene.Field(Offer)
    deal = graphene.Field(Deal)

    class Arguments:
        deal = graphene.ID(required=True)
        terms = TermsInput(required=True)
        answering = graphene.Int(
            required=True, description="The number of the last offer that you read; 0: none."
        )
        message = graphene.String()

    @classmethod
    def perform(
        cls,
        info: graphene.ResolveInfo,
        deal: str,
        terms: dict[str, Any],
        answering: int,
        message: str | None = None,
    ) -> OfferMake:
        offer = services.offer_make(
            viewer=viewer(info),
            deal_id=parse_id(deal, "Deal", field=("deal",)),
            terms=given_terms(terms),
            answering=answering,
            message=message or "",
            now=timezone.now(),
        )
        return cls(offer=offer, deal=offer.negotiation.deal)


class OfferAccept(Mutation):
    """Accept the other side's last offer. The rights are then locked for the buyer for a time."""

    deal = graphene.Field(Deal)

    class Arguments:
        deal = graphene.ID(required=True)
        number = graphene.Int(required=True, description="Of the offer that you read.")

    @classmethod
    def perform(cls, info: graphene.ResolveInfo, deal: str, number: int) -> OfferAccept:
        talks = services.offer_accept(
            viewer=viewer(info),
            deal_id=parse_id(deal, "Deal", field=("deal",)),
            number=number,
            now=timezone.now(),
        )
        return cls(deal=talks.deal)


class CommentAdd(Mutation):
    """Say something in the talks, to both sides."""

    comment = graphene.Field(Comment)

    class Arguments:
        deal = graphene.ID(required=True)
        text = graphene.String(required=True, description="At most 2,000 characters.")

    @classmethod
    def perform(cls, info: graphene.ResolveInfo, deal: str, text: str) -> CommentAdd:
        return cls(
            comment=services.comment_add(
                viewer=viewer(info),
                deal_id=parse_id(deal, "Deal", field=("deal",)),
                text=text,
                now=timezone.now(),
            )
        )


class NegotiationMutations(graphene.ObjectType):
    offer_make = OfferMake.Field(required=True)
    offer_accept = OfferAccept.Field(required=True)
    comment_add = CommentAdd.Field(required=True)
