from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet

from marketplace.accounts.viewer import Viewer
from marketplace.core.errors import NotFound

from .models import Need
from .policies import visible_needs


def needs_visible_to(viewer: Viewer) -> QuerySet[Need]:
    return Need.objects.filter(visible_needs(viewer))


def need_for(viewer: Viewer, need_id: UUID, *, lock: bool = False, field: str = "id") -> Need:
    """The need, if the viewer may know of it; NotFound names `field`."""
    needs = needs_visible_to(viewer)
    if lock:
        needs = needs.select_for_update(of=("self",))
    need = needs.filter(pk=need_id).first()
    if need is None:
        raise NotFound("No such need.", field=(field,))
    return need
