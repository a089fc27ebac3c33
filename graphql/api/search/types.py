"""Results of search and matching. Hits are shown from the index's own cards, so that a page of
results costs no look-up; whoever wants more of a hit asks for its `listing`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import graphene

from api.connection import PageInfo
from api.ids import global_id
from api.listings.types import Listing
from api.needs.types import Need
from api.scalars import (
    Exclusivity,
    IprStatus,
    Language,
    ListingKind,
    Money,
    PriceModel,
    TextStatus,
)
from search import models


@dataclass(frozen=True, slots=True)
class Card:
    """A hit as its type resolves it; each attribute is a field, so resolvers do nothing."""

    id: str
    title: str
    summary: str
    excerpt: str
    language: str
    text_status: str
    kind: str
    trl: int | None
    ipr_status: str | None
    exclusivity: list[str]
    territories: list[str]
    ipc: list[str]
    industry: str
    sdgs: list[int]
    price_model: str | None
    price: Mapping[str, Any] | None
    owner_name: str | None
    owner_jurisdiction: str | None
    patent_numbers: list[str]
    published_at: str | None
    is_sample: bool
    listing: Any


class SearchHit(graphene.ObjectType):
    """A published listing, as a list of results shows it."""

    id = graphene.ID(required=True, description="Of the listing.")
    title = graphene.String(required=True)
    summary = graphene.String(required=True)
    excerpt = graphene.String(required=True, description="How the description begins.")
    language = graphene.Field(Language, required=True, description="Of title and summary.")
    text_status = graphene.Field(TextStatus, required=True)
    kind = graphene.Field(ListingKind, required=True)
    trl = graphene.Int()
    ipr_status = graphene.Field(IprStatus)
    exclusivity = graphene.List(graphene.NonNull(Exclusivity), required=True)
    territories = graphene.List(graphene.NonNull(graphene.String), required=True)
    ipc = graphene.List(graphene.NonNull(graphene.String), required=True)
    industry = graphene.String(required=True)
    sdgs = graphene.List(graphene.NonNull(graphene.Int), required=True)
    price_model = graphene.Field(PriceModel)
    price = graphene.Field(Money)
    owner_name = graphene.String(description="Null where the owner stays anonymous.")
    owner_jurisdiction = graphene.String()
    patent_numbers = graphene.List(graphene.NonNull(graphene.String), required=True)
    published_at = graphene.String(description="ISO 8601.")
    is_sample = graphene.Boolean(required=True)
    listing = graphene.Field(Listing, required=True)


class Highlight(graphene.ObjectType):
    """Where the words were found: HTML, escaped, with <em> around them."""

    field = graphene.String(required=True, description="title, summary or description")
    fragment = graphene.String(required=True)


class Ground(graphene.ObjectType):
    """One thing that made a result rank."""

    kind = graphene.String(
        required=True,
        description="word, translation, synonym, similar, prefix, phrase, number, class (that the"
        " query names), candidates (their classes), own (classes asked for), signs (single"
        " characters), meaning, filter (that lets it through), without (where the query only says"
        " what must not be there)",
    )
    asked = graphene.String(
        required=True,
        description="How the query says it, or the name of the filter; may be empty.",
    )
    found = graphene.List(
        graphene.NonNull(graphene.String), required=True, description="How the result says it."
    )
    fields = graphene.List(graphene.NonNull(graphene.String), required=True)
    share = graphene.Float(required=True, description="Of the score, 0 to 1.")
    sentence = graphene.String(required=True, description="All this in words.")


class SearchEdge(graphene.ObjectType):
    """A hit, its place in the list, and why it is there."""

    node = graphene.Field(SearchHit, required=True)
    cursor = graphene.String(required=True)
    score = graphene.Float(required=True)
    highlights = graphene.List(graphene.NonNull(Highlight), required=True)
    why = graphene.List(
        graphene.NonNull(Ground),
        required=True,
        description="The weightiest first; from the public words of the listing alone.",
    )
    family_size = graphene.Int(
        required=True,
        description="Listings of the same patent families, or of the very same text, that are"
        " found; of them only this one shows.",
    )


class SimilarListing(graphene.ObjectType):
    """A listing like another, and what the two have in common."""

    node = graphene.Field(SearchHit, required=True)
    why = graphene.List(
        graphene.NonNull(Ground),
        required=True,
        description="The weightiest first; from the public words of both.",
    )
    family_size = graphene.Int(required=True, description="As of a SearchEdge.")


class FacetBucket(graphene.ObjectType):
    """A value, and how many hits have it."""

    value = graphene.String(required=True)
    count = graphene.Int(required=True)


class Facet(graphene.ObjectType):
    """Counts of a facet's values among what all other filters leave."""

    name = graphene.String(required=True)
    buckets = graphene.List(graphene.NonNull(FacetBucket), required=True)


