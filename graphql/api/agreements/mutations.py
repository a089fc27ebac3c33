from __future__ import annotations

from typing import Any

import graphene
from django.utils import timezone

from api.auth import viewer
from api.ids import parse_id
from api.invoices.types import Invoice
from api.listings.types import Listing
from api.mutation import Mutation
from api.negotiation.mutations import TermsInput, given_terms
from api.scalars import ArbitrationRules, RightAct
from marketplace.agreements import amendments, express, services
from marketplace.core.address import address_of

from .types import Agreement, Amendment, ExpressOffer


class AgreementDrawUp(Mutation):
    """Put the accepted offer of a deal into clauses, in two languages, for both to sign."""

    agreement = graphene.Field(Agreement)

    class Arguments:
        deal = graphene.ID(required=True)

    @classmethod
    def perform(cls, info: graphene.ResolveInfo, deal: str) -> AgreementDrawUp:
        return cls(
            agreement=services.agreement_draw_up(
                viewer=viewer(info),
                deal_id=parse_id(deal, "Deal", field=("deal",)),
                now=timezone.now(),
            )
        )


class Signing:
    id = graphene.ID(required=True)
    organisation = graphene.ID(required=True, description="For which you sign.")
    typed_name = graphene.String(required=True, description="Your full name.")
    sha256 = graphene.String(required=True, description="As the document gave it.")


def signature(info: graphene.ResolveInfo, given: dict[str, Any]) -> dict[str, Any]:
    """The arguments of a signature in the words of the services."""
    return {
        "viewer": viewer(info),
        "organisation_id": parse_id(given["organisation"], "Organisation", field=("organisation",)),
        "typed_name": given["typed_name"],
        "sha256": given["sha256"],
        "address": address_of(info.context.META),
        "now": timezone.now(),
    }


class AgreementSign(Mutation):
    """Sign for your organisation the text whose SHA-256 you send back."""

    agreement = graphene.Field(Agreement)

    class Arguments(Signing):
        pass

    @classmethod
    def perform(cls, info: graphene.ResolveInfo, id: str, **given: Any) -> AgreementSign:
        signed = services.agreement_sign(
            agreement_id=parse_id(id, "Agreement"), **signature(info, given)
        )
        return cls(agreement=signed)


class AgreementMove(Mutation):
    """Activate, suspend, terminate…: a move of the agreement's `availableActions`."""

    agreement = graphene.Field(Agreement)

    class Arguments:
        id = graphene.ID(required=True)
        move = graphene.String(required=True, description="Such as activate.")
        revision = graphene.Int(required=True, description="The revision that you read.")
        reason = graphene.String(description="Wanted to suspend and to terminate.")

    @classmethod
    def perform(
        cls,
        info: graphene.ResolveInfo,
        id: str,
        move: str,
        revision: int,
        reason: str | None = None,
    ) -> AgreementMove:
        return cls(
            agreement=services.agreement_move(
                viewer=viewer(info),
                agreement_id=parse_id(id, "Agreement"),
                move=move,
                revision=revision,
                reason=reason or "",
                now=timezone.now(),
            )
        )


class AmendmentPropose(Mutation):
    """Draw up a running agreement anew with other terms."""

    amendment = graphene.Field(Amendment)

    class Arguments:
        agreement = graphene.ID(required=True)
        terms = TermsInput(required=True)

    @classmethod
    def perform(
        cls, info: graphene.ResolveInfo, agreement: str, terms: dict[str, Any]
    ) -> AmendmentPropose:
        return cls(
            amendment=amendments.amendment_propose(
                viewer=viewer(info),
                agreement_id=parse_id(agreement, "Agreement", field=("agreement",)),
                terms=given_terms(terms),
                now=timezone.now(),
            )
        )


class AmendmentSign(Mutation):
    """Sign an amendment; with both signatures its terms are in force."""

    amendment = graphene.Field(Amendment)

    class Arguments(Signing):
        pass

    @classmethod
    def perform(cls, info: graphene.ResolveInfo, id: str, **given: Any) -> AmendmentSign:
        signed = amendments.amendment_sign(
            amendment_id=parse_id(id, "Amendment"), **signature(info, given)
        )
        return cls(amendment=signed)


