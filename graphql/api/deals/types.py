from __future__ import annotations

from typing import Any

import graphene
from django.utils import timezone
from graphene.relay import Node

from api.accounts.types import Organisation
from api.agreements.types import Agreement
from api.auth import viewer
from api.compliance.types import Dossier
from api.compliance.types import lookups as of_dossiers
from api.documents.types import Document
from api.listings.types import Listing, of_listings
from api.needs.types import Need
from api.negotiation.types import Negotiation
from api.royalties.types import of_agreements
from api.scalars import DealState, DeclineReason, DisclosureLevel, MandateAct, MandateState
from marketplace.accounts.viewer import Viewer
from marketplace.compliance.policies import sees
from marketplace.deals import models
from marketplace.deals.disclosure import level_of, nda_in_force, version_asked
from marketplace.deals.mandates import mandate_actors
from marketplace.deals.policies import sees_licensor, sides
from marketplace.deals.workflow import ACTS, MANDATES, WORKFLOW
from marketplace.listings.policies import visible_listings
from marketplace.needs.policies import sees_organisation


class Mandate(graphene.ObjectType):
    """What a transfer centre may do for an organisation."""

    class Meta:
        interfaces = (Node,)

    principal = graphene.Field(Organisation, required=True)
    centre = graphene.Field(Organisation, required=True)
    state = graphene.Field(MandateState, required=True)
    acts = graphene.List(graphene.NonNull(MandateAct), required=True)
    listings = graphene.List(
        graphene.NonNull(Listing), required=True, description="Over which; none: over all."
    )
    starts_on = graphene.Date(required=True)
    ends_on = graphene.Date(required=True, description="The last day, in Hong Kong.")
    commission_bp = graphene.Int(required=True, description="In basis points: 500 is 5 %.")
    created_at = graphene.DateTime(required=True)
    revision = graphene.Int(required=True)
    available_actions = graphene.List(
        graphene.NonNull(graphene.String),
        required=True,
        description="The moves that you may make now, for mandateMove.",
    )

    @staticmethod
    def resolve_listings(root: models.Mandate, info: graphene.ResolveInfo) -> Any:
        return root.listings.filter(visible_listings(viewer(info)))

    @staticmethod
    def resolve_available_actions(root: models.Mandate, info: graphene.ResolveInfo) -> list[str]:
        return MANDATES.available(root.state, by=mandate_actors(viewer(info), root))


class DealEvent(graphene.ObjectType):
    """Something that happened to a deal; `sha256` covers it all and `previous`, the one before."""

    number = graphene.Int(required=True)
    kind = graphene.String(required=True)
    at = graphene.DateTime(required=True)
    by = graphene.String(description="Who did it; null: time, or a side not yet introduced.")
    organisation = graphene.Field(Organisation, description="For whom.")
    mandate = graphene.Field(Mandate, description="Under which, where a broker did it.")
    facts = graphene.JSONString(required=True)
    previous = graphene.String(required=True)
    sha256 = graphene.String(required=True)

    @staticmethod
    def resolve_by(root: models.DealEvent, info: graphene.ResolveInfo) -> str | None:
        if root.user is None or hidden(viewer(info), root):
            return None
        return root.user.name or "A member without a name"

    @staticmethod
    def resolve_organisation(root: models.DealEvent, info: graphene.ResolveInfo) -> Any:
        return None if hidden(viewer(info), root) else root.organisation

    @staticmethod
    def resolve_mandate(root: models.DealEvent, info: graphene.ResolveInfo) -> Any:
        return None if hidden(viewer(info), root) else root.mandate


def hidden(seen_by: Viewer, event: models.DealEvent) -> bool:
    """Acts of a licensor that the viewer does not know yet."""
    deal = event.deal
    return event.organisation_id == deal.licensor_id and not sees_licensor(seen_by, deal)


class Nda(graphene.ObjectType):
    """A promise of both sides to keep secret what they learn."""

    class Meta:
        interfaces = (Node,)

    document = graphene.Field(Document, required=True)
    purpose = graphene.String(required=True)
    term_months = graphene.Int(required=True)
    signed_at = graphene.DateTime(description="By the last party.")
    ends_at = graphene.DateTime()


