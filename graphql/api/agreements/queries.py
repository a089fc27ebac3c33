from __future__ import annotations

from uuid import UUID

import graphene
from django.utils import timezone

from api.auth import viewer
from api.ids import parse_id
from api.prefetch import prefetch
from api.royalties.types import of_agreements
from marketplace.agreements import models
from marketplace.deals.selectors import deals_visible_to
from marketplace.disputes.models import Dispute
from marketplace.listings.selectors import listings_visible_to

from .types import Agreement, ExpressOffer


class AgreementQueries(graphene.ObjectType):
    agreement = graphene.Field(Agreement, id=graphene.ID(required=True))

    express_offer = graphene.Field(
        ExpressOffer,
        listing=graphene.ID(required=True),
        description="Of a listing that you may see; null: it has none now.",
    )

    @staticmethod
    def resolve_express_offer(
        root: None, info: graphene.ResolveInfo, listing: str
    ) -> models.ExpressOffer | None:
        pk = parse_id(listing, "Listing", field=("listing",))
        listings = listings_visible_to(viewer(info)).filter(pk=pk)
        return models.ExpressOffer.objects.filter(listing__in=listings, withdrawn_at=None).first()

    @staticmethod
    def resolve_agreement(
        root: None, info: graphene.ResolveInfo, id: str
    ) -> models.Agreement | None:
        return agreement_node(info, parse_id(id, "Agreement"))


def agreement_node(info: graphene.ResolveInfo, pk: UUID) -> models.Agreement | None:
    deals = deals_visible_to(viewer(info), timezone.now())
    agreements = models.Agreement.objects.filter(pk=pk, deal__in=deals)
    agreements = agreements.select_related("document", "deal__licensor", "deal__buyer")
    return prefetch(agreements, info, of_agreements()).first()


def amendment_node(info: graphene.ResolveInfo, pk: UUID) -> models.Amendment | None:
    deals = deals_visible_to(viewer(info), timezone.now())
    amendments = models.Amendment.objects.filter(pk=pk, agreement__deal__in=deals)
    return amendments.select_related(
        "document", "agreement__deal__licensor", "agreement__deal__buyer"
    ).first()


def dispute_node(info: graphene.ResolveInfo, pk: UUID) -> Dispute | None:
    deals = deals_visible_to(viewer(info), timezone.now())
    disputes = Dispute.objects.filter(pk=pk, agreement__deal__in=deals)
    return disputes.select_related("agreement__deal__licensor", "agreement__deal__buyer").first()
