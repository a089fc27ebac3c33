"""What an owner keeps to itself, or says that it uses itself."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID, uuid4

from django.db import transaction

from marketplace.accounts.viewer import Viewer
from marketplace.core.errors import Conflict, Forbidden
from marketplace.listings.models import Listing
from marketplace.listings.policies import actors
from marketplace.listings.selectors import listing_for

from .models import Occupation
from .policies import may_release
from .selectors import occupation_for
from .services import assets_of, occupy, release


@transaction.atomic
def reservation_create(
    *,
    viewer: Viewer,
    listing_id: UUID,
    territories: Sequence[str],
    fields: Sequence[str],
    acts: Sequence[str],
    exclusivity: str,
    start: date,
    end: date | None,
    now: datetime,
) -> list[Occupation]:
    """Reserve rights of a listing of one's own; see occupy() for EXCLUSIVE and NON_EXCLUSIVE.

    The listing must be published: a patent is one asset whoever lists it, so nobody may block one
    whose title no operator has looked at."""
    listing = listing_for(viewer, listing_id)
    if "owner" not in actors(viewer, listing):
        raise Forbidden("Only an admin or dealmaker of the owner may reserve.", field=("listing",))
    if listing.state != Listing.State.PUBLISHED:
        raise Conflict(f"It is {listing.state}, not published.", field=("listing",))
    return occupy(
        owner=listing.owner,
        holder=listing.owner,
        assets=assets_of(listing),
        territories=territories,
        fields=fields,
        acts=acts,
        exclusivity=exclusivity,
        kind=Occupation.Kind.RESERVATION,
        start=start,
        end=end,
        subject=f"reservation:{uuid4()}",
        now=now,
    )


@transaction.atomic
def reservation_release(*, viewer: Viewer, occupation_id: UUID, now: datetime) -> list[Occupation]:
    """Give back a reservation: all the assets that were reserved together."""
    occupation = occupation_for(viewer, occupation_id)
    if not may_release(viewer, occupation):
        raise Forbidden("Only its owner's admin or dealmaker releases a reservation.")
    if not release(subject=occupation.subject, now=now):
        raise Conflict("It is released already.", field=("id",))
    return list(Occupation.objects.filter(subject=occupation.subject).order_by("asset"))
