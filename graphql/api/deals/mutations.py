from __future__ import annotations

from typing import Any

import graphene
from django.utils import timezone

from api.auth import viewer
from api.ids import parse_id, parse_optional_id
from api.mutation import Mutation
from api.scalars import DeclineReason, MandateAct
from marketplace.core.address import address_of
from marketplace.core.links import LIFETIME
from marketplace.deals import mandates, nda, services
from marketplace.deals.bundle import bundle_link

from .types import Deal, Mandate, Nda


class EnquirySendInput(graphene.InputObjectType):
    """See enquiryQuestions for what is asked and how long an answer may be."""

    listing = graphene.ID(required=True)
    buyer = graphene.ID(required=True, description="Your organisation, or your principal.")
    need = graphene.ID(description="Of the buyer's, that it would meet.")
    application = graphene.String(required=True)
    fit = graphene.String(required=True)
    plan = graphene.String(required=True)


class EnquirySend(Mutation):
    """Ask the owner of a published listing for more."""

    deal = graphene.Field(Deal)

    class Arguments:
        input = EnquirySendInput(required=True)

    @classmethod
    def perform(cls, info: graphene.ResolveInfo, input: dict[str, Any]) -> EnquirySend:
        given = dict(input)
        return cls(
            deal=services.enquiry_send(
                viewer=viewer(info),
                listing_id=parse_id(given.pop("listing"), "Listing", field=("listing",)),
                buyer_id=parse_id(given.pop("buyer"), "Organisation", field=("buyer",)),
                need_id=parse_optional_id(given.pop("need", None), "Need", field=("need",)),
                now=timezone.now(),
                **given,
            )
        )


class DealMove(Mutation):
    """Accept, decline, withdraw, end…: a move of the deal's `availableActions`."""

    deal = graphene.Field(Deal)

    class Arguments:
        id = graphene.ID(required=True)
        move = graphene.String(required=True, description="Such as accept.")
        revision = graphene.Int(required=True, description="The revision that you read.")
        reason = DeclineReason(description="Wanted to decline.")
        note = graphene.String(description="For the other side to read.")

    @classmethod
    def perform(
        cls, info: graphene.ResolveInfo, id: str, move: str, revision: int, **said: str | None
    ) -> DealMove:
        return cls(
            deal=services.deal_move(
                viewer=viewer(info),
                deal_id=parse_id(id, "Deal"),
                move=move,
                revision=revision,
                now=timezone.now(),
                **{name: value or "" for name, value in said.items()},
            )
        )


class NdaPropose(Mutation):
    """Draw up an NDA on the template in force, or its next version."""

    nda = graphene.Field(Nda)

    class Arguments:
        deal = graphene.ID(required=True)
        purpose = graphene.String(required=True, description="At most 500 characters.")
        term_months = graphene.Int(required=True)

    @classmethod
    def perform(
        cls, info: graphene.ResolveInfo, deal: str, purpose: str, term_months: int
    ) -> NdaPropose:
        return cls(
            nda=nda.nda_propose(
                viewer=viewer(info),
                deal_id=parse_id(deal, "Deal", field=("deal",)),
                purpose=purpose,
                term_months=term_months,
                now=timezone.now(),
            )
        )


class NdaSign(Mutation):
    """Sign for your organisation the text whose SHA-256 you send back."""

    nda = graphene.Field(Nda)

    class Arguments:
        id = graphene.ID(required=True)
        organisation = graphene.ID(required=True)
        typed_name = graphene.String(required=True, description="Your full name.")
        sha256 = graphene.String(required=True, description="As the document gave it.")

    @classmethod
    def perform(
        cls, info: graphene.ResolveInfo, id: str, organisation: str, typed_name: str, sha256: str
    ) -> NdaSign:
        return cls(
            nda=nda.nda_sign(
                viewer=viewer(info),
                nda_id=parse_id(id, "Nda"),
                organisation_id=parse_id(organisation, "Organisation", field=("organisation",)),
                typed_name=typed_name,
                sha256=sha256,
                address=address_of(info.context.META),
                now=timezone.now(),
            )
        )


class EvidenceExport(Mutation):
    """Get a link to the evidence of your deal: a ZIP that can be verified offline."""

    link = graphene.String(description=f"A path, good for {LIFETIME} seconds, for you alone.")

    class Arguments:
        deal = graphene.ID(required=True)

    @classmethod
    def perform(cls, info: graphene.ResolveInfo, deal: str) -> EvidenceExport:
        return cls(
            link=bundle_link(
                viewer=viewer(info),
                deal_id=parse_id(deal, "Deal", field=("deal",)),
                now=timezone.now(),
            )
        )


class MandateOfferInput(graphene.InputObjectType):
    principal = graphene.ID(required=True, description="Your organisation.")
    centre = graphene.ID(required=True, description="A transfer centre.")
    acts = graphene.List(graphene.NonNull(MandateAct), required=True)
    listings = graphene.List(graphene.NonNull(graphene.ID), description="None: over all.")
    starts_on = graphene.Date(required=True)
    ends_on = graphene.Date(required=True, description="The last day, in Hong Kong.")
    commission_bp = graphene.Int(required=True, description="In basis points: 500 is 5 %.")


class MandateOffer(Mutation):
    """Offer a transfer centre to act for your organisation; it counts once accepted."""

    mandate = graphene.Field(Mandate)

    class Arguments:
        input = MandateOfferInput(required=True)

    @classmethod
    def perform(cls, info: graphene.ResolveInfo, input: dict[str, Any]) -> MandateOffer:
        given = dict(input)
        ids = given.pop("listings", None) or ()
        return cls(
            mandate=mandates.mandate_offer(
                viewer=viewer(info),
                principal_id=parse_id(given.pop("principal"), "Organisation", field=("principal",)),
                centre_id=parse_id(given.pop("centre"), "Organisation", field=("centre",)),
                listing_ids=[
                    parse_id(one, "Listing", field=("listings", str(i)))
                    for i, one in enumerate(ids)
                ],
                **given,
            )
        )


class MandateMove(Mutation):
    """Accept, refuse, revoke or give up: a move of the mandate's `availableActions`."""

    mandate = graphene.Field(Mandate)

    class Arguments:
        id = graphene.ID(required=True)
        move = graphene.String(required=True, description="Such as accept.")
        revision = graphene.Int(required=True, description="The revision that you read.")

    @classmethod
    def perform(cls, info: graphene.ResolveInfo, id: str, move: str, revision: int) -> MandateMove:
        return cls(
            mandate=mandates.mandate_move(
                viewer=viewer(info),
                mandate_id=parse_id(id, "Mandate"),
                move=move,
                revision=revision,
            )
        )


class DealMutations(graphene.ObjectType):
    enquiry_send = EnquirySend.Field(required=True)
    deal_move = DealMove.Field(required=True)
    nda_propose = NdaPropose.Field(required=True)
    nda_sign = NdaSign.Field(required=True)
    evidence_export = EvidenceExport.Field(required=True)
    mandate_offer = MandateOffer.Field(required=True)
    mandate_move = MandateMove.Field(required=True)
