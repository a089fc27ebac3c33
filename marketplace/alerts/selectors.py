from __future__ import annotations

from django.db.models import F, Q, QuerySet

from marketplace.accounts.viewer import Viewer
from marketplace.needs.models import Need

from .models import Alert, SavedSearch


def saved_searches_of(viewer: Viewer) -> QuerySet[SavedSearch]:
    """The viewer's own: nobody else sees what somebody looks for, operators neither."""
    if viewer.user is None:
        return SavedSearch.objects.none()
    return SavedSearch.objects.filter(user=viewer.user)


def alerts_of(viewer: Viewer) -> QuerySet[Alert]:
    return Alert.objects.filter(saved_search__in=saved_searches_of(viewer))


def awake_for_needs() -> Q:
    """Who left the buyer is told no more."""
    return Q(
        paused_at=None,
        need__state=Need.State.OPEN,
        user__memberships__organisation=F("need__organisation"),
    )
