from __future__ import annotations

from uuid import UUID

from django.utils import timezone

from marketplace.core.models import OutboxMessage
from marketplace.core.outbox import handles

from .services import screen


@handles("screening.list_changed")
def screen_everybody(message: OutboxMessage) -> None:
    screen(now=timezone.now())


@handles("organisation.changed")
def screen_one(message: OutboxMessage) -> None:
    screen([UUID(message.subject)], now=timezone.now())