class Deal(graphene.ObjectType):
    """A buyer and a licensor over one listing, from the enquiry on."""

    class Meta:
        interfaces = (Node,)

    state = graphene.Field(DealState, required=True)
    revision = graphene.Int(required=True, description="Counts up with every event.")
    listing = graphene.Field(Listing, required=True)
    licensor = graphene.Field(
        Organisation, description="Null to the buyer of an anonymous listing until accepted."
    )
    buyer = graphene.Field(Organisation, required=True)
    need = graphene.Field(Need, description="That the buyer named; null where it is anonymous.")
    application = graphene.String(required=True, description="What for, in which product, market?")
    fit = graphene.String(required=True, description="What must it do that is not done today?")
    plan = graphene.String(required=True, description="Who decides, by when; the next step?")
    enquired_at = graphene.DateTime(required=True)
    due_at = graphene.DateTime(required=True, description="When it turns stale unanswered.")
    answered_at = graphene.DateTime()
    decline_reason = graphene.Field(DeclineReason)
    note = graphene.String(required=True, description="Of who declined or ended it.")
    level = graphene.Field(
        DisclosureLevel, required=True, description="How far the buyer sees into the listing."
    )
    ndas = graphene.List(graphene.NonNull(Nda), required=True, description="The newest first.")
    nda_in_force = graphene.Field(Nda)
    negotiation = graphene.Field(Negotiation, description="Null before the first offer.")
    agreements = graphene.List(
        graphene.NonNull(Agreement), required=True, description="The newest first."
    )
    dossier = graphene.Field(
        Dossier, description="For the parties and the operators; null before it is opened."
    )
    events = graphene.List(graphene.NonNull(DealEvent), required=True)
    created_at = graphene.DateTime(required=True)
    my_sides = graphene.List(
        graphene.NonNull(graphene.String), required=True, description="For whom you may act."
    )
    available_actions = graphene.List(
        graphene.NonNull(graphene.String),
        required=True,
        description="The moves that you may make now, for dealMove.",
    )

    @staticmethod
    def resolve_licensor(root: models.Deal, info: graphene.ResolveInfo) -> Any:
        return root.licensor if sees_licensor(viewer(info), root) else None

    @staticmethod
    def resolve_need(root: models.Deal, info: graphene.ResolveInfo) -> Any:
        need = root.need
        return need if need is None or sees_organisation(viewer(info), need) else None

    @staticmethod
    def resolve_decline_reason(root: models.Deal, info: graphene.ResolveInfo) -> str | None:
        return root.decline_reason or None

    @staticmethod
    def resolve_level(root: models.Deal, info: graphene.ResolveInfo) -> int:
        return level_of(root, timezone.now(), asked(info))[0]

    @staticmethod
    def resolve_ndas(root: models.Deal, info: graphene.ResolveInfo) -> Any:
        return root.ndas.all()

    @staticmethod
    def resolve_nda_in_force(root: models.Deal, info: graphene.ResolveInfo) -> Any:
        return nda_in_force(root, timezone.now(), asked(info))

    @staticmethod
    def resolve_negotiation(root: models.Deal, info: graphene.ResolveInfo) -> Any:
        return getattr(root, "negotiation", None)

    @staticmethod
    def resolve_agreements(root: models.Deal, info: graphene.ResolveInfo) -> Any:
        return root.agreements.all()

    @staticmethod
    def resolve_dossier(root: models.Deal, info: graphene.ResolveInfo) -> Any:
        dossier = getattr(root, "dossier", None)
        return dossier if dossier and sees(viewer(info), dossier) else None

    @staticmethod
    def resolve_events(root: models.Deal, info: graphene.ResolveInfo) -> Any:
        events = list(root.events.all())
        for event in events:
            event.deal = root  # its policy asks for listing and licensor
        return events

    @staticmethod
    def resolve_my_sides(root: models.Deal, info: graphene.ResolveInfo) -> list[str]:
        seen_by, now = viewer(info), timezone.now()
        acts = (None, *models.Mandate.Act.values)
        return sorted({side for act in acts for side in sides(seen_by, root, now, act)})

    @staticmethod
    def resolve_available_actions(root: models.Deal, info: graphene.ResolveInfo) -> list[str]:
        seen_by, now = viewer(info), timezone.now()
        return [
            move
            for (source, move) in WORKFLOW.moves
            if source == root.state
            and move in WORKFLOW.available(source, by=sides(seen_by, root, now, ACTS.get(move)))
        ]


def asked(info: graphene.ResolveInfo) -> int:
    """The version of the NDA's template that is asked for; looked up once a request."""
    memo = viewer(info).memo
    if "nda version" not in memo:
        memo["nda version"] = version_asked()
    version: int = memo["nda version"]
    return version


PREFETCH: dict[str, Any] = {
    "need": "need__organisation",
    "ndas": "ndas__document__signatures__organisation",
    "ndas.document": "ndas__document__parties",
    "negotiation": "negotiation__offers__organisation",
    "negotiation.comments": "negotiation__comments__author",
    "negotiation.comments.organisation": "negotiation__comments__organisation",
    "agreements": "agreements__document__signatures__organisation",
    "agreements.document": "agreements__document__parties",
    "agreements.disputes": "agreements__disputes__raised_by",
    "agreements.amendments": "agreements__amendments__document__signatures__organisation",
    "agreements.amendments.document": "agreements__amendments__document__parties",
    **of_agreements("agreements", "agreements__"),
    "dossier": ("dossier__licensor", "dossier__licensee"),
    **{f"dossier.{path}": found for path, found in of_dossiers("dossier__").items()},
    **dict.fromkeys(
        (f"negotiation.offers.{name}" for name in ("grossToNet", "findings", "law", "seat")),
        "dossier",
    ),
    "events": "events__user",
    "events.organisation": "events__organisation",
    "events.mandate": "events__mandate__principal",
    "events.mandate.centre": "events__mandate__centre",
    **of_listings("listing", "listing__"),
}
MANDATE_PREFETCH = {"principal": "principal", "centre": "centre"}
