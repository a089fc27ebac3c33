from __future__ import annotations

from typing import Any

import graphene
from django.utils import timezone

from api.accounts.types import Organisation
from api.auth import viewer
from api.patents.types import Patent
from api.rulebook.types import ClauseFinding, GrossToNet, RuleAnswer
from api.scalars import (
    ArbitrationRules,
    Exclusivity,
    GrantBack,
    Improvements,
    Language,
    NegotiationState,
    RightAct,
    RoyaltyBase,
    TermsLanguage,
)
from marketplace.compliance.offers import Weighed, weigh
from marketplace.core.language import Language as Languages
from marketplace.negotiation import models
from marketplace.negotiation.differences import differences
from marketplace.negotiation.services import available
from marketplace.negotiation.terms import Terms as LicenceTerms
from marketplace.patents.models import Patent as PatentModel
from marketplace.rulebook.engine import one_reading


class TermsMilestone(graphene.ObjectType):
    """An amount that falls due when something is shown."""

    what = graphene.String(required=True)
    evidence = graphene.String(required=True)
    due = graphene.Date(required=True, description="At the latest.")
    amount = graphene.BigInt(required=True, description="In minor units.")


class RoyaltyTier(graphene.ObjectType):
    """From where on which rate."""

    above = graphene.BigInt(required=True, description="Minor units of sales, or units.")
    rate = graphene.Int(
        required=True, description="Basis points of sales, or minor units for each unit."
    )


class Royalty(graphene.ObjectType):
    """What is paid on what is made of the technology."""

    base = graphene.Field(RoyaltyBase, required=True)
    tiers = graphene.List(graphene.NonNull(RoyaltyTier), required=True)
    minimum_a_year = graphene.BigInt(required=True, description="In minor units.")
    cap = graphene.BigInt(description="Of all years together, in minor units.")


class Terms(graphene.ObjectType):
    """The terms of a licence; amounts in minor units of `currency`, rates in basis points."""

    exclusivity = graphene.Field(Exclusivity, required=True)
    know_how = graphene.Boolean(required=True)
    territories = graphene.List(graphene.NonNull(graphene.String), required=True)
    fields_of_use = graphene.List(
        graphene.NonNull(graphene.String), required=True, description="An empty one: every field."
    )
    acts = graphene.List(graphene.NonNull(RightAct), required=True)
    start = graphene.Date(required=True)
    end = graphene.Date(description="The day after the last; null: for good.")
    sublicensable = graphene.Boolean(required=True)
    currency = graphene.String(required=True, description="ISO 4217.")
    upfront = graphene.BigInt(required=True)
    milestones = graphene.List(graphene.NonNull(TermsMilestone), required=True)
    royalty = graphene.Field(Royalty)
    late_interest = graphene.Int(required=True, description="Basis points a year.")
    gross_up = graphene.Boolean(required=True, description="The payer bears the taxes withheld.")
    improvements = graphene.Field(Improvements, required=True)
    grant_back = graphene.Field(GrantBack, required=True)
    grant_back_fee = graphene.BigInt(required=True)
    audit = graphene.Boolean(required=True)
    audit_notice_days = graphene.Int(required=True)
    challenge_allowed = graphene.Boolean(required=True)
    governing_law = graphene.String(required=True, description="Of a territory of ST.3.")
    seat = graphene.String(required=True, description="Of the arbitration: a city.")
    rules = graphene.Field(ArbitrationRules, required=True)
    language = graphene.Field(TermsLanguage, required=True)
    special = graphene.String(required=True)


