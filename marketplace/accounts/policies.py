"""What a viewer may see of an organisation, and do with it."""

from __future__ import annotations

from django.db.models import Q

from .models import Organisation
from .viewer import Role, Viewer


def visible_organisations(viewer: Viewer) -> Q:
    """The public sees the verified and the samples; members and operators see theirs."""
    if viewer.is_operator:
        return Q()
    public = Q(verification=Organisation.Verification.VERIFIED) | Q(is_sample=True)
    return public | Q(pk__in=list(viewer.roles))


def sees_inside(viewer: Viewer, organisation: Organisation) -> bool:
    """Members, registration number and evidence are for the organisation and the operators."""
    return viewer.is_operator or viewer.has_role(organisation.pk)


def actors(viewer: Viewer, organisation: Organisation) -> set[str]:
    """What the viewer is to the organisation, in the words of the workflow's table."""
    found = set()
    if viewer.has_role(organisation.pk, Role.ADMIN):
        found.add("admin")
    if viewer.is_operator and not viewer.has_role(organisation.pk):
        found.add("operator")  # nobody verifies their own organisation
    return found
