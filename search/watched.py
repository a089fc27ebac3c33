"""Which needs a new listing answers, without searching: the other half of percolation.py.

What a need asks for is filed word by word, with what each means in the other language. So the words
that a listing shares with every need come by at once, and only needs that can still reach
`ALERT_FROM` points are scored. The score is that of matching.py, with what the buyer declined.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from uuid import UUID

from marketplace.alerts.models import SavedSearch
from marketplace.alerts.selectors import awake_for_needs
from marketplace.feedback.models import MatchDecline
from marketplace.listings.models import Listing
from marketplace.matching.scoring import NEUTRAL, POINTS
from marketplace.needs.models import Need

from .declined import Past
from .document import Document
from .engine import live
from .lexicon import expand
from .matching import (
    SURE_ENOUGH,
    coverage,
    fit,
    text_of_need,
    wish_of,
)
from .rarity import idf, rarity
from .text import tokens

ALERT_FROM = 60  # of 100 points: most words shared, or half of them and what else was asked for


class Watched:
    """The open needs whose people want to hear of answers, read once a run."""

    def __init__(self) -> None:
        self.saved: dict[UUID, list[SavedSearch]] = defaultdict(list)
        self.needs: dict[UUID, Need] = {}
        self.filed: dict[str, list[tuple[UUID, str, frozenset[str]]]] = defaultdict(list)
        self.past: Mapping[UUID, Past] = {}
        self.weights: dict[UUID, Mapping[str, float]] = {}
        generation = live("listing")
        if generation is None:
            return
        for saved in SavedSearch.objects.filter(awake_for_needs()).select_related("need"):
            assert saved.need is not None  # noqa: S101 - that is what was asked for
            self.saved[saved.need.pk].append(saved)
            self.needs[saved.need.pk] = saved.need
        whose = {need.organisation_id for need in self.needs.values()}
        declined: dict[UUID, list[MatchDecline]] = defaultdict(list)
        declines = MatchDecline.objects.filter(need__organisation__in=whose)
        for decline in declines.order_by("-declined_at", "pk").select_related("need"):
            declined[decline.need.organisation_id].append(decline)
        self.past = {pk: Past(n, declined[n.organisation_id]) for pk, n in self.needs.items()}
        said = {pk: dict.fromkeys(tokens(text_of_need(n))) for pk, n in self.needs.items()}
        known = rarity(generation, sorted({token for asked in said.values() for token in asked}))
        for pk, asked in said.items():
            weights = {t: idf(known.get(t, 0), generation.documents) for t in asked}
            self.weights[pk] = weights
            for token in asked:
                for way in ways(token):
                    self.filed[min(way)].append((pk, token, way))

    def matches(
        self, listings: Mapping[UUID, Listing], documents: Mapping[UUID, Document]
    ) -> list[tuple[SavedSearch, UUID]]:
        """Each subscription to a need with each of these listings that answers it well enough to
        say so unasked. How well does not depend on the other needs there are."""
        return [
            (saved, pk)
            for pk, listing in listings.items()
            for need in self.answered_by(listing, documents[pk])
            for saved in self.saved[need]
        ]

    def answered_by(self, listing: Listing, document: Document) -> Iterator[UUID]:
        has = frozenset(document.body())
        shared: dict[UUID, set[str]] = defaultdict(set)
        for word in has & self.filed.keys():
            for pk, token, way in self.filed[word]:
                if way <= has:
                    shared[pk].add(token)
        for pk, words in shared.items():
            need, weights = self.needs[pk], self.weights[pk]
            most = round(POINTS["words"] * coverage(weights, frozenset(words))) + beside(need)
            if most >= ALERT_FROM:
                wish = wish_of(need, weights, inside=True)
                past = self.past[pk]
                own = past.of_kin({listing.pk: document}).get(document.kin)
                heard = past.heard(listing, own)
                one = fit(wish, listing, need, 1.0, weights, document, heard).match
                if one.score >= ALERT_FROM and not one.exclusions:
                    yield pk


def ways(token: str) -> Iterator[frozenset[str]]:
    """The word itself, or all parts of what it surely means."""
    yield frozenset({token})
    for language in ("en", "zh"):
        for other in expand([token], language).get(token, ()):
            if other.weight >= SURE_ENOUGH:
                yield frozenset(other.parts)


def beside(need: Need) -> int:
    """The most points that a listing can have for this need besides those of words."""
    asked = {
        "classification": bool(need.ipc),
        "maturity": need.trl_min is not None or need.trl_max is not None,
        "territory": bool(need.territories),
        "exclusivity": bool(need.exclusivity),
        "price": need.budget_amount is not None,
    }
    return sum(round(POINTS[name] * (1.0 if said else NEUTRAL)) for name, said in asked.items())