class Offer(graphene.ObjectType):
    """A version of the term sheet, as one side proposes it."""

    number = graphene.Int(required=True)
    side = graphene.String(required=True, description="licensor or buyer.")
    organisation = graphene.Field(Organisation, required=True)
    terms = graphene.Field(Terms, required=True)
    patents = graphene.List(graphene.NonNull(Patent), required=True, description="Licensed by it.")
    sha256 = graphene.String(required=True, description="Of the terms, as the record has it.")
    message = graphene.String(required=True)
    made_at = graphene.DateTime(required=True)
    differences = graphene.List(
        graphene.NonNull(graphene.String),
        required=True,
        since=graphene.Int(description="An earlier offer; without it, the one before."),
        language=Language(default_value=Languages.EN.value, required=True),
        description="What changed, in words.",
    )
    gross_to_net = graphene.Field(
        GrossToNet,
        description="Of what is fixed, paid today; null where nothing is, or it stays at home.",
    )
    findings = graphene.List(
        graphene.NonNull(ClauseFinding), required=True, description="Of the linter."
    )
    law = graphene.Field(
        RuleAnswer, description="Whether its law may be chosen; null unless of Hong Kong or Macao."
    )
    seat = graphene.Field(RuleAnswer, description="The same of its seat.")

    @staticmethod
    def resolve_gross_to_net(root: models.Offer, info: graphene.ResolveInfo) -> Any:
        return weighed(info, root).gross_to_net

    @staticmethod
    def resolve_findings(root: models.Offer, info: graphene.ResolveInfo) -> Any:
        return weighed(info, root).findings

    @staticmethod
    def resolve_law(root: models.Offer, info: graphene.ResolveInfo) -> Any:
        return weighed(info, root).law

    @staticmethod
    def resolve_seat(root: models.Offer, info: graphene.ResolveInfo) -> Any:
        return weighed(info, root).seat

    @staticmethod
    def resolve_terms(root: models.Offer, info: graphene.ResolveInfo) -> LicenceTerms:
        return LicenceTerms.model_validate(root.terms)

    @staticmethod
    def resolve_patents(root: models.Offer, info: graphene.ResolveInfo) -> list[PatentModel]:
        """Who may see the offer knows the listing's owner, and so its patents."""
        known = patents_in(root.negotiation)
        return [known[id] for id in root.terms["patents"]]

    @staticmethod
    def resolve_differences(
        root: models.Offer, info: graphene.ResolveInfo, language: str, since: int | None = None
    ) -> list[str]:
        wanted = root.number - 1 if since is None else since
        offers = root.negotiation.offers.all()
        old = next((one for one in offers if one.number == wanted), None)
        return differences(old.terms, root.terms, language) if old else []


def weighed(info: graphene.ResolveInfo, offer: models.Offer) -> Weighed:
    """All offers of the talks are weighed at once, and each rule is asked once a request."""
    talks = offer.negotiation
    if "weighed" not in talks.__dict__:
        with one_reading(viewer(info).memo.setdefault("rules", {})):
            talks.__dict__["weighed"] = weigh(talks.deal, talks.offers.all(), timezone.now())
    found: Weighed = talks.__dict__["weighed"][offer.number]
    return found


def patents_in(talks: models.Negotiation) -> dict[str, PatentModel]:
    """The patents of all its offers, asked once."""
    if "patents" not in talks.__dict__:
        wanted = {id for offer in talks.offers.all() for id in offer.terms["patents"]}
        found = PatentModel.objects.filter(pk__in=wanted) if wanted else ()
        talks.__dict__["patents"] = {str(one.pk): one for one in found}
    patents: dict[str, PatentModel] = talks.__dict__["patents"]
    return patents


class Comment(graphene.ObjectType):
    """A remark in the talks, for both sides."""

    organisation = graphene.Field(Organisation, required=True)
    author = graphene.String(required=True)
    text = graphene.String(required=True)
    made_at = graphene.DateTime(required=True)

    @staticmethod
    def resolve_author(root: models.Comment, info: graphene.ResolveInfo) -> str:
        return root.author.name or "A member without a name"


class Negotiation(graphene.ObjectType):
    """Talks over terms: offers that answer one another until one is accepted."""

    state = graphene.Field(NegotiationState, required=True)
    offers = graphene.List(graphene.NonNull(Offer), required=True)
    accepted = graphene.Field(Offer)
    locked_until = graphene.DateTime(description="The rights are kept for the buyer until then.")
    comments = graphene.List(graphene.NonNull(Comment), required=True)
    available_actions = graphene.List(
        graphene.NonNull(graphene.String),
        required=True,
        description="offer for offerMake, accept for offerAccept.",
    )

    @staticmethod
    def resolve_offers(root: models.Negotiation, info: graphene.ResolveInfo) -> Any:
        return root.offers.all()

    @staticmethod
    def resolve_accepted(root: models.Negotiation, info: graphene.ResolveInfo) -> Any:
        return next((one for one in root.offers.all() if one.pk == root.accepted_id), None)

    @staticmethod
    def resolve_comments(root: models.Negotiation, info: graphene.ResolveInfo) -> Any:
        return root.comments.all()

    @staticmethod
    def resolve_available_actions(
        root: models.Negotiation, info: graphene.ResolveInfo
    ) -> list[str]:
        return available(viewer(info), root, timezone.now())
