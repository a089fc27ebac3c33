from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from marketplace.core.errors import Conflict
from marketplace.core.models import OutboxMessage
from marketplace.core.outbox import handles
from marketplace.core.schedule import every
from marketplace.deals.bundle import contributes
from marketplace.deals.evidence import SYSTEM
from marketplace.deals.models import Deal
from marketplace.deals.selectors import lock_with_deals
from marketplace.documents.models import Document
from marketplace.negotiation.models import Negotiation

from .express import activate_paid, express_lapse
from .invoicing import upfront_invoice
from .models import Agreement, subject
from .services import agreements_expire, has_basis, make_move


@every(timedelta(minutes=10))
def expire_agreements(now: datetime) -> int:
    return agreements_expire(now=now)


@handles("deal.end", "offer.lapse")
def give_up(message: OutboxMessage) -> None:
    """Without its deal, or the lock of its rights, an agreement cannot become active. One that is
    paid for already stays, for people to look at."""
    waiting = (Agreement.State.DRAWN_UP, Agreement.State.SIGNED)
    with transaction.atomic():
        for agreement in lock_with_deals(
            Agreement.objects.filter(deal__id=message.subject, state__in=waiting)
        ):
            deal = agreement.deal
            talks = Negotiation.objects.filter(deal=deal).first()
            if deal.state != Deal.State.ENDED and has_basis(agreement, talks):
                continue
            with suppress(Conflict), transaction.atomic():
                make_move(agreement, "abandon", by={"system": SYSTEM}, now=message.due_at)


@contributes
def agreements(deal: Deal) -> Iterable[tuple[str, Document]]:
    """Every text of each agreement: the first and those of its amendments."""
    for place, agreement in enumerate(deal.agreements.order_by("created_at"), 1):
        for document in Document.objects.filter(subject=subject(agreement)).order_by("number"):
            yield f"agreement-{place}-{document.number}", document


@every(timedelta(minutes=10))
def lapse_express(now: datetime) -> int:
    return express_lapse(now=now)


@handles("invoice.paid")
def activate_when_paid(message: OutboxMessage) -> None:
    activate_paid(message.subject, message.due_at)


@handles("agreement.activate")
def ask_for_the_upfront_fee(message: OutboxMessage) -> None:
    upfront_invoice(UUID(message.subject), message.due_at)
