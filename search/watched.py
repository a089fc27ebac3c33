"""Which needs a new listing answers, without searching: the other half of percolation.py.

What a need asks for is filed word by word, with what each means in the other language. So the words
that a listing shares with every need come by at once, and only needs that can still reach
`ALERT_FROM` points are scored. The score is that of matching.py, with what the buyer declined.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, Max, prefetch_related_objects

from marketplace.alerts.models import SavedSearch
from marketplace.alerts.selectors import awake_for_needs
from marketplace.feedback.models import MatchDecline
from marketplace.listings.models import Listing
from marketplace.matching.scoring import NEUTRAL, POINTS
from marketplace.needs.models import Need
from marketplace.rights.selectors import OCCUPATIONS, field_names, left_by_territory

from .declined import Past, families_of
from .document import Document
from .engine import live
from .lexicon import expand
from .matching import (
    SURE_ENOUGH,
    Left,
    fit,
    telling_of,
    text_of_need,
    wish_of,
)

ALERT_FROM = 60  # of 100 points: most words shared, or half of them and what else was asked for


@dataclass(eq=False, slots=True)  # told apart by identity, which is quicker than by id
class Asked:
    """A need as it is held against listings. `enough` is the weight of the words that a listing
    has to share, or it cannot reach `ALERT_FROM` whatever else it offers."""

    need: Need
    past: Past
    weights: Mapping[str, float]
    enough: float
    saved: list[SavedSearch] = field(default_factory=list)


class Watched:
    """The open needs whose people want to hear of answers, read once a run."""

    def __init__(self) -> None:
        self.state = state()
        self.filed: dict[str, list[tuple[Asked, str, frozenset[str]]]] = defaultdict(list)
        generation = live("listing")
        if generation is None:
            return
        needs: dict[UUID, Need] = {}
        saved: dict[UUID, list[SavedSearch]] = defaultdict(list)
        for one in SavedSearch.objects.filter(awake_for_needs()).select_related("need"):
            assert one.need is not None  # noqa: S101 - that is what was asked for
            saved[one.need.pk].append(one)
            needs[one.need.pk] = one.need
        whose = {need.organisation_id for need in needs.values()}
        declined: dict[UUID, list[MatchDecline]] = defaultdict(list)
        rows = MatchDecline.objects.filter(need__organisation__in=whose).select_related("need")
        declines = list(rows.order_by("-declined_at", "pk"))
        for decline in declines:
            declined[decline.need.organisation_id].append(decline)
        families = families_of(declines, generation)
        known = telling_of(generation, [text_of_need(need) for need in needs.values()])
        for (pk, need), weights in zip(needs.items(), known, strict=True):
            past = Past(need, declined[need.organisation_id], families)
            asked = Asked(need, past, weights, enough(need, weights), saved[pk])
            for token in weights:
                for way in ways(token):
                    self.filed[min(way)].append((asked, token, way))

    def is_old(self) -> bool:
        """Whether a need was opened or changed, or a subscription came or went, since."""
        return self.state != state()

    def matches(
        self, listings: Mapping[UUID, Listing], documents: Mapping[UUID, Document], now: datetime
    ) -> list[tuple[SavedSearch, UUID]]:
        """Each subscription to a need with each of these listings that answers it well enough to
        say so unasked, by what is still free of it at `now`. How well does not depend on the other
        needs there are."""
        if not self.filed:
            return []
        prefetch_related_objects([*listings.values()], *OCCUPATIONS)
        names = field_names()
        return [
            (saved, pk)
            for pk, listing in listings.items()
            for left in [left_by_territory(listing, now, names)]
            for asked in self.answered_by(listing, documents[pk], left)
            for saved in asked.saved
        ]

    def answered_by(self, listing: Listing, document: Document, left: Left) -> Iterator[Asked]:
        has = frozenset(document.body())
        shared: dict[Asked, set[str]] = defaultdict(set)
        for word in has & self.filed.keys():
            for asked, token, way in self.filed[word]:
                if len(way) == 1 or way <= has:
                    shared[asked].add(token)
        for asked, words in shared.items():
            weights = asked.weights
            if sum([weights[word] for word in words]) < asked.enough:
                continue
            wish = wish_of(asked.need, weights, inside=True)
            own = asked.past.of_kin({listing.pk: document}).get(document.kin)
            heard = asked.past.heard(listing, own)
            one = fit(
                wish, listing, asked.need, 1.0, weights, document, heard, left, with_words=False
            ).match
            if one.score >= ALERT_FROM and not one.exclusions:
                yield asked


def state() -> Mapping[str, Any]:
    return SavedSearch.objects.filter(awake_for_needs()).aggregate(
        Count("pk"), Max("updated_at"), Max("need__updated_at")
    )


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


def enough(need: Need, weights: Mapping[str, float]) -> float:
    """The least weight with which `part_said`, and all else at its best, comes to `ALERT_FROM`; a
    trifle less, since sums of floats depend on their order."""
    wanted = (ALERT_FROM - beside(need) - 0.5) / POINTS["words"]
    return sum(weights.values()) * (wanted - 0.2) / (0.8 * 3) - 1e-6
