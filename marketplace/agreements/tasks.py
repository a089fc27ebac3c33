from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from marketplace.core.models import OutboxMessage
from marketplace.core.outbox import handles
from marketplace.core.schedule import every
from marketplace.deals.evidence import SYSTEM

from .models import Agreement
from .services import agreements_expire, make_move


@every(timedelta(minutes=10))
def expire_agreements(now: datetime) -> int:
    return agreements_expire(now=now)


@handles("deal.end", "offer.lapse")
def give_up(message: OutboxMessage) -> None:
    """Without its deal, or the lock of its rights, an agreement cannot become active."""
    waiting = (Agreement.State.DRAWN_UP, Agreement.State.SIGNED)
    with transaction.atomic():
        agreement = (
            Agreement.objects.select_for_update(of=("self",))
            .select_related("deal")
            .filter(deal__id=message.subject, state__in=waiting)
            .first()
        )
        if agreement is not None:
            make_move(agreement, "abandon", by={"system": SYSTEM}, now=message.due_at)
