from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from django.db import transaction

from marketplace.accounts.selectors import platform
from marketplace.accounts.viewer import Role, Viewer
from marketplace.core.calendar import day_of
from marketplace.core.models import OutboxMessage
from marketplace.core.outbox import handles_together
from marketplace.invoices.models import Invoice
from marketplace.invoices.services import ScheduleItem, invoice_create, invoice_issue
from marketplace.listings.models import Listing

from .price_list import price, takes_listing_fee

LISTING = ("Listing fee", "挂牌费")


@handles_together("listing.published")
def ask_for_listing_fees(messages: Sequence[OutboxMessage]) -> None:
    """Once a listing, however often it is published; nothing where no fee is taken."""
    days = {message.pk: day_of(message.due_at) for message in messages}
    taking = {today for today in set(days.values()) if takes_listing_fee(on=today)}
    for message in messages:
        if days[message.pk] in taking:
            ask_for_the_listing_fee(message.subject, today=days[message.pk])


@transaction.atomic
def ask_for_the_listing_fee(listing_id: str, *, today: date) -> None:
    listing = Listing.objects.select_for_update(of=("self",)).get(pk=listing_id)
    asked = Invoice.objects.filter(agreement=f"listing:{listing.pk}").exists()
    ours = platform()
    fee = price(listing.owner, on=today).listing_fee
    if asked or ours is None or fee is None or ours == listing.owner:
        return
    issuer = Viewer(roles={ours.pk: frozenset({Role.FINANCE})})
    invoice = invoice_create(
        viewer=issuer,
        issuer=ours.pk,
        payer=listing.owner_id,
        currency=fee.currency,
        items=[ScheduleItem("listing", LISTING[0], fee.amount, LISTING[1])],
        agreement=f"listing:{listing.pk}",
    )
    invoice_issue(viewer=issuer, invoice_id=invoice.pk, today=today)
