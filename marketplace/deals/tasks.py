"""Letters to the parties, and what time brings about."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.core.mail import send_mail
from django.utils import timezone

from marketplace.accounts.models import Membership, Organisation
from marketplace.core.models import OutboxMessage
from marketplace.core.outbox import handles
from marketplace.core.schedule import every

from . import letters
from .disclosure import undisclose_outdated
from .models import Deal
from .policies import EDITORS
from .services import enquiries_lapse


@every(timedelta(minutes=10))
def lapse_enquiries(now: datetime) -> int:
    return enquiries_lapse(now=now)


@handles("deal.enquired")
def tell_licensor(message: OutboxMessage) -> None:
    deal = Deal.objects.select_related("licensor", "buyer").get(pk=message.subject)
    write(deal.licensor, letters.ENQUIRED, deal)


@handles("deal.reminder")
def remind_licensor(message: OutboxMessage) -> None:
    deal = Deal.objects.select_related("licensor", "buyer").get(pk=message.subject)
    if deal.state != Deal.State.ENQUIRED or deal.reminded_at is not None:
        return
    write(deal.licensor, letters.REMINDER, deal)
    Deal.objects.filter(pk=deal.pk, reminded_at=None).update(reminded_at=timezone.now())


@handles("deal.accept", "deal.decline")
def tell_buyer(message: OutboxMessage) -> None:
    deal = Deal.objects.select_related("licensor", "buyer").get(pk=message.subject)
    write(deal.buyer, letters.MOVED[message.topic], deal)


@handles("template.added")
def ask_again(message: OutboxMessage) -> None:
    undisclose_outdated(timezone.now())


def write(to: Organisation, letter: letters.Letter, deal: Deal) -> None:
    """One letter to each admin and dealmaker, in their language."""
    members = Membership.objects.filter(organisation=to, roles__overlap=list(EDITORS))
    for member in members.select_related("user"):
        subject, body = letter[member.user.language]
        send_mail(
            subject,
            body.format(deal=deal.pk, due=f"{deal.due_at:%Y-%m-%d}"),
            settings.DEFAULT_FROM_EMAIL,
            [member.user.email],
        )
