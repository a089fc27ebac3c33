"""How well a listing answers a need: points by component, reasons in words, and exclusions.

Pure and deterministic: the same facts give the same score on any engine. The points of the
components sum to the score, which runs from 0 to 100; what the buyer declined before takes some.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from marketplace.core.vocabulary import Exclusivity
from marketplace.patents.ipc import Symbol

# What each component can give; words weigh most, since the rest is often not filled in.
POINTS: Mapping[str, int] = {
    "words": 50,
    "classification": 15,
    "maturity": 10,
    "territory": 10,
    "exclusivity": 5,
    "price": 10,
    "feedback": 0,
}
# Points that one lesson of a decline takes, and the most that all take together: our judgement, a
# lesson weighs as much as a wish that is not met. To be tuned once there are declines to tune by.
LESSON, LESSONS_AT_MOST = 10, 30
MOST_NAMED = 5  # territories in a sentence
NEUTRAL = 0.5  # of a component about which the need says nothing, or the listing


@dataclass(frozen=True)
class Offer:
    """The facts of a listing that matching looks at."""

    kind: str
    trl: int | None
    ipr_status: str
    ipc: Sequence[str]
    territories: Sequence[str]
    exclusivity: Sequence[str]
    price: int | None
    currency: str
    tokens: frozenset[str]
    taken: Sequence[str] = ()  # territories offered, where others have all that is


@dataclass(frozen=True)
class Wish:
    """The facts of a need. `tokens` maps each of its words to how telling it is (idf); `excluded`
    and `must` are word groups, all of whose tokens stand together or not at all."""

    kinds: Sequence[str]
    ipr_statuses: Sequence[str]
    trl_min: int | None
    trl_max: int | None
    territories: Sequence[str]
    exclusivity: str
    budget: int | None
    currency: str
    ipc: Sequence[str]
    must_haves: frozenset[str]
    tokens: Mapping[str, float]
    must: Sequence[tuple[str, frozenset[str]]] = ()
    excluded: Sequence[tuple[str, frozenset[str]]] = ()


@dataclass(frozen=True)
class Reason:
    """A key of reasons.py and what it speaks of."""

    key: str
    values: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Match:
    """`components` sum to `score`. With `exclusions` the listing is out, whatever its score."""

    score: int
    components: Mapping[str, int]
    reasons: Sequence[Reason]
    exclusions: Sequence[Reason]


Judgement = tuple[float, Reason | None]


def match(
    wish: Wish,
    offer: Offer,
    *,
    relevance: float,
    words: Sequence[str],
    learnt: Sequence[Reason] = (),
    said: Reason | None = None,
) -> Match:
    """`relevance` is the engine's, from 0 to 1, of the best candidate's; `words` those that the
    two share, as the need writes them, the most telling first. `learnt` is what the buyer's
    declines of others say against it (declines.py), `said` what came of its own decline."""
    judged: dict[str, Judgement] = {
        "words": of_words(relevance, words),
        **{name: judge(wish, offer) for name, judge in JUDGES.items()},
    }
    components = {name: round(POINTS[name] * share) for name, (share, _) in judged.items()}
    against = len(learnt) + (said is not None and said.key == "declined_elsewhere")
    components["feedback"] = -min(LESSON * against, LESSONS_AT_MOST, sum(components.values()))
    reasons = [reason for _, reason in judged.values() if reason]
    heard = [said] if said else []
    out = said is not None and said.key == "declined"
    return Match(
        score=sum(components.values()),
        components=components,
        reasons=[*(reasons or [Reason("nothing_in_particular")]), *learnt, *([] if out else heard)],
        exclusions=[*(heard if out else []), *exclusions(wish, offer)],
    )


def of_words(relevance: float, words: Sequence[str]) -> Judgement:
    share = min(max(relevance, 0.0), 1.0)
    if not words:
        return share, None
    return share, Reason("words", {"words": ", ".join(words[:6])})


def classification(wish: Wish, offer: Offer) -> Judgement:
    if not wish.ipc or not offer.ipc:
        return NEUTRAL, None
    shared = [w for w in wish.ipc if any(Symbol(w).contains(Symbol(o)) for o in offer.ipc)]
    if shared:
        return 1.0, Reason("ipc", {"ipc": ", ".join(shared[:4])})
    near = sorted({w[:4] for w in wish.ipc} & {o[:4] for o in offer.ipc})
    if near:
        return 0.7, Reason("ipc", {"ipc": ", ".join(near[:4])})
    classes = sorted({w[:3] for w in wish.ipc} & {o[:3] for o in offer.ipc})
    return (0.3, Reason("ipc", {"ipc": ", ".join(classes[:4])})) if classes else (0.0, None)


def maturity(wish: Wish, offer: Offer) -> Judgement:
    if offer.trl is None or (wish.trl_min is None and wish.trl_max is None):
        return NEUTRAL, None
    low, high = wish.trl_min or 1, wish.trl_max or 9
    off = max(low - offer.trl, offer.trl - high, 0)
    values = {"trl": str(offer.trl), "low": str(low), "high": str(high)}
    return (1.0, Reason("trl_fits", values)) if not off else (max(0.0, 0.6 - 0.2 * off), None)


def territory(wish: Wish, offer: Offer) -> Judgement:
    if not wish.territories or not offer.territories:
        return NEUTRAL, None
    covered = [t for t in wish.territories if t in offer.territories]
    share = len(covered) / len(wish.territories)
    return share, Reason("territory", {"territories": ", ".join(covered)}) if covered else None


GRANTS: Mapping[str, frozenset[str]] = {  # who wants the one is content with any of these
    Exclusivity.EXCLUSIVE: frozenset({Exclusivity.EXCLUSIVE}),
    Exclusivity.SOLE: frozenset({Exclusivity.SOLE, Exclusivity.EXCLUSIVE}),
    Exclusivity.NON_EXCLUSIVE: frozenset(Exclusivity.values),
}


def exclusivity(wish: Wish, offer: Offer) -> Judgement:
    if not wish.exclusivity or not offer.exclusivity:
        return NEUTRAL, None
    if GRANTS[wish.exclusivity] & set(offer.exclusivity):
        return 1.0, Reason("exclusivity", {"exclusivity": wish.exclusivity})
    return 0.0, None


def price(wish: Wish, offer: Offer) -> Judgement:
    comparable = wish.currency == offer.currency
    if wish.budget is None or offer.price is None or not comparable:
        return NEUTRAL, None
    if offer.price <= wish.budget:
        return 1.0, Reason("price", {})
    return max(0.0, 1.0 - (offer.price - wish.budget) / max(wish.budget, 1)), None


JUDGES: Mapping[str, Callable[[Wish, Offer], Judgement]] = {
    "classification": classification,
    "maturity": maturity,
    "territory": territory,
    "exclusivity": exclusivity,
    "price": price,
}


def exclusions(wish: Wish, offer: Offer) -> Iterable[Reason]:
    """Must-haves that fail, what others have already, and what the buyer wants not to see. What a
    listing leaves unsaid fails a must-have: the buyer said so."""
    low, high = wish.trl_min or 1, wish.trl_max or 9
    fails: Mapping[str, tuple[bool, Mapping[str, str]]] = {
        "trl": (offer.trl is None or not low <= offer.trl <= high,
                {"trl": str(offer.trl or "?"), "low": str(low), "high": str(high)}),
        "territory": (not set(wish.territories) <= set(offer.territories),
                      {"territories": ", ".join(
                          t for t in wish.territories if t not in offer.territories)}),
        "exclusivity": (exclusivity(wish, offer)[0] < 1.0, {"exclusivity": wish.exclusivity}),
        "budget": (offer.price is None or offer.currency != wish.currency
                   or offer.price > (wish.budget or 0), {}),
        "kind": (offer.kind not in wish.kinds, {"kind": offer.kind}),
        "ipr_status": (offer.ipr_status not in wish.ipr_statuses,
                       {"status": offer.ipr_status or "?"}),
        "ipc": (not any(Symbol(w).contains(Symbol(o)) for w in wish.ipc for o in offer.ipc),
                {"ipc": ", ".join(wish.ipc)}),
    }  # fmt: skip
    for name in sorted(wish.must_haves):
        failed, values = fails[name]
        if failed:
            yield Reason(f"must_{name}", values)
    wanted = offer.territories and wish.territories  # where nothing is free: all, whatever it wants
    gone, left = (
        [t for t in where if not wanted or t in wanted]
        for where in (offer.taken, offer.territories)
    )
    if gone and not left:
        yield Reason("taken", {"territories": ", ".join(gone[:MOST_NAMED])})
    for text, tokens in wish.must:
        if not tokens <= offer.tokens:
            yield Reason("must_word", {"word": text})
    for text, tokens in wish.excluded:
        symbol = any(Symbol(text).contains(Symbol(o)) for o in offer.ipc) if not tokens else False
        if symbol or (tokens and tokens <= offer.tokens):
            yield Reason("not_of_interest", {"word": text})