class SearchConnection(graphene.ObjectType):
    """A page of hits."""

    edges = graphene.List(graphene.NonNull(SearchEdge), required=True)
    page_info = graphene.Field(PageInfo, required=True)
    total_count = graphene.Int(required=True)
    facets = graphene.List(graphene.NonNull(Facet), required=True)
    did_you_mean = graphene.String(description="The query with unknown words corrected.")
    warnings = graphene.List(
        graphene.NonNull(graphene.String),
        required=True,
        description="What of the text nothing can have, such as ipc:nonsense, each with a right"
        " form.",
    )
    degraded = graphene.Boolean(
        required=True, description="The search engine is down; the embedded one answered."
    )


class IpcSuggestion(graphene.ObjectType):
    """A subclass that a text may belong to."""

    symbol = graphene.String(required=True)
    title = graphene.String(required=True)
    share = graphene.Float(required=True, description="How likely it is, 0 to 1.")


class SuggestedListing(graphene.ObjectType):
    """A listing that has what is typed."""

    id = graphene.ID(required=True)
    title = graphene.String(required=True)


class Suggestions(graphene.ObjectType):
    """What the query could become, and what it would find."""

    words = graphene.List(graphene.NonNull(graphene.String), required=True)
    listings = graphene.List(graphene.NonNull(SuggestedListing), required=True)


class MatchComponent(graphene.ObjectType):
    """The points of one part of the score."""

    name = graphene.String(required=True)
    points = graphene.Int(required=True)
    of = graphene.Int(required=True, description="The most it can give.")


class Match(graphene.ObjectType):
    """A listing and a need, and how well they fit."""

    listing = graphene.Field(Listing, required=True)
    need = graphene.Field(Need, required=True)
    score = graphene.Int(required=True, description="0 to 100, the sum of the components.")
    family_size = graphene.Int(
        required=True, description="Listings of its family that answer; only the best one shows."
    )
    components = graphene.List(graphene.NonNull(MatchComponent), required=True)
    reasons = graphene.List(graphene.NonNull(graphene.String), required=True)
    why = graphene.List(
        graphene.NonNull(Ground),
        required=True,
        description="Why search took it for a candidate: the weightiest first.",
    )
    exclusions = graphene.List(
        graphene.NonNull(graphene.String),
        required=True,
        description="Why it is out: must-haves that fail, and what is not of interest.",
    )


class Matches(graphene.ObjectType):
    """Best first; those that are out stand apart, each with its reason."""

    matches = graphene.List(graphene.NonNull(Match), required=True)
    excluded = graphene.List(graphene.NonNull(Match), required=True)
    degraded = graphene.Boolean(required=True)


class SynonymGroup(graphene.ObjectType):
    """Words that are the same to search."""

    id = graphene.ID(required=True)
    words = graphene.List(graphene.NonNull(graphene.String), required=True)
    updated_at = graphene.DateTime(required=True)

    @staticmethod
    def resolve_id(root: models.SynonymGroup, info: graphene.ResolveInfo) -> str:
        return global_id("SynonymGroup", root.pk)
