"""Whose figures a viewer may see, and what they count."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from marketplace.accounts.viewer import Viewer
from marketplace.deals.models import Mandate
from marketplace.deals.policies import held_mandates, mandates_over
from marketplace.listings.models import Listing


def counted_listings(viewer: Viewer, organisation_id: UUID, now: datetime) -> Q | None:
    """The listings of the organisation whose figures the viewer may see: all for its people and
    the operators, those of the mandate for who holds one; None where it holds none."""
    own = Q(owner=organisation_id)
    if viewer.is_operator or viewer.has_role(organisation_id):
        return own
    held = [m for m in held_mandates(viewer, now) if m.principal_id == organisation_id]
    if not held:
        return None
    scopes = [[listing.pk for listing in mandate.listings.all()] for mandate in held]
    if not all(scopes):  # a mandate that names no listing is over all of them
        return own
    return own & Q(pk__in={pk for scope in scopes for pk in scope})


def others_listings(viewer: Viewer, now: datetime) -> QuerySet[Listing]:
    """The published listings that the viewer sees as others do: neither as one of the owner's
    people nor as one of a transfer centre's with a mandate in force over them."""
    mine = list(viewer.roles)
    over = mandates_over(OuterRef("pk"), OuterRef("owner"), now)
    published = Listing.objects.filter(state=Listing.State.PUBLISHED).exclude(owner__in=mine)
    return published.exclude(Exists(Mandate.objects.filter(over, centre__in=mine)))
