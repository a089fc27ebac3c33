"""Matches of needs and listings: candidates from the search engine, fit from their facts."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from marketplace.accounts.viewer import Viewer
from marketplace.core.errors import Invalid
from marketplace.feedback.selectors import declines_of_buyer
from marketplace.listings.models import Listing
from marketplace.matching.declines import learnt
from marketplace.matching.scoring import Match, Offer, Wish, match
from marketplace.needs.models import Need
from marketplace.needs.policies import sees_inside
from marketplace.patents.ipc import parse_symbol
from marketplace.rights.selectors import OCCUPATIONS, field_names, left_by_territory

from . import lexicon
from .declined import NOTHING_HEARD, Heard, Past, families_of
from .document import Document
from .engine import live, search
from .explanation import Ground, explainer
from .listings import document_of_listing, document_of_need, listings_to_index, needs_to_index
from .models import Generation
from .rarity import idf, rarity
from .reading import Reading
from .request import MAX_TEXT, SearchRequest, SearchResult
from .text import IS_HAN, RUN, normal, script, tokens, unmarked

CANDIDATES = 100
SIGNS = re.compile(r"""["“”„:&]|(?<!\S)-""")
SURE_ENOUGH = 0.2  # probability from which a translation stands for the word itself
T = TypeVar("T", Listing, Need)


@dataclass(frozen=True)
class Matched:
    """One pair, and how well it fits; for how many listings of one family it stands."""

    listing: Listing
    need: Need
    match: Match
    document: Document
    family_size: int = 1


Why = Callable[[Sequence[Matched]], list[Sequence[Ground]]]


@dataclass(frozen=True)
class Matches:
    """Best first. `excluded` are those out by a must-have or by what is not of interest. `why`
    says why the search engine took a pair for a candidate."""

    found: Sequence[Matched]
    excluded: Sequence[Matched]
    degraded: bool
    why: Why


Left = Mapping[str, frozenset[str]]  # by territory, under which exclusivities anything is free
NOTHING_TAKEN: Left = {}


def matches_for_need(need: Need, viewer: Viewer, now: datetime) -> Matches:
    """The published listings that answer the need, by what is still free of them at `now`. To those
    who see inside it also by its budget and by what its buyer declined before; all others are told
    nothing of either."""
    text = plain(text_of_need(need))
    private = need.state != Need.State.OPEN
    asked = SearchRequest(text=text, first=CANDIDATES, ipc=need.ipc, private=private)
    result = search("listing", asked)
    rows = in_order(listings_to_index().prefetch_related(*OCCUPATIONS), result, Listing)
    names = field_names()
    generation = live("listing")
    weights = telling(generation, text)
    wish = wish_of(need, weights, inside=sees_inside(viewer, need))
    declines = declines_of_buyer(viewer, need)
    past = Past(need, declines, families_of(declines, generation))
    documents = {listing.pk: document_of_listing(listing, card=False) for listing, _ in rows}
    declined = past.of_kin(documents)
    pairs = []
    for listing, relevance in rows:
        document = documents[listing.pk]
        heard = past.heard(listing, declined.get(document.kin))
        left = left_by_territory(listing, now, names)
        pairs.append(fit(wish, listing, need, relevance, weights, document, heard, left))

    def why(pairs: Sequence[Matched]) -> list[Sequence[Ground]]:
        found = explainer(text, result.plan)
        return [found.grounds(Reading.of(one.document)) if found else () for one in pairs]

    return ranked(pairs, result.degraded, why)


def matches_for_listing(listing: Listing, viewer: Viewer, now: datetime) -> Matches:
    """The open needs that what is still free of the listing at `now` answers. A budget counts only
    where the viewer sees it; what buyers declined never does, or its owner would know who."""
    text = plain(text_of_listing(listing))
    private = listing.state != Listing.State.PUBLISHED
    result = search("need", SearchRequest(text=text, first=CANDIDATES, private=private))
    document = document_of_listing(listing, card=False)
    rows = in_order(needs_to_index(), result, Need)
    known = telling_of(live("listing"), [text_of_need(need) for need, _ in rows])
    left = left_by_territory(listing, now, field_names())
    pairs = []
    for (need, relevance), weights in zip(rows, known, strict=True):
        wish = wish_of(need, weights, inside=sees_inside(viewer, need))
        pairs.append(fit(wish, listing, need, relevance, weights, document, left=left))

    def why(pairs: Sequence[Matched]) -> list[Sequence[Ground]]:
        found = explainer(text, result.plan)
        return [
            found.grounds(Reading.of(document_of_need(one.need))) if found else () for one in pairs
        ]

    return ranked(pairs, result.degraded, why)


