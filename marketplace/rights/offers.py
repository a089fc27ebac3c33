"""An offer may not exceed what is there to give: checked before a listing goes to the public."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from marketplace.core.errors import Conflict, DomainError
from marketplace.listings.gates import gate
from marketplace.listings.models import Listing

from .availability import Left, Part, availability
from .cover import Cover
from .selectors import field_names


@gate
def nothing_is_offered_that_is_not_there(listing: Listing, now: datetime) -> Iterable[DomainError]:
    """Refuses territories where nothing of what is offered is free, in any field, ever; and those
    where only patents are to be assigned and none is in force. What is offered on know-how alone
    is not refused: availability() flags it KNOW_HOW_ONLY."""
    parts = availability(listing, now, field_names())
    for those, why in (
        (
            [part for part in parts if part.left == Left.NOTHING],
            "Nothing of what is offered is free in",
        ),
        ([part for part in parts if part.cover == Cover.NONE], "No patent is in force in"),
    ):
        if those:
            yield Conflict(f"{why} {named(those)}.", field=("territories",))


def named(parts: Iterable[Part]) -> str:
    return ", ".join(sorted(territory for part in parts for territory in part.territories))