class AmendmentWithdraw(Mutation):
    """Take back an amendment that not both have signed."""

    amendment = graphene.Field(Amendment)

    class Arguments:
        id = graphene.ID(required=True)

    @classmethod
    def perform(cls, info: graphene.ResolveInfo, id: str) -> AmendmentWithdraw:
        return cls(
            amendment=amendments.amendment_withdraw(
                viewer=viewer(info), amendment_id=parse_id(id, "Amendment"), now=timezone.now()
            )
        )


class ExpressTermsInput(graphene.InputObjectType):
    """Terms that are fixed and the same for all; non-exclusive, for an upfront fee alone."""

    patents = graphene.List(graphene.NonNull(graphene.ID), description="Of the listing.")
    know_how = graphene.Boolean(required=True)
    territories = graphene.List(graphene.NonNull(graphene.String), required=True)
    fields_of_use = graphene.List(graphene.NonNull(graphene.String), description="Else every one.")
    acts = graphene.List(graphene.NonNull(RightAct), required=True)
    currency = graphene.String(required=True)
    upfront = graphene.BigInt(required=True)
    governing_law = graphene.String(required=True)
    seat = graphene.String(required=True)
    rules = ArbitrationRules(required=True)
    special = graphene.String()


class ExpressOfferMake(Mutation):
    """Bind your organisation to terms that any buyer may accept; an earlier offer ends."""

    express_offer = graphene.Field(ExpressOffer)

    class Arguments:
        listing = graphene.ID(required=True)
        terms = ExpressTermsInput(required=True)
        months = graphene.Int(required=True)
        typed_name = graphene.String(required=True, description="Your full name.")

    @classmethod
    def perform(
        cls,
        info: graphene.ResolveInfo,
        listing: str,
        terms: dict[str, Any],
        months: int,
        typed_name: str,
    ) -> ExpressOfferMake:
        return cls(
            express_offer=express.express_offer(
                viewer=viewer(info),
                listing_id=parse_id(listing, "Listing", field=("listing",)),
                terms={**given_terms(terms), "exclusivity": "non_exclusive"},
                months=months,
                typed_name=typed_name,
                address=address_of(info.context.META),
                now=timezone.now(),
            )
        )


class ExpressOfferWithdraw(Mutation):
    """Let nobody else accept it; what was accepted stays."""

    listing = graphene.Field(Listing)

    class Arguments:
        listing = graphene.ID(required=True)

    @classmethod
    def perform(cls, info: graphene.ResolveInfo, listing: str) -> ExpressOfferWithdraw:
        return cls(
            listing=express.express_withdraw(
                viewer=viewer(info),
                listing_id=parse_id(listing, "Listing", field=("listing",)),
                now=timezone.now(),
            )
        )


class ExpressAccept(Mutation):
    """Accept an express offer: the agreement is signed at once, and active once it is paid."""

    agreement = graphene.Field(Agreement)
    invoice = graphene.Field(Invoice)

    class Arguments:
        listing = graphene.ID(required=True)
        buyer = graphene.ID(required=True, description="Your organisation.")
        sha256 = graphene.String(required=True, description="As the offer gave it.")
        typed_name = graphene.String(required=True, description="Your full name.")

    @classmethod
    def perform(
        cls, info: graphene.ResolveInfo, listing: str, buyer: str, sha256: str, typed_name: str
    ) -> ExpressAccept:
        agreement, invoice = express.express_accept(
            viewer=viewer(info),
            listing_id=parse_id(listing, "Listing", field=("listing",)),
            buyer_id=parse_id(buyer, "Organisation", field=("buyer",)),
            sha256=sha256,
            typed_name=typed_name,
            address=address_of(info.context.META),
            now=timezone.now(),
        )
        return cls(agreement=agreement, invoice=invoice)


class AgreementMutations(graphene.ObjectType):
    agreement_draw_up = AgreementDrawUp.Field(required=True)
    agreement_sign = AgreementSign.Field(required=True)
    agreement_move = AgreementMove.Field(required=True)
    express_offer_make = ExpressOfferMake.Field(required=True)
    express_offer_withdraw = ExpressOfferWithdraw.Field(required=True)
    express_accept = ExpressAccept.Field(required=True)
    amendment_propose = AmendmentPropose.Field(required=True)
    amendment_sign = AmendmentSign.Field(required=True)
    amendment_withdraw = AmendmentWithdraw.Field(required=True)
