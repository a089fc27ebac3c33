"""Events come in once, by webhook or by paging; the worker finds out later what they mean."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import transaction

from marketplace.core.errors import Invalid
from marketplace.core.outbox import publish

from .gateway import EventHint
from .models import Alarm, StripeEvent

TOPIC = "stripe.event"


@transaction.atomic
def receive(hint: EventHint, *, found_by: str = "webhook") -> bool:
    """Keep an event; whether it is new. Invalid where it belongs to the other mode."""
    if hint.livemode != settings.STRIPE_LIVEMODE:
        raise Invalid("This event is of the other mode, live or test.")
    if hint.api_version and hint.api_version != settings.STRIPE_API_VERSION:
        raise_alarm("api_version", hint.api_version, f"Event {hint.id} speaks {hint.api_version}.")
    rows = StripeEvent.objects.bulk_create(
        [
            StripeEvent(
                event_id=hint.id,
                kind=hint.kind[:100],
                object_id=hint.object_id,
                api_version=hint.api_version,
                account=hint.account,
                occurred_at=hint.created,
                found_by=found_by,
            )
        ],
        ignore_conflicts=True,
    )
    # With ignore_conflicts Django does not say whether the row was written: the key tells.
    new = StripeEvent.objects.filter(pk=rows[0].pk).exists()
    if new:
        publish(TOPIC, rows[0].pk)
    return new


def raise_alarm(kind: str, subject: str, message: str) -> None:
    """Tell the operators; once, as long as nobody has closed it."""
    Alarm.objects.bulk_create(
        [Alarm(kind=kind, subject=subject[:200], message=message)], ignore_conflicts=True
    )


def last_seen() -> datetime | None:
    return (
        StripeEvent.objects.order_by("-occurred_at").values_list("occurred_at", flat=True).first()
    )
