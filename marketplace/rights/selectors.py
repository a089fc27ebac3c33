from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.db.models import Q, QuerySet

from marketplace.accounts.viewer import Viewer
from marketplace.core.errors import NotFound
from marketplace.listings.models import Listing

from .availability import OCCUPATIONS, RELATIONS, availability, left_by_territory
from .models import FieldName, Occupation
from .policies import visible_occupations
from .scope import Names


def field_names() -> Names:
    return dict(FieldName.objects.values_list("path", "joined_to"))


def standing(now: datetime) -> QuerySet[Occupation]:
    """What is in others' way at `now`, or will be."""
    return Occupation.objects.filter(live__overlap=DateTimeTZRange(now, None))


def occupations_visible_to(viewer: Viewer) -> QuerySet[Occupation]:
    return Occupation.objects.filter(visible_occupations(viewer)).select_related("asset__patent")


def occupation_for(viewer: Viewer, occupation_id: UUID) -> Occupation:
    found = occupations_visible_to(viewer).filter(pk=occupation_id).first()
    if found is None:
        raise NotFound("No such occupation.", field=("id",))
    return found


def of_listing(listing: Listing) -> Q:
    """Of the assets that the listing licenses; see services.assets_of."""
    patents = listing.patents.all()
    return (
        Q(asset__listing=listing)
        | Q(asset__patent__in=patents)
        | Q(asset__patent__simple_family__simple_members__in=patents)
    )


__all__ = [
    "OCCUPATIONS",
    "RELATIONS",
    "availability",
    "field_names",
    "left_by_territory",
    "occupation_for",
    "occupations_visible_to",
    "of_listing",
    "standing",
]
