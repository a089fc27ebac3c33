from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import graphene
from django.utils import timezone

from api.auth import language_of, viewer
from api.connection import DEFAULT_PAGE, PageInfo
from api.ids import global_id, parse_id
from api.listings.queries import listing_node
from api.listings.types import of_listings
from api.needs.queries import need_node
from api.prefetch import prefetch, requested_fields
from api.scalars import Language
from marketplace.analytics.services import count
from marketplace.core.errors import Invalid
from marketplace.core.language import to_traditional
from marketplace.listings.models import Listing
from marketplace.listings.selectors import published_among
from marketplace.matching.reasons import sentence
from marketplace.matching.scoring import POINTS
from marketplace.patents.ipc import Symbol, title_of
from search.engine import search
from search.explanation import Ground, explained
from search.explanation_words import sentence as in_words
from search.highlight import asked_for, highlight
from search.ipc_suggestion import suggest_ipc
from search.matching import Matched, matches_for_listing, matches_for_need
from search.matching import Matches as Found
from search.request import Hit
from search.similar import similar
from search.suggest import suggest
from search.synonyms import synonyms_for

from .inputs import FacetName, SearchFilters, SearchMatch, SearchSort, request_of
from .types import (
    Card,
    IpcSuggestion,
    Matches,
    SearchConnection,
    SimilarListing,
    Suggestions,
    SynonymGroup,
)


