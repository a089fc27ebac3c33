"""Documents of listings and needs: what the index holds of them.

Whoever asks gets the same index, so it holds only what everybody may see: of an anonymous listing
neither owner nor patents, numbers or applicants.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Any

from django.db.models import QuerySet

from marketplace.core.language import Language
from marketplace.listings.models import Listing, ListingText
from marketplace.listings.selectors import symbols_of, wording
from marketplace.needs.models import Need
from marketplace.patents.models import Patent

from .document import Document, ipc_facets
from .text import tokens


def listings_to_index() -> QuerySet[Listing]:
    return listings_to_read().filter(state=Listing.State.PUBLISHED)


def listings_to_read() -> QuerySet[Listing]:
    """In any state, with what their documents are made of."""
    return Listing.objects.select_related("owner").prefetch_related(
        "texts", "patents", "advantages"
    )


def needs_to_index() -> QuerySet[Need]:
    return Need.objects.filter(state=Need.State.OPEN).select_related("organisation")


def once(texts: Iterable[str]) -> list[str]:
    return [text for text in dict.fromkeys(texts) if text.strip()]


def document_of_listing(listing: Listing, *, card: bool = True) -> Document:
    """Both Chinese scripts become the same tokens, so of the two only one is indexed. Without its
    card, most of which is the other script, it is made much faster."""
    texts = sorted(listing.texts.all(), key=lambda t: t.status)
    by_language = {text.language: text for text in texts}
    chinese = by_language.get(Language.HANS) or by_language.get(Language.HANT)
    indexed = [t for t in (by_language.get(Language.EN), chinese) if t]
    patents: list[Patent] = [] if listing.anonymous else list(listing.patents.all())
    symbols = symbols_of(listing)
    published = listing.published_at
    years = [d.year for p in patents if (d := p.publication_date)]
    year = max(years) if years else (published.year if published else None)
    return Document(
        id=str(listing.pk),
        revision=listing.revision,
        texts={
            "title": once([t.title for t in indexed] + [w for p in patents for w in titles(p)]),
            "summary": once(t.summary for t in indexed),
            "description": once(
                [t.description for t in indexed]
                + [t.problem for t in indexed]
                + [", ".join(listing.fields_of_use)]
                + [a.metric for a in listing.advantages.all()]
                + [w for p in patents for w in (p.abstract_en, p.abstract_hans or p.abstract_hant)]
            ),
            "applicants": once(
                []
                if listing.anonymous
                else [
                    listing.owner.name,
                    listing.owner.name_zh,
                    *(a for p in patents for a in p.applicants),
                ]
            ),
        },
        claims="\n".join(p.claims for p in patents),
        numbers=once(key for p in patents for key in p.number_keys),
        facets={
            "kind": [listing.kind],
            "trl": [str(listing.trl)] if listing.trl else [],
            "territory": listing.territories,
            "exclusivity": listing.exclusivity,
            "jurisdiction": [] if listing.anonymous else once([listing.owner.jurisdiction]),
            "industry": once([listing.industry]),
            "sdg": [str(goal) for goal in listing.sdgs],
            "year": [str(year)] if year else [],
            **ipc_facets(symbols),
        },
        price=listing.price_amount,
        currency=listing.price_currency,
        published=int(published.timestamp() * 1000) if published else 0,
        card=card_of_listing(listing, symbols) if card else {},
        family=family_of(patents, indexed),
    )  # fmt: skip


SAME_FROM = 40  # tokens; shorter texts may be alike by chance


def family_of(patents: list[Patent], texts: list[ListingText]) -> str:
    """What listings of one technology have in common: the simple families of their patents, or
    without any that the public sees, their text word for word."""
    if patents:
        return digest("patents", sorted({str(p.simple_family_id or p.pk) for p in patents}))
    for text in texts[:1]:
        said = tokens(f"{text.title}\n{text.summary}\n{text.description}")
        if len(said) >= SAME_FROM:
            return digest("text", said)
    return ""


def digest(kind: str, parts: list[str]) -> str:
    return f"{kind}:{hashlib.sha256(' '.join(parts).encode()).hexdigest()[:32]}"


def titles(patent: Patent) -> list[str]:
    return [patent.title_en, patent.title_hans or patent.title_hant, patent.title_other]


def beginning(text: ListingText) -> ListingText:
    """As much of a text as a card shows, so that no more is converted from script to script."""
    return ListingText(
        language=text.language,
        status=text.status,
        title=text.title,
        summary=text.summary,
        description=text.description[:400],
    )


def card_of_listing(listing: Listing, symbols: list[str]) -> dict[str, Any]:
    """What a hit shows, in each language, so that a page of results needs no further look-up."""
    texts = [beginning(text) for text in listing.texts.all()]
    words = {language: wording(texts, language) for language in Language.values} if texts else {}
    return {
        "texts": {
            language: {
                "language": found.language,
                "status": found.status,
                "title": found.title,
                "summary": found.summary,
                "excerpt": found.description,
            }
            for language, found in words.items()
        },
        "original": listing.original_language,
        "kind": listing.kind,
        "trl": listing.trl,
        "ipr_status": listing.ipr_status or None,
        "exclusivity": listing.exclusivity,
        "territories": listing.territories,
        "ipc": symbols[:20],
        "industry": listing.industry,
        "sdgs": listing.sdgs,
        "price_model": listing.price_model or None,
        "price": {"amount": listing.price_amount, "currency": listing.price_currency}
        if listing.price_amount is not None
        else None,
        "owner": None if listing.anonymous else listing.owner.name,
        "jurisdiction": None if listing.anonymous else listing.owner.jurisdiction or None,
        "numbers": []
        if listing.anonymous
        else [n for p in listing.patents.all() for n in p.publication_numbers][:20],
        "published_at": listing.published_at.isoformat() if listing.published_at else None,
        "is_sample": listing.is_sample,
    }


def document_of_need(need: Need) -> Document:
    return Document(
        id=str(need.pk),
        revision=need.revision,
        texts={
            "title": [need.title],
            "description": once([need.description, " ".join(need.must_words)]),
        },
        facets={
            "kind": need.kinds,
            "territory": need.territories,
            "exclusivity": once([need.exclusivity]),
            **ipc_facets(need.ipc),
        },
        published=int(need.created_at.timestamp() * 1000),
        card={"title": need.title, "language": need.language},
    )
