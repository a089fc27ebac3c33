"""What a buyer's declines say of the listings that are left.

The listing that was declined is out for that need. Some reasons say something of others too: who
found TRL 4 too early is shown what is no further lower down. What was declined under another need
teaches nothing of which this need speaks itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from marketplace.core.vocabulary import DeclineReason as R

from .scoring import Offer, Reason, Wish


@dataclass(frozen=True)
class Declined:
    """A listing that was declined, as it was that day. `price` is in minor units; `groups` are
    main groups of the IPC, such as "H01M 10"."""

    reasons: Sequence[str]
    same_need: bool
    trl: int | None
    ipr_status: str
    territories: Sequence[str]
    price: int | None
    currency: str
    groups: Sequence[str]


def too_early(declined: Declined, offer: Offer) -> Mapping[str, str] | None:
    if declined.trl is None or offer.trl is None or offer.trl > declined.trl:
        return None
    return {"trl": str(offer.trl), "declined": str(declined.trl)}


def price(declined: Declined, offer: Offer) -> Mapping[str, str] | None:
    if declined.price is None or offer.price is None or declined.currency != offer.currency:
        return None
    return {} if offer.price >= declined.price else None


def territory(declined: Declined, offer: Offer) -> Mapping[str, str] | None:
    within = offer.territories and set(offer.territories) <= set(declined.territories)
    return {"territories": ", ".join(offer.territories)} if within else None


def ip_position(declined: Declined, offer: Offer) -> Mapping[str, str] | None:
    same = offer.ipr_status and offer.ipr_status == declined.ipr_status
    return {"status": offer.ipr_status} if same else None


def field(declined: Declined, offer: Offer) -> Mapping[str, str] | None:
    shared = sorted(set(declined.groups) & set(groups(offer.ipc)))
    return {"ipc": ", ".join(shared[:4])} if shared else None


def groups(symbols: Iterable[str]) -> list[str]:
    """The main groups: H01M 10 of H01M 10/052."""
    return list(dict.fromkeys(s.partition("/")[0] for s in symbols if "/" in s))


# What a reason looks for in another listing, and whether a need speaks of that itself. Reasons
# that are not here say something of the one listing alone, or of the buyer.
LESSONS: Mapping[
    str,
    tuple[Callable[[Declined, Offer], Mapping[str, str] | None], Callable[[Wish], bool]],
] = {
    R.TOO_EARLY: (too_early, lambda wish: bool(wish.trl_min or wish.trl_max)),
    R.PRICE: (price, lambda wish: wish.budget is not None),
    R.TERRITORY: (territory, lambda wish: bool(wish.territories)),
    R.IP_POSITION: (ip_position, lambda wish: bool(wish.ipr_statuses)),
    R.NO_STRATEGIC_FIT: (field, lambda wish: bool(wish.ipc)),
    R.ALREADY_HAVE: (field, lambda wish: bool(wish.ipc)),
    R.SCIENTIFIC: (field, lambda wish: bool(wish.ipc)),
}


def learnt(wish: Wish, offer: Offer, declines: Iterable[Declined]) -> list[Reason]:
    """What speaks against the listing, each reason once, in the order of the vocabulary."""
    found: dict[str, Reason] = {}
    for declined in declines:
        for reason in declined.reasons:
            look, spoken_of = LESSONS.get(reason, (None, None))
            if look is None or spoken_of is None or reason in found:
                continue
            if not declined.same_need and spoken_of(wish):
                continue
            values = look(declined, offer)
            if values is not None:
                found[reason] = Reason(f"learnt_{reason}", values)
    return [found[reason] for reason in R.values if reason in found]
