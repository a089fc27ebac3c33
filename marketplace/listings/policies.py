"""What a viewer may see of a listing, and do with it."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Case, Exists, F, IntegerField, OuterRef, Q, Value, When
from django.utils import timezone

from marketplace.accounts.viewer import Role, Viewer

from .models import Disclosure, Listing

EDITORS = (Role.ADMIN, Role.DEALMAKER)
Level = Disclosure.Level


def visible_listings(viewer: Viewer) -> Q:
    """All see what is published, the owner's people theirs, operators all but others' drafts, and
    who got an insight keeps sight of it."""
    visible = Q(state=Listing.State.PUBLISHED) | Q(owner__in=list(viewer.roles))
    if viewer.is_operator:
        return visible | ~Q(state=Listing.State.DRAFT)
    if viewer.roles:
        insight = Disclosure.objects.filter(
            listing=OuterRef("pk"), organisation__in=list(viewer.roles), level__gt=Level.PUBLIC
        )
        visible |= Exists(insight) & ~Q(state=Listing.State.DRAFT)
    return visible


def disclosed(viewer: Viewer) -> dict[UUID, int]:
    """The level of each listing that was disclosed to the viewer's organisations; asked once."""
    if not viewer.roles:
        return {}
    if "disclosed" not in viewer.memo:
        over = Q(level=Level.NDA, nda_until__lte=timezone.now())
        viewer.memo["disclosed"] = dict(
            Disclosure.objects.filter(organisation__in=list(viewer.roles))
            .annotate(
                now=Case(
                    When(over, then=Value(Level.ENQUIRY.value)),
                    default=F("level"),
                    output_field=IntegerField(),
                )
            )
            .order_by("now")
            .values_list("listing_id", "now")
        )
    found: dict[UUID, int] = viewer.memo["disclosed"]
    return found


def level(viewer: Viewer, listing: Listing) -> int:
    """How far the viewer sees into the listing: everything for its people and the operators."""
    if sees_inside(viewer, listing):
        return Level.NDA
    return disclosed(viewer).get(listing.pk, Level.PUBLIC)


def sees_owner(viewer: Viewer, listing: Listing) -> bool:
    """Owner, applicants and patents of an anonymous listing wait for an accepted enquiry."""
    return not listing.anonymous or level(viewer, listing) >= Level.ENQUIRY


def sees_contact(viewer: Viewer, listing: Listing) -> bool:
    return level(viewer, listing) >= Level.ENQUIRY


def sees_confidential(viewer: Viewer, listing: Listing) -> bool:
    return level(viewer, listing) >= Level.NDA


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
