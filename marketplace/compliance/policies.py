"""Who may see a dossier, and act on it for which side."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Q, QuerySet

from marketplace.accounts.viewer import Role, Viewer
from marketplace.core.errors import Forbidden, NotFound
from marketplace.deals.evidence import Act
from marketplace.deals.models import Deal

from .models import Dossier

ACTING = (Role.ADMIN, Role.DEALMAKER)
SIDES = ("licensor", "licensee")


def visible_dossiers(viewer: Viewer) -> Q:
    """The two parties and the operators."""
    if viewer.is_operator:
        return Q()
    own = list(viewer.roles)
    return Q(licensor__in=own) | Q(licensee__in=own)


def sees(viewer: Viewer, dossier: Dossier) -> bool:
    """The same of one that was read already."""
    parties = (dossier.licensor_id, dossier.licensee_id)
    return viewer.is_operator or any(viewer.has_role(one) for one in parties)


def actors(viewer: Viewer, dossier: Dossier) -> set[str]:
    """licensor and licensee for who may act for them; operator for who belongs to neither."""
    found = {side for side in SIDES if viewer.has_role(getattr(dossier, f"{side}_id"), *ACTING)}
    party = viewer.has_role(dossier.licensor_id) or viewer.has_role(dossier.licensee_id)
    return found | ({"operator"} if viewer.is_operator and not party else set())


def dossiers_visible_to(viewer: Viewer) -> QuerySet[Dossier]:
    return Dossier.objects.filter(visible_dossiers(viewer)).select_related("licensor", "licensee")


def dossier_for(viewer: Viewer, dossier_id: UUID, *, lock: bool = False) -> Dossier:
    """The dossier, if the viewer may know of it; NotFound names the field `dossier`. Locked after
    its deal, as everything of a deal is."""
    found = dossiers_visible_to(viewer).filter(pk=dossier_id).first()
    if found is None:
        raise NotFound("No such dossier.", field=("dossier",))
    return locked(found) if lock else found


def locked(dossier: Dossier) -> Dossier:
    if dossier.deal_id is not None:
        Deal.objects.select_for_update().get(pk=dossier.deal_id)
    rows = Dossier.objects.select_for_update(of=("self",)).select_related("licensor", "licensee")
    return rows.get(pk=dossier.pk)


def require(viewer: Viewer, dossier: Dossier, *wanted: str) -> set[str]:
    """What the viewer is to the dossier; Forbidden where that is none of `wanted`."""
    held = actors(viewer, dossier)
    if not held & set(wanted):
        raise Forbidden(f"Only {' or '.join(wanted)} may do this.", field=("dossier",))
    return held


def act_of(viewer: Viewer, dossier: Dossier) -> Act:
    """Who acts and for whom, for the record of the deal."""
    held = actors(viewer, dossier)
    side = next((one for one in SIDES if one in held), None)
    organisation = getattr(dossier, f"{side}_id") if side else None
    return Act(viewer.require_user().pk, organisation)
