"""What a viewer may see of a listing, and do with it."""

from __future__ import annotations

from django.db.models import Q

from marketplace.accounts.viewer import Role, Viewer

from .models import Listing

EDITORS = (Role.ADMIN, Role.DEALMAKER)


def visible_listings(viewer: Viewer) -> Q:
    """All see what is published, the owner's people theirs, operators all but others' drafts."""
    visible = Q(state=Listing.State.PUBLISHED) | Q(owner__in=list(viewer.roles))
    if viewer.is_operator:
        visible |= ~Q(state=Listing.State.DRAFT)
    return visible


def sees_owner(viewer: Viewer, listing: Listing) -> bool:
    """Owner, applicants and patents of an anonymous listing are for its people and operators."""
    return not listing.anonymous or sees_inside(viewer, listing)


def sees_inside(viewer: Viewer, listing: Listing) -> bool:
    """History, revision and reasons of reviewers are for the owner's people and operators."""
    return viewer.is_operator or viewer.has_role(listing.owner_id)


def actors(viewer: Viewer, listing: Listing) -> set[str]:
    """What the viewer is to the listing, in the words of the workflow's table."""
    found = set()
    if viewer.has_role(listing.owner_id, *EDITORS):
        found.add("owner")
    if viewer.is_operator and not viewer.has_role(listing.owner_id):
        found.add("operator")  # nobody reviews their own listing
    return found
