"""What a viewer may see of a need, and do with it."""

from __future__ import annotations

from django.db.models import Q

from marketplace.accounts.viewer import Role, Viewer

from .models import Need

EDITORS = (Role.ADMIN, Role.DEALMAKER)


def visible_needs(viewer: Viewer) -> Q:
    """All see open needs; the buyer's people see theirs; operators all but others' drafts."""
    visible = Q(state=Need.State.OPEN) | Q(organisation__in=list(viewer.roles))
    if viewer.is_operator:
        visible |= ~Q(state=Need.State.DRAFT)
    return visible


def sees_inside(viewer: Viewer, need: Need) -> bool:
    """Budget, revision and history are for the buyer's people and the operators."""
    return viewer.is_operator or viewer.has_role(need.organisation_id)


def sees_organisation(viewer: Viewer, need: Need) -> bool:
    return not need.anonymous or sees_inside(viewer, need)


def actors(viewer: Viewer, need: Need) -> set[str]:
    """What the viewer is to the need, in the words of the workflow's table."""
    found = set()
    if viewer.has_role(need.organisation_id, *EDITORS):
        found.add("buyer")
    if viewer.is_operator and not viewer.has_role(need.organisation_id):
        found.add("operator")
    return found
