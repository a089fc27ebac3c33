"""What stands behind a listing in a territory: a patent in force, one pending, or know-how alone.

A Hong Kong patent covers nothing on the mainland, nor the mainland's anything in Hong Kong."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from django.db.models import TextChoices

from marketplace.core.vocabulary import IprStatus, ListingKind
from marketplace.listings.models import Listing
from marketplace.patents.models import Patent
from marketplace.patents.status import BEST, Status, coverage
from marketplace.patents.terms import term_ends


class Cover(TextChoices):
    PATENT = "patent", "a patent is in force there"
    PENDING = "pending", "an application is pending there"
    UNKNOWN = "unknown", "nothing is known of its patents there"
    KNOW_HOW_ONLY = "know_how_only", "no patent is in force there: know-how or software alone"
    NONE = "none", "no patent is in force there, and nothing else is offered"


@dataclass(frozen=True)
class Covered:
    """`until` is the day after which the last patent in force there has ended; None where that is
    not known or no patent is in force."""

    cover: Cover
    until: date | None = None


OF_STATUS = {
    Status.IN_FORCE: Cover.PATENT,
    Status.PENDING: Cover.PENDING,
    Status.UNKNOWN: Cover.UNKNOWN,
}
PATENTED = {IprStatus.PATENT_GRANTED, IprStatus.PATENT_APPLIED}


def family_members(listing: Listing) -> Iterator[Patent]:
    """Its patents and what belongs to their simple families, each once."""
    seen = set()
    for patent in listing.patents.all():
        family = patent.simple_family
        for member in (patent, *(family.simple_members.all() if family else ())):
            if member.pk not in seen:
                seen.add(member.pk)
                yield member


def covers(listing: Listing, territories: Iterable[str], *, on: date) -> dict[str, Covered]:
    """The cover of each territory. It is UNKNOWN too where a listing says that it is patented but
    names no patent, and NONE where only patents are to be assigned."""
    wanted = list(territories)
    members = list(family_members(listing))
    found = [(term_ends(one), coverage([one], wanted, on=on)) for one in members]
    nameless = not members and listing.ipr_status in PATENTED
    bare = listing.kind == ListingKind.ASSIGNMENT and listing.ipr_status in PATENTED
    without = Cover.UNKNOWN if nameless else Cover.NONE if bare else Cover.KNOW_HOW_ONLY

    def at(territory: str) -> Covered:
        here = [(status, ends) for ends, by in found if (status := by[territory]) is not None]
        best = min((status for status, _ in here), key=BEST.index, default=Status.ENDED)
        if best != Status.IN_FORCE:
            return Covered(OF_STATUS.get(best, without))
        ends = [day for status, day in here if status == best]
        known = [day for day in ends if day is not None]
        return Covered(Cover.PATENT, max(known) if len(known) == len(ends) else None)

    return {territory: at(territory) for territory in wanted}
