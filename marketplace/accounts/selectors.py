from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from marketplace.core.calendar import day_of
from marketplace.core.errors import Forbidden, NotFound

from .models import Membership, Organisation
from .policies import visible_organisations
from .viewer import Role, Viewer


def organisations_visible_to(viewer: Viewer) -> QuerySet[Organisation]:
    return Organisation.objects.filter(visible_organisations(viewer))


def organisation_for(
    viewer: Viewer, organisation_id: UUID, *roles: str, lock: bool = False
) -> Organisation:
    """The organisation, if the viewer may know of it and, where `roles` are named, holds one there.

    NotFound and Forbidden name the field `organisation`."""
    organisations = organisations_visible_to(viewer)
    if lock:
        organisations = organisations.select_for_update()
    organisation = organisations.filter(pk=organisation_id).first()
    if organisation is None:
        raise NotFound("No such organisation.", field=("organisation",))
    if roles and not viewer.has_role(organisation.pk, *roles):
        raise Forbidden(
            f"Only {' or '.join(sorted(roles))} of {organisation.name} may do this.",
            field=("organisation",),
        )
    return organisation


def is_vouched_for(organisation: Organisation, now: datetime) -> bool:
    """Whether the operators know who it is; of sample data there is nothing to know."""
    return organisation.is_sample or (
        organisation.verification == Organisation.Verification.VERIFIED
        and organisation.verified_until is not None
        and organisation.verified_until >= day_of(now)
    )


def platform() -> Organisation | None:
    """The operators' own organisation, the first of its kind: fees go to it, and payers send their
    wires there. None before there is one."""
    ours = Organisation.objects.filter(kinds__contains=[Organisation.Kind.OPERATOR])
    return ours.order_by("created_at").first()


def memberships_of(organisation: Organisation) -> QuerySet[Membership]:
    return organisation.memberships.select_related("user").order_by("created_at", "pk")


__all__ = [
    "Role",
    "is_vouched_for",
    "memberships_of",
    "organisation_for",
    "organisations_visible_to",
]
