"""Buyers decline matches, and may change their mind."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction

from marketplace.accounts.models import Membership
from marketplace.accounts.selectors import is_vouched_for
from marketplace.accounts.viewer import Viewer
from marketplace.core.checks import choices
from marketplace.core.errors import Forbidden, Invalid
from marketplace.core.vocabulary import DeclineReason
from marketplace.listings.models import Listing
from marketplace.listings.selectors import listing_for, symbols_of
from marketplace.matching.declines import groups
from marketplace.needs.models import Need
from marketplace.needs.policies import actors
from marketplace.needs.selectors import need_for

from .models import MatchDecline
from .selectors import words_of

reasons_of = choices(DeclineReason)


@transaction.atomic
def match_decline(
    *, viewer: Viewer, need_id: UUID, listing_id: UUID, reasons: Sequence[str], now: datetime
) -> MatchDecline:
    """The listing does not answer the need, for these reasons. Said again, the last word stands."""
    need = need_to_judge(viewer, need_id)
    listing = listing_to_judge(viewer, listing_id)
    given = reasons_of(reasons, ("reasons",))
    if not given:
        raise Invalid("Say at least one reason, such as TOO_EARLY.", field=("reasons",))
    decline, _ = MatchDecline.objects.update_or_create(
        need=need,
        listing=listing,
        defaults={
            "declined_by": viewer.require_user(),
            "declined_at": now,
            "vouched": is_vouched_for(need.organisation, now) and not share_people(need, listing),
            "reasons": given,
            "trl": listing.trl,
            "ipr_status": listing.ipr_status,
            "territories": listing.territories,
            "price_amount": listing.price_amount,
            "price_currency": listing.price_currency,
            "ipc": groups(symbols_of(listing)),
            "words": words_of(listing),
        },
    )
    return decline


@transaction.atomic
def match_reconsider(*, viewer: Viewer, need_id: UUID, listing_id: UUID) -> Need:
    """The listing is a match again, and nothing is learnt from the decline any more. The same
    again does nothing."""
    need = need_to_judge(viewer, need_id)
    MatchDecline.objects.filter(need=need, listing=listing_id).delete()
    return need


def share_people(need: Need, listing: Listing) -> bool:
    """Whether anybody acts both for the buyer and for the owner, who could make up buyers so."""
    of_the_owner = Membership.objects.filter(organisation=listing.owner_id).values("user")
    return Membership.objects.filter(
        organisation=need.organisation_id, user__in=of_the_owner
    ).exists()


def need_to_judge(viewer: Viewer, need_id: UUID) -> Need:
    need = need_for(viewer, need_id, field="need", lock=True)
    if "buyer" not in actors(viewer, need):
        raise Forbidden("Only an admin or dealmaker of the buyer may do this.", field=("need",))
    return need


def listing_to_judge(viewer: Viewer, listing_id: UUID) -> Listing:
    listing = listing_for(viewer, listing_id, field="listing")
    if listing.state != Listing.State.PUBLISHED:
        raise Invalid("Only a published listing is a match.", field=("listing",))
    return listing
