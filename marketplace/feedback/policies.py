"""Who may see a buyer's declines."""

from __future__ import annotations

from django.db.models import Q

from marketplace.accounts.viewer import Viewer


def visible_declines(viewer: Viewer) -> Q:
    """The buyer's people see theirs, operators all. Owners see counts alone; see advice.py."""
    return Q() if viewer.is_operator else Q(need__organisation__in=list(viewer.roles))
