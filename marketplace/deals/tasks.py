"""Letters to the parties, and what time brings about."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils import timezone

from marketplace.accounts.models import Organisation
from marketplace.core.models import OutboxMessage
from marketplace.core.outbox import handles
from marketplace.core.schedule import every

from . import letters
from .disclosure import undisclose_outdated
from .models import Deal
from .services import enquiries_lapse


@every(timedelta(minutes=10))
def lapse_enquiries(now: datetime) -> int:
    return enquiries_lapse(now=now)


@handles("deal.enquired")
def tell_licensor(message: OutboxMessage) -> None:
    deal = Deal.objects.select_related("licensor", "buyer").get(pk=message.subject)
    tell(deal.licensor, letters.ENQUIRED, deal)


@handles("deal.reminder")
def remind_licensor(message: OutboxMessage) -> None:
    deal = Deal.objects.select_related("licensor", "buyer").get(pk=message.subject)
    if deal.state != Deal.State.ENQUIRED or deal.reminded_at is not None:
        return
    tell(deal.licensor, letters.REMINDER, deal)
    Deal.objects.filter(pk=deal.pk, reminded_at=None).update(reminded_at=timezone.now())


@handles("deal.accept", "deal.decline")
def tell_buyer(message: OutboxMessage) -> None:
    deal = Deal.objects.select_related("licensor", "buyer").get(pk=message.subject)
    tell(deal.buyer, letters.MOVED[message.topic], deal)


@handles("template.added")
def ask_again(message: OutboxMessage) -> None:
    undisclose_outdated(timezone.now())


def tell(to: Organisation, letter: letters.Letter, deal: Deal) -> None:
    letters.write(to, letter, deal=str(deal.pk), due=f"{deal.due_at:%Y-%m-%d}")
