"""Who may see a file of a data room, and open it."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Exists, OuterRef, Q

from marketplace.accounts.models import Organisation
from marketplace.accounts.viewer import Viewer
from marketplace.deals.disclosure import nda_in_force
from marketplace.deals.models import Deal

from .gates import reasons_against
from .models import Grant, RoomFile

S = RoomFile.State


def standing(now: datetime) -> Q:
    return Q(revoked_at=None, expires_at__gt=now)


def visible_files(viewer: Viewer, deal: Deal, now: datetime) -> Q:
    """The uploader's side sees its own; the other what is ready and granted to it, and that only
    while the NDA of both is in force. Operators see none."""
    mine = Q(owner__in=list(viewer.roles)) & ~Q(state=S.REMOVED)
    if nda_in_force(deal, now) is None:
        return mine
    granted = Grant.objects.filter(
        standing(now), file=OuterRef("pk"), organisation__in=list(viewer.roles)
    )
    return mine | Q(Exists(granted), state=S.READY)


def sees_log(viewer: Viewer, file: RoomFile) -> bool:
    """Grants and openings are for the uploader's side."""
    return viewer.has_role(file.owner_id)


def reasons_to_refuse(file: RoomFile, reader: Organisation, deal: Deal, now: datetime) -> list[str]:
    """Why the organisation may not open the file now; none: it may."""
    if file.state != S.READY:
        return [f"The file is {file.state}."]
    if reader.pk == file.owner_id:
        return []
    if not file.grants.filter(standing(now), organisation=reader).exists():
        return ["No access to this file is in force."]
    if nda_in_force(deal, now) is None:
        return ["No NDA of both sides is in force."]
    return reasons_against(file, reader, now)
