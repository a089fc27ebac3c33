"""How far the buyer of a deal sees into its listing: written here, read by the listing's policy."""

from __future__ import annotations

from datetime import datetime

from django.db.models import QuerySet

from marketplace.documents.models import Template
from marketplace.listings.models import Disclosure

from .models import Deal, Nda

Level = Disclosure.Level
NDA = "nda"  # the name of its template
INTRODUCED = (Deal.State.OPEN, Deal.State.AGREED)


def version_asked() -> int:
    """The oldest version of the NDA's template that still counts."""
    versions = Template.objects.filter(name=NDA, asks_again=True).order_by("-version")
    return versions.values_list("version", flat=True).first() or 0


def nda_in_force(deal: Deal, now: datetime, asked: int | None = None) -> Nda | None:
    """The NDA that both signed, that has not ended, and on whose template no version has followed
    that asks again (`asked`, for who has looked it up)."""
    if deal.state not in INTRODUCED:
        return None
    oldest = version_asked() if asked is None else asked
    counting = [
        (nda.ends_at, nda)
        for nda in deal.ndas.all()
        if nda.ends_at is not None and nda.ends_at > now and nda.template_version >= oldest
    ]
    return max(counting, key=lambda found: found[0])[1] if counting else None


def level_of(deal: Deal, now: datetime, asked: int | None = None) -> tuple[int, datetime | None]:
    """The level that the deal gives, and until when where that is NDA."""
    if deal.state not in INTRODUCED:
        return Level.PUBLIC, None
    nda = nda_in_force(deal, now, asked)
    return (Level.NDA, nda.ends_at) if nda else (Level.ENQUIRY, None)


def disclose(deal: Deal, now: datetime) -> None:
    """Bring the buyer's disclosure into line with its deals over the listing."""
    deals = Deal.objects.filter(listing=deal.listing, buyer=deal.buyer)
    levels = [level_of(one, now) for one in deals]
    level, until = max(levels, key=lambda found: (found[0], found[1] or now))
    Disclosure.objects.update_or_create(
        listing=deal.listing,
        organisation=deal.buyer,
        defaults={"level": level, "nda_until": until},
    )


def undisclose_outdated(now: datetime) -> int:
    """After a template that asks again: fall back where the NDA does not count any more."""
    deals: QuerySet[Deal] = Deal.objects.filter(
        state__in=INTRODUCED, listing__disclosures__level=Level.NDA
    ).distinct()
    for deal in deals.select_related("listing", "buyer"):
        disclose(deal, now)
    return len(deals)