class SearchQueries(graphene.ObjectType):
    search = graphene.Field(
        SearchConnection,
        required=True,
        text=graphene.String(
            description='Words, "a phrase" (claims are not read for it), -without (as written, not'
            " translated), ipc:A61K, trl:6 or trl:4-6, number:US8000000, applicant:Garnet."
        ),
        match=SearchMatch(default_value="best"),
        filters=SearchFilters(),
        facets=graphene.List(graphene.NonNull(FacetName)),
        sort=SearchSort(default_value="relevance"),
        first=graphene.Int(default_value=DEFAULT_PAGE, description="At most 100."),
        after=graphene.String(),
        language=Language(description="Of titles and summaries; else that of each original."),
        collapse=graphene.Boolean(
            default_value=True, description="Of each family of listings, show only the best."
        ),
        description="Published listings, the best first.",
    )
    suggest = graphene.Field(
        Suggestions, required=True, typed=graphene.String(required=True), language=Language()
    )
    matches_for_need = graphene.Field(
        Matches,
        need=graphene.ID(required=True),
        first=graphene.Int(default_value=10, description="At most 100."),
        language=Language(description="Of the reasons; else yours."),
        description="Listings for a need of yours, best first. Null for an unknown need.",
    )
    matches_for_listing = graphene.Field(
        Matches,
        listing=graphene.ID(required=True),
        first=graphene.Int(default_value=10, description="At most 100."),
        language=Language(description="Of the reasons; else yours."),
        description="Open needs for a listing, best first. Null for an unknown listing.",
    )

    similar = graphene.List(
        graphene.NonNull(SimilarListing),
        listing=graphene.ID(required=True),
        first=graphene.Int(default_value=6, description="At most 24."),
        language=Language(description="Of titles, summaries and reasons."),
        description="Published listings like a listing, the most alike first, without those of"
        " its own family. Null for an unknown listing.",
    )
    ipc_suggestions = graphene.List(
        graphene.NonNull(IpcSuggestion),
        required=True,
        text=graphene.String(required=True, description="Of a need or a listing."),
        language=Language(description="Of the titles of classes; else yours."),
        description="Subclasses of the IPC for a text, told by its words; none where no word is"
        " known.",
    )
    synonyms = graphene.List(
        graphene.NonNull(SynonymGroup),
        required=True,
        word=graphene.String(description="Only groups with a word of this text."),
        description="Words that are the same to search, for operators; at most 500 groups.",
    )

    @staticmethod
    def resolve_ipc_suggestions(
        root: None, info: graphene.ResolveInfo, text: str, language: str | None = None
    ) -> Any:
        speaks = language_of(info, language)
        return [
            SimpleNamespace(symbol=one, title=title_of(Symbol(one), speaks), share=share)
            for one, share in suggest_ipc(text)
        ]

    @staticmethod
    def resolve_synonyms(root: None, info: graphene.ResolveInfo, word: str | None = None) -> Any:
        return synonyms_for(viewer(info), word)

    @staticmethod
    def resolve_search(
        root: None, info: graphene.ResolveInfo, language: str | None = None, **asked: Any
    ) -> Any:
        request = request_of(asked)
        result = search("listing", request)
        fields = requested_fields(info)
        hits, public = still_visible(
            info, result.hits, wants_listing="edges.node.listing" in fields
        )
        if shows("edges", fields):
            count_shown(info, [hit.id for hit, _ in hits])
        words = asked_for(result.plan) if "edges.highlights" in fields else frozenset()
        why = explained(result, request, public) if "edges.why" in fields else {}
        speaks = language_of(info, language)
        edges = []
        for hit, listing in hits:
            card = card_of(hit, listing, language)
            marks = highlights(card, words) if words else ()
            edges.append(
                SimpleNamespace(
                    node=card,
                    cursor=hit.cursor,
                    score=hit.score,
                    highlights=marks,
                    why=grounds(why.get(hit.id, ()), speaks),
                    family_size=hit.family_size,
                )
            )
        return SimpleNamespace(
            edges=edges,
            page_info=PageInfo(
                has_next_page=result.more,
                has_previous_page=bool(request.after),
                start_cursor=result.hits[0].cursor if result.hits else None,
                end_cursor=result.hits[-1].cursor if result.hits else None,
            ),
            total_count=result.total,
            facets=[
                SimpleNamespace(name=name, buckets=buckets)
                for name, buckets in result.facets.items()
            ],
            did_you_mean=result.did_you_mean,
            warnings=result.plan.warnings if result.plan else (),
            degraded=result.degraded,
        )

    @staticmethod
    def resolve_similar(
        root: None,
        info: graphene.ResolveInfo,
        listing: str,
        first: int | None = None,
        language: str | None = None,
    ) -> Any:
        found = listing_node(info, parse_id(listing, "Listing", field=("listing",)))
        if found is None:
            return None
        fields = requested_fields(info)
        alike, told = similar(found, number_of("listings", first, usual=6, most=24))
        hits, public = still_visible(info, alike, wants_listing="node.listing" in fields)
        why = told(public) if "why" in fields else {}
        count_shown(info, [hit.id for hit, _ in hits])
        speaks = language_of(info, language)
        return [
            SimpleNamespace(
                node=card_of(hit, row, language),
                why=grounds(why.get(hit.id, ()), speaks),
                family_size=hit.family_size,
            )
            for hit, row in hits
        ]

    @staticmethod
    def resolve_suggest(
        root: None, info: graphene.ResolveInfo, typed: str, language: str | None = None
    ) -> Any:
        found = suggest(typed)
        hits, _ = still_visible(info, found.listings, wants_listing=False)
        cards = [card_of(hit, listing, language) for hit, listing in hits]
        return SimpleNamespace(words=found.words, listings=cards)

    @staticmethod
    def resolve_matches_for_need(
        root: None,
        info: graphene.ResolveInfo,
        need: str,
        first: int | None = None,
        language: str | None = None,
    ) -> Any:
        found = need_node(info, parse_id(need, "Need", field=("need",)))
        if found is None:
            return None
        matches = shown(
            info, matches_for_need(found, viewer(info), timezone.now()), first, language
        )
        if shows("matches", requested_fields(info)):
            count_shown(info, [one.listing.pk for one in matches.matches])
        return matches

    @staticmethod
    def resolve_matches_for_listing(
        root: None,
        info: graphene.ResolveInfo,
        listing: str,
        first: int | None = None,
        language: str | None = None,
    ) -> Any:
        found = listing_node(info, parse_id(listing, "Listing", field=("listing",)))
        return found and shown(
            info, matches_for_listing(found, viewer(info), timezone.now()), first, language
        )


