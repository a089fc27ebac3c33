from __future__ import annotations

from uuid import UUID

from django.utils import timezone

from marketplace.core import webhooks
from marketplace.core.models import OutboxMessage
from marketplace.core.outbox import handles

from . import letters
from .models import SavedSearch
from .services import (
    DUE,
    delivery_done,
    delivery_give_back,
    delivery_take,
    need_watch,
    unsubscribe,
    unsubscribe_token,
)


@handles("need.changed")
def watch_need(message: OutboxMessage) -> None:
    need_watch(UUID(message.subject))


@handles(DUE, after_others=True)
def tell_subscriber(message: OutboxMessage) -> None:
    """Send what waits. A webhook that answers 410 Gone wants no more."""
    taken = delivery_take(UUID(message.subject), delivery=message.pk, due=message.due_at)
    if taken is None:
        return
    saved, alerts = taken
    if saved.channel == SavedSearch.Channel.EMAIL:
        letters.mail(saved, alerts).send()
    else:
        try:
            webhooks.send(
                saved.webhook_url,
                letters.body(saved, alerts, message.pk),
                secret=webhooks.secret_for(str(saved.pk)),
                delivery=str(message.pk),
                now=timezone.now(),
            )
        except webhooks.Refused as refused:
            if refused.status != webhooks.GONE:
                raise
            unsubscribe(unsubscribe_token(saved), now=timezone.now())
            delivery_give_back(saved, message.pk)
            return
    delivery_done(alerts, now=timezone.now())
