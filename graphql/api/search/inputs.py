"""What may be asked of search."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import graphene

from api.connection import DEFAULT_PAGE
from api.scalars import Exclusivity, ListingKind
from search.request import FACETS, MATCHES, SORTS, Price, SearchRequest

FacetName = graphene.Enum("FacetName", [(name.upper(), name) for name in FACETS])
SearchSort = graphene.Enum("SearchSort", [(name.upper(), name) for name in SORTS])
SearchMatch = graphene.Enum("SearchMatch", [(name.upper(), name) for name in MATCHES])


class PriceRange(graphene.InputObjectType):
    """Bounds in minor units of one currency."""

    currency = graphene.String(required=True, description="ISO 4217.")
    least = graphene.BigInt()
    most = graphene.BigInt()


class SearchFilters(graphene.InputObjectType):
    """Each filter takes any of its values; several filters all have to hold."""

    kind = graphene.List(graphene.NonNull(ListingKind))
    ipc = graphene.List(
        graphene.NonNull(graphene.String), description="A61K finds A61K 31/00 and all below."
    )
    ipc_section = graphene.List(graphene.NonNull(graphene.String))
    ipc_subclass = graphene.List(graphene.NonNull(graphene.String))
    trl = graphene.List(graphene.NonNull(graphene.Int))
    territory = graphene.List(graphene.NonNull(graphene.String), description="WIPO ST.3.")
    exclusivity = graphene.List(graphene.NonNull(Exclusivity))
    jurisdiction = graphene.List(graphene.NonNull(graphene.String), description="Of the owner.")
    industry = graphene.List(graphene.NonNull(graphene.String), description="GB/T 4754.")
    sdg = graphene.List(graphene.NonNull(graphene.Int))
    year = graphene.List(graphene.NonNull(graphene.Int))
    price = PriceRange()


def request_of(asked: Mapping[str, Any]) -> SearchRequest:
    """The arguments as search knows them; null is as if it were not given."""
    filters = dict(asked.get("filters") or {})
    price = filters.pop("price", None)
    return SearchRequest(
        text=asked.get("text") or "",
        match=asked.get("match") or "best",
        filters={name: [str(v) for v in values] for name, values in filters.items() if values},
        price=Price(**price) if price else None,
        facets=list(dict.fromkeys(asked.get("facets") or ())),
        sort=asked.get("sort") or "relevance",
        first=DEFAULT_PAGE if asked.get("first") is None else asked["first"],
        after=asked.get("after"),
        collapse=bool(asked.get("collapse")),
    )