def still_visible(
    info: graphene.ResolveInfo, hits: Sequence[Hit], *, wants_listing: bool
) -> tuple[list[tuple[Hit, Listing | None]], Mapping[str, int]]:
    """The index is a hint, the database decides: in one statement, which hits are still public,
    by id with their revisions; with their rows only where somebody asks for them. Of what became
    anonymous since, the card still names the owner."""
    pks = [hit.id for hit in hits]
    named = [hit.id for hit in hits if hit.card["owner"]]
    if wants_listing:
        public = Listing.objects.filter(state=Listing.State.PUBLISHED, pk__in=pks)
        public = public.exclude(anonymous=True, pk__in=named)
        rows = prefetch(public, info, of_listings("listing", "")).in_bulk()
        listed = {str(pk): row for pk, row in rows.items()}
        found = [(hit, listed.get(hit.id)) for hit in hits if hit.id in listed]
        return found, {id: row.revision for id, row in listed.items()}
    revisions = published_among(pks, named)
    return [(hit, None) for hit in hits if hit.id in revisions], revisions


def shows(name: str, fields: Iterable[str]) -> bool:
    """Whether any of it is asked for: of a total or facets alone, nothing is shown."""
    return any(field.partition(".")[0] == name for field in fields)


def count_shown(info: graphene.ResolveInfo, listings: Iterable[UUID | str]) -> None:
    count("impressions", listings, viewer=viewer(info), now=timezone.now())


def card_of(hit: Hit, listing: Listing | None, language: str | None) -> Card:
    card = hit.card
    text = card["texts"][language or card["original"]]
    return Card(
        id=global_id("Listing", hit.id),
        title=text["title"],
        summary=text["summary"],
        excerpt=text["excerpt"],
        language=text["language"],
        text_status=text["status"],
        kind=card["kind"],
        trl=card["trl"],
        ipr_status=card["ipr_status"],
        exclusivity=card["exclusivity"],
        territories=card["territories"],
        ipc=card["ipc"],
        industry=card["industry"],
        sdgs=card["sdgs"],
        price_model=card["price_model"],
        price=card["price"],
        owner_name=card["owner"],
        owner_jurisdiction=card["jurisdiction"],
        patent_numbers=card["numbers"],
        published_at=card["published_at"],
        is_sample=card["is_sample"],
        listing=listing,
    )


def highlights(card: Card, words: frozenset[str]) -> list[Any]:
    names = (("title", card.title), ("summary", card.summary), ("description", card.excerpt))
    return [
        SimpleNamespace(field=name, fragment=fragment)
        for name, text in names
        if (fragment := highlight(text, words))
    ]


def number_of(what: str, first: int | None, *, usual: int, most: int) -> int:
    size = usual if first is None else first
    if not 1 <= size <= most:
        raise Invalid(f"1 to {most} {what}, not {size}.", field=("first",))
    return size


def shown(info: graphene.ResolveInfo, found: Found, first: int | None, language: str | None) -> Any:
    size = number_of("matches", first, usual=10, most=100)
    speaks = language_of(info, language)
    fields = requested_fields(info)
    parts = {}
    for name, pairs in (("matches", found.found[:size]), ("excluded", found.excluded[:size])):
        why = found.why(pairs) if f"{name}.why" in fields else [()] * len(pairs)
        parts[name] = [match_of(*one, speaks) for one in zip(pairs, why, strict=True)]
    return SimpleNamespace(**parts, degraded=found.degraded)


def grounds(found: Sequence[Ground], language: str) -> list[Any]:
    return [
        SimpleNamespace(
            kind=one.kind,
            asked=in_script(one.asked, language),
            found=[in_script(word, language) for word in one.found],
            fields=one.fields,
            share=one.share,
            sentence=in_words(one, language),
        )
        for one in found
    ]


def in_script(text: str, language: str) -> str:
    return to_traditional(text) if language == "zh-Hant" else text


def match_of(matched: Matched, why: Sequence[Ground], language: str) -> Any:
    return SimpleNamespace(
        listing=matched.listing,
        need=matched.need,
        score=matched.match.score,
        family_size=matched.family_size,
        components=[
            SimpleNamespace(name=name, points=points, of=POINTS[name])
            for name, points in matched.match.components.items()
        ],
        reasons=[sentence(reason, language) for reason in matched.match.reasons],
        why=grounds(why, language),
        exclusions=[sentence(reason, language) for reason in matched.match.exclusions],
    )
