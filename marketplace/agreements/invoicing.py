"""What an agreement asks to be paid at its start. Each invoice comes from a fact, and once."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from marketplace.accounts.selectors import platform
from marketplace.accounts.viewer import Role, Viewer
from marketplace.core.calendar import day_of
from marketplace.core.errors import Conflict
from marketplace.deals.models import Deal, Mandate
from marketplace.deals.policies import mandates_over
from marketplace.fees.price_list import price
from marketplace.invoices.models import Invoice, Share
from marketplace.invoices.services import (
    ScheduleItem,
    ShareItem,
    invoice_create,
    invoice_issue,
    invoice_void,
)
from marketplace.invoices.workflow import InvoiceState
from marketplace.negotiation.terms import Terms

from .models import Agreement, subject

SETTLED = (
    InvoiceState.VOID,
    InvoiceState.REFUNDED,
    InvoiceState.CHARGED_BACK,
    InvoiceState.WRITTEN_OFF,
)
UPFRONT = ("Upfront fee", "入门费")


@transaction.atomic
def upfront_invoice(agreement_id: UUID, now: datetime, *, days: int = 30) -> Invoice | None:
    """The invoice of the upfront fee, made once; None where the agreement has no such fee."""
    agreement = (
        Agreement.objects.select_for_update(of=("self",))
        .select_related("deal__licensor", "deal__buyer")
        .get(pk=agreement_id)
    )
    terms = Terms.model_validate(agreement.terms)
    there = Invoice.objects.filter(agreement=subject(agreement), lines__kind="upfront").first()
    if there is not None or not terms.upfront:
        return there
    deal = agreement.deal
    invoice = invoice_create(
        viewer=issuer_of(deal),
        issuer=deal.licensor_id,
        payer=deal.buyer_id,
        currency=terms.currency,
        items=[ScheduleItem("upfront", UPFRONT[0], terms.upfront, UPFRONT[1])],
        shares=shares_of(deal, now),
        agreement=subject(agreement),
    )
    return invoice_issue(
        viewer=issuer_of(deal), invoice_id=invoice.pk, today=day_of(now), days=days
    )


def take_back(agreement: Agreement) -> None:
    """Void what it asked to be paid, so that nobody pays for what was given up. Conflict where
    something was paid, or is being paid: that is refunded first."""
    asked = Invoice.objects.filter(agreement=subject(agreement)).exclude(state__in=SETTLED)
    for invoice in asked.order_by("pk"):
        if invoice.state not in {InvoiceState.DRAFT, InvoiceState.ISSUED}:
            raise Conflict("It is paid for; it can be given up once that is refunded.")
        invoice_void(viewer=issuer_of(agreement.deal), invoice_id=invoice.pk)


def issuer_of(deal: Deal) -> Viewer:
    """The licensor agreed to its invoices when it signed, so they are issued in its name."""
    return Viewer(roles={deal.licensor_id: frozenset({Role.FINANCE})})


def shares_of(deal: Deal, now: datetime) -> list[ShareItem]:
    """The marketplace's commission, the licensor's brokers by their mandates in force, and the
    remainder to the licensor."""
    mandates = Mandate.objects.filter(mandates_over(deal.listing, deal.licensor, now)).distinct()
    brokers = [
        ShareItem(one.centre_id, Share.Role.BROKER, one.commission_bp)
        for one in mandates.order_by("created_at")
        if one.commission_bp
    ]
    rate, ours = price(deal.licensor, on=day_of(now)).commission_bp, platform()
    kept = [ShareItem(ours.pk, Share.Role.PLATFORM, rate)] if rate and ours else []
    return [ShareItem(deal.licensor_id, Share.Role.LICENSOR), *kept, *brokers]
