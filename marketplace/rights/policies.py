"""What a viewer may see of the ledger, and do with it. That a right is taken is public, through
availability(); by whom, only those two know."""

from __future__ import annotations

from django.db.models import Q

from marketplace.accounts.viewer import Role, Viewer

from .models import Occupation

EDITORS = (Role.ADMIN, Role.DEALMAKER)


def visible_occupations(viewer: Viewer) -> Q:
    """The owner's people, the holder's, and the operators."""
    if viewer.is_operator:
        return Q()
    return Q(owner__in=list(viewer.roles)) | Q(holder__in=list(viewer.roles))


def may_release(viewer: Viewer, occupation: Occupation) -> bool:
    """Whether it is a reservation of the viewer's; all else is released by what caused it."""
    reserved = occupation.kind == Occupation.Kind.RESERVATION
    return reserved and viewer.has_role(occupation.owner_id, *EDITORS)
