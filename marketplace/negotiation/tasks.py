from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from marketplace.core.models import OutboxMessage
from marketplace.core.outbox import handles
from marketplace.core.schedule import every
from marketplace.deals.models import Deal
from marketplace.deals.selectors import lock_with_deals

from .models import Negotiation
from .services import lapse, negotiations_lapse


@every(timedelta(minutes=10))
def lapse_negotiations(now: datetime) -> int:
    return negotiations_lapse(now=now)


@handles("deal.end")
def end_talks(message: OutboxMessage) -> None:
    with transaction.atomic():
        for talks in lock_with_deals(
            Negotiation.objects.filter(
                deal__id=message.subject,
                deal__state=Deal.State.ENDED,
                state=Negotiation.State.ACCEPTED,
            )
        ):
            lapse(talks, message.due_at)
