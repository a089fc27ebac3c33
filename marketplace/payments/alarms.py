"""What only a person may put right: seen and closed by operators."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from marketplace.accounts.viewer import Viewer
from marketplace.core.checks import words
from marketplace.core.errors import Conflict, NotFound

from .models import Alarm


def visible_alarms(viewer: Viewer) -> QuerySet[Alarm]:
    """For operators; empty for all others."""
    rows = Alarm.objects.select_related("closed_by")
    return rows if viewer.is_operator else rows.none()


@transaction.atomic
def alarm_close(*, viewer: Viewer, alarm_id: UUID, outcome: str, now: datetime) -> Alarm:
    """Say what was done about it. If it goes on, it is raised again."""
    alarm = visible_alarms(viewer).select_for_update(of=["self"]).filter(pk=alarm_id).first()
    if alarm is None:
        raise NotFound("No such alarm.")
    if alarm.closed_at is not None:
        raise Conflict("It is closed already.")
    alarm.outcome = words(1000, at_least=3)(outcome, ("outcome",))
    alarm.closed_by, alarm.closed_at = viewer.require_user(), now
    alarm.save(update_fields=["outcome", "closed_by", "closed_at", "updated_at"])
    return alarm