def text_of_need(need: Need) -> str:
    return "\n".join([need.title, need.description, *need.must_words])[:MAX_TEXT]


def text_of_listing(listing: Listing) -> str:
    texts = [(t.title, t.summary, t.description) for t in listing.texts.all()]
    return "\n".join(word for text in texts for word in text)[:MAX_TEXT]


def plain(text: str) -> str:
    """The text without the signs of the query language, in whichever way search reads them: nobody
    wrote it as a query."""
    return SIGNS.sub(" ", unicodedata.normalize("NFKC", unmarked(text)))[:MAX_TEXT]


def in_order(rows: Iterable[T], result: SearchResult, model: type[T]) -> list[tuple[T, float]]:
    """The rows of the hits that are still to be found, with the share of the best one's score."""
    best = max((hit.score for hit in result.hits), default=0.0) or 1.0
    wanted = [hit.id for hit in result.hits]
    known = {str(row.pk): row for row in rows.filter(pk__in=wanted)}  # type: ignore[attr-defined]
    return [(known[h.id], h.score / best) for h in result.hits if h.id in known]


def telling(generation: Generation | None, text: str) -> dict[str, float]:
    """Each token of the text with how telling it is among the listings."""
    (found,) = telling_of(generation, [text])
    return found


def telling_of(generation: Generation | None, texts: Sequence[str]) -> list[dict[str, float]]:
    """The same of several texts, looked up at once."""
    if generation is None:
        return [{} for _ in texts]
    said = [dict.fromkeys(tokens(text)) for text in texts]
    counts = rarity(generation, sorted({token for words in said for token in words}))
    return [{t: idf(counts.get(t, 0), generation.documents) for t in words} for words in said]


def wish_of(need: Need, weights: Mapping[str, float], *, inside: bool) -> Wish:
    """What the need asks for; without its budget, which is for those who see inside it."""
    hidden = set() if inside else {Need.Criterion.BUDGET.value}
    return Wish(
        kinds=need.kinds,
        ipr_statuses=need.ipr_statuses,
        trl_min=need.trl_min,
        trl_max=need.trl_max,
        territories=need.territories,
        exclusivity=need.exclusivity,
        budget=need.budget_amount if inside else None,
        currency=need.budget_currency,
        ipc=need.ipc,
        must_haves=frozenset(need.must_haves) - hidden,
        tokens=weights,
        must=[(word, frozenset(tokens(word))) for word in need.must_words],
        excluded=[(w, group_of(w)) for w in need.not_of_interest],
    )


def group_of(text: str) -> frozenset[str]:
    """Tokens of a word; none of what is an IPC symbol, which is compared as such."""
    try:
        parse_symbol(text)
    except Invalid:
        return frozenset(tokens(text))
    return frozenset()


def fit(
    wish: Wish,
    listing: Listing,
    need: Need,
    relevance: float,
    weights: Mapping[str, float],
    document: Document | None = None,
    heard: Heard = NOTHING_HEARD,
    left: Left = NOTHING_TAKEN,
    *,
    with_words: bool = True,
) -> Matched:
    """How well the two fit, by what is `left` of the listing, else by all that it offers; without
    the words that they share where nobody reads why."""
    document = document or document_of_listing(listing, card=False)
    has = frozenset(document.body())
    spoken = with_translations(has, wish.tokens)
    groups = [group for text, group in (*wish.must, *wish.excluded) if group and says(has, text)]
    offer = Offer(
        kind=listing.kind,
        trl=listing.trl,
        ipr_status=listing.ipr_status,
        ipc=[s for s in document.facets.get("ipc", ()) if len(s) >= 3],
        territories=listing.territories,
        exclusivity=listing.exclusivity,
        price=listing.price_amount,
        currency=listing.price_currency,
        tokens=spoken.union(*groups),
    )
    if left:
        offer = narrowed(offer, wish, left)
    found = match(
        wish,
        offer,
        relevance=relevance * part_said(weights, spoken),
        words=shared_words(text_of_need(need), offer.tokens, weights) if with_words else (),
        learnt=learnt(wish, offer, heard.lessons),
        said=heard.said,
    )
    return Matched(listing, need, found, document)


