from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from marketplace.core.models import OutboxMessage
from marketplace.core.outbox import handles
from marketplace.core.schedule import every

from .models import Negotiation
from .services import lapse, negotiations_lapse


@every(timedelta(minutes=10))
def lapse_negotiations(now: datetime) -> int:
    return negotiations_lapse(now=now)


@handles("deal.end")
def end_talks(message: OutboxMessage) -> None:
    with transaction.atomic():
        talks = (
            Negotiation.objects.select_for_update(of=("self",))
            .select_related("deal", "accepted")
            .filter(deal__id=message.subject, state=Negotiation.State.ACCEPTED)
            .first()
        )
        if talks is not None:
            lapse(talks, message.due_at)
