"""Whose figures a viewer may see."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db.models import Q

from marketplace.accounts.viewer import Viewer
from marketplace.deals.policies import held_mandates


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