def narrowed(offer: Offer, wish: Wish, left: Left) -> Offer:
    """The offer without what others have: in no territory where nothing is free, and under no
    exclusivity that is free nowhere where the need wants it."""
    free = [t for t, exclusivities in left.items() if exclusivities]
    wanted = [t for t in free if t in wish.territories] or free
    return replace(
        offer,
        territories=free,
        exclusivity=sorted({e for t in wanted for e in left[t]}),
        taken=[t for t in left if t not in free],
    )


def with_translations(has: frozenset[str], words: Iterable[str]) -> frozenset[str]:
    """What the listing says, and those of the need's words that it says in the other language, word
    by word: what alerts are filed by (watched.py), and no more, or they would miss some."""
    asked = list(words)
    found = set(has)
    for language in ("en", "zh"):
        for token, others in lexicon.expand(asked, language).items():
            if stated(others, has):
                found.add(token)
    return frozenset(found)


def stated(others: Iterable[lexicon.Alternative], has: frozenset[str]) -> bool:
    return any(has.issuperset(one.parts) for one in others if one.weight >= SURE_ENOUGH)


def says(has: frozenset[str], text: str) -> bool:
    """Whether all of a text is said, here or there in the other language: word by word, not by the
    pairs of signs that stand for it in the index, since where two words touch a pair means nothing;
    and two words of English by what they mean together, too."""
    asked = tokens(text)
    words = [*lexicon.words(text), *(t for t in asked if not IS_HAN.match(t))]
    together = {
        stem
        for stems, others in lexicon.phrases(asked).items()
        if stated(others, has)
        for stem in stems
    }
    known = {**lexicon.expand(words, "en"), **lexicon.expand(words, "zh")}
    return bool(words) and all(
        word in together or has.issuperset(lexicon.parts(word)) or stated(known.get(word, ()), has)
        for word in words
    )


def part_said(weights: Mapping[str, float], has: frozenset[str]) -> float:
    """How much of what the need says the listing speaks of, from 0.2 to 1: a third of the weight
    is full marks, since no two texts share more."""
    total = sum(weights.values())
    if not total:
        return 1.0
    shared = sum(weight for token, weight in weights.items() if token in has)
    return min(1.0, 0.2 + 0.8 * 3 * shared / total)


def shared_words(text: str, has: frozenset[str], weights: Mapping[str, float]) -> list[str]:
    """The words of the text that the listing has too, the most telling first. Of Chinese, pairs
    that touch are joined to the words they come from."""
    found: dict[str, float] = {}
    for run in RUN.findall(normal(text)):
        if script(run) == "en":
            worth = sum(weights.get(t, 0.0) for t in tokens(run) if t in has)
            if worth:
                found[run] = worth
            continue
        for word in stretches(run, has):
            found[word] = max(weights.get(pair, 0.0) for pair in tokens(word))
    return sorted(found, key=lambda word: (-found[word], word))


def stretches(run: str, has: frozenset[str]) -> list[str]:
    """The longest stretches of a Chinese run all of whose pairs the listing has."""
    found, start = [], None
    for i in range(len(run)):
        if i + 1 < len(run) and run[i : i + 2] in has:
            start = i if start is None else start
        elif start is not None:
            found.append(run[start : i + 1])
            start = None
    return found


def ranked(
    pairs: Iterable[Matched],
    degraded: bool,
    why: Why,
) -> Matches:
    """Best first; ties by id, so that the order is the same every time."""
    ordered = sorted(pairs, key=lambda p: (-p.match.score, str(p.listing.pk), str(p.need.pk)))
    return Matches(
        found=collapsed([p for p in ordered if not p.match.exclusions]),
        excluded=[p for p in ordered if p.match.exclusions],
        degraded=degraded,
        why=why,
    )


def collapsed(pairs: Sequence[Matched]) -> list[Matched]:
    """Of each family the best, which knows how many there are."""
    kin = [(p.need.pk, p.document.kin) for p in pairs]
    sizes = Counter(kin)
    first: dict[tuple[UUID, str], Matched] = {}
    for key, pair in zip(kin, pairs, strict=True):
        first.setdefault(key, pair)
    return [replace(pair, family_size=sizes[key]) for key, pair in first.items()]
