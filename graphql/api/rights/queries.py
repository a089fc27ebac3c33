from __future__ import annotations

from uuid import UUID

import graphene
from django.utils import timezone

from api.auth import viewer
from api.connection import PAGE_ARGUMENTS, Page, connection_of, page
from api.ids import parse_optional_id
from api.prefetch import prefetch
from marketplace.listings.selectors import listing_for
from marketplace.rights import models
from marketplace.rights.selectors import occupations_visible_to, of_listing, standing

from .types import PREFETCH, FieldName, Occupation

OccupationConnection = connection_of(Occupation)


class RightsQueries(graphene.ObjectType):
    occupations = graphene.Field(
        OccupationConnection,
        required=True,
        listing=graphene.ID(description="Of its patents, their families, and its know-how."),
        past=graphene.Boolean(
            default_value=False, description="Also those that have lapsed or were released."
        ),
        **PAGE_ARGUMENTS,
        description="The rights your organisations gave or hold, newest first.",
    )
    field_names = graphene.List(
        graphene.NonNull(FieldName),
        required=True,
        description="Fields of use that are compared by another name, by path.",
    )

    @staticmethod
    def resolve_occupations(
        root: None,
        info: graphene.ResolveInfo,
        first: int | None = None,
        after: str | None = None,
        listing: str | None = None,
        past: bool | None = False,
    ) -> Page:
        rows = prefetch(occupations_visible_to(viewer(info)), info, PREFETCH)
        wanted = parse_optional_id(listing, "Listing", field=("listing",))
        if wanted:
            found = models.Occupation.objects.filter(of_listing(listing_for(viewer(info), wanted)))
            rows = rows.filter(pk__in=found.values("pk"))
        if not past:
            rows = rows.filter(pk__in=standing(timezone.now()).values("pk"))
        return page(rows, first=first, after=after)

    @staticmethod
    def resolve_field_names(root: None, info: graphene.ResolveInfo) -> list[models.FieldName]:
        return list(models.FieldName.objects.order_by("path"))


def occupation_node(info: graphene.ResolveInfo, pk: UUID) -> models.Occupation | None:
    return occupations_visible_to(viewer(info)).filter(pk=pk).first()
