"""Listings like a listing: what its own words and classes find, without itself and its family."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from marketplace.listings.models import Listing

from .engine import search
from .explanation import Ground, explained
from .listings import document_of_listing
from .matching import plain, text_of_listing
from .request import Hit, SearchRequest

Why = Callable[[Mapping[str, int]], Mapping[str, Sequence[Ground]]]


def similar(listing: Listing, first: int) -> tuple[Sequence[Hit], Why]:
    """The `first` best, each standing for its family, and what says why of those that are still
    public, by id with their revisions. What is found comes from the words that everybody reads."""
    document = document_of_listing(listing, card=False)
    request = SearchRequest(
        text=plain(text_of_listing(listing)),
        first=first + 1,  # of its own family one may be among them
        ipc=list(document.facets.get("ipc", ()))[:20],
        exclude=[str(listing.pk)],
        collapse=True,
        count=False,
        private=listing.state != Listing.State.PUBLISHED,
    )
    result = search("listing", request)
    others = [hit for hit in result.hits if not hit.family or hit.family != document.family]
    return others[:first], lambda public: explained(result, request, public)
