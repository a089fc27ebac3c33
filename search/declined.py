"""What a buyer declined before, as it bears on one of its needs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from uuid import UUID

from marketplace.feedback.models import MatchDecline
from marketplace.feedback.selectors import as_it_was, verdict
from marketplace.listings.models import Listing
from marketplace.matching.declines import Declined
from marketplace.matching.scoring import Reason
from marketplace.needs.models import Need

from .document import Document
from .listings import document_of_listing, listings_to_read
from .models import Entry, Generation


@dataclass(frozen=True)
class Heard:
    """What the buyer's declines teach, and what came of that of this very listing."""

    lessons: Sequence[Declined]
    said: Reason | None


NOTHING_HEARD = Heard((), None)


@dataclass(frozen=True)
class Past:
    """`declines` are of all the buyer's needs, the last first; `families` those of the listings
    that were declined."""

    need: Need
    declines: Sequence[MatchDecline]
    families: Mapping[UUID, str]

    @cached_property
    def lessons(self) -> Sequence[Declined]:
        return [as_it_was(decline, self.need) for decline in self.declines]

    def of_kin(self, documents: Mapping[UUID, Document]) -> dict[str, MatchDecline]:
        """The decline that counts for each family, of these or of those declined: of this need,
        else the last."""
        found: dict[str, MatchDecline] = {}
        for decline in sorted(self.declines, key=lambda one: one.need_id != self.need.pk):
            document = documents.get(decline.listing_id)
            kin = document.kin if document else self.families.get(decline.listing_id)
            if kin:
                found.setdefault(kin, decline)
        return found

    def heard(self, listing: Listing, own: MatchDecline | None) -> Heard:
        """`own` is the decline of the listing or its kin."""
        return Heard(self.lessons, verdict(own, self.need, listing) if own else None)


def families_of(declines: Iterable[MatchDecline], generation: Generation | None) -> dict[UUID, str]:
    """Of the listings that were declined: what is of their family is told by them even where they
    themselves were not found, or are on offer no more."""
    declined = {decline.listing_id for decline in declines}
    if not declined:
        return {}
    rows = Entry.objects.filter(generation=generation, doc__in=map(str, declined))
    found = {UUID(doc): family for doc, family in rows.values_list("doc", "family")}
    if gone := declined - found.keys():
        for row in listings_to_read().filter(pk__in=gone):
            found[row.pk] = document_of_listing(row, card=False).family
    return {pk: family for pk, family in found.items() if family}
