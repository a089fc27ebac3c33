from __future__ import annotations

from uuid import UUID

from marketplace.core.models import OutboxMessage
from marketplace.core.outbox import handles

from .checking import check


@handles("room.check")
def check_file(message: OutboxMessage) -> None:
    check(UUID(message.subject))
