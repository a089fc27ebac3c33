"""Listings like a listing: what its own words and classes find, without itself and its family."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from marketplace.listings.models import Listing

from .engine import search
from .explanation import Ground, explained
from .listings import document_of_listing
from .matching import plain, text_of_listing
from .request import Hit, SearchRequest


def similar(
    listing: Listing, first: int, *, explain: bool
) -> tuple[Sequence[Hit], Mapping[str, Sequence[Ground]]]:
    """The `first` best, each standing for its family, and by id why. What is found comes from the
    words that everybody reads; whether a hit is still public is for the caller to ask."""
    document = document_of_listing(listing, card=False)
    request = SearchRequest(
        text=plain(text_of_listing(listing)),
        first=first + 1,  # of its own family one may be among them
        ipc=list(document.facets.get("ipc", ()))[:20],
        exclude=[str(listing.pk)],
        collapse=True,
        count=False,
    )
    result = search("listing", request)
    others = [hit for hit in result.hits if not hit.family or hit.family != document.family]
    return others[:first], explained(result, request) if explain else {}
