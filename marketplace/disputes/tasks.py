from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from marketplace.agreements.gates import freeze
from marketplace.agreements.models import Agreement
from marketplace.core.models import OutboxMessage
from marketplace.core.outbox import handles

from .services import hold_new_invoice, is_frozen


@handles("invoice.issued")
def hold_in_dispute(message: OutboxMessage) -> None:
    hold_new_invoice(UUID(message.subject))


@freeze
def in_dispute(agreement: Agreement, now: datetime) -> Iterable[str]:
    if is_frozen(agreement):
        yield "A dispute is open: the agreement and its rights stay as they are until it ends."
