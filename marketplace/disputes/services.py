"""Raising a dispute and bringing it to its end. While it is open no money is released, and the
agreement and its rights stay as they are."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction

from marketplace.accounts.viewer import Viewer
from marketplace.agreements.models import Agreement
from marketplace.agreements.models import subject as reference
from marketplace.agreements.services import agreement_for, binders
from marketplace.core.checks import checked, words
from marketplace.core.errors import Conflict, Invalid, NotFound
from marketplace.core.outbox import publish
from marketplace.deals.evidence import Act, record
from marketplace.invoices.models import Invoice
from marketplace.invoices.services import hold_add, hold_remove

from .models import Dispute
from .workflow import OPEN, TEXT, WORKFLOW

MOST = 5000  # characters of a text
ONCE_ACTIVE = {
    Agreement.State.ACTIVE,
    Agreement.State.SUSPENDED,
    Agreement.State.TERMINATED,
    Agreement.State.EXPIRED,
}


@transaction.atomic
def dispute_raise(*, viewer: Viewer, agreement_id: UUID, claim: str, now: datetime) -> Dispute:
    """Dispute an agreement that is or was active, for one of its parties."""
    agreement = agreement_for(viewer, agreement_id, now=now, lock=True)
    if agreement.state not in ONCE_ACTIVE:
        raise Conflict(f"The agreement is {agreement.state}; there is nothing to dispute yet.")
    by = next(iter(binders(viewer, agreement).values()))
    deal = agreement.deal
    given = checked({"claim": claim}, {"claim": words(MOST, at_least=10)})
    try:
        with transaction.atomic():
            dispute = Dispute.objects.create(
                agreement=agreement,
                raised_by=deal.buyer if by.organisation == deal.buyer_id else deal.licensor,
                author=viewer.require_user(),
                **given,
            )
    except IntegrityError:
        raise Conflict("You have an open dispute over it.", field=("agreement",)) from None
    for invoice in invoices_of(agreement):
        hold_add(invoice, hold(dispute))
    record(agreement.deal, "dispute.raise", by=by, now=now, dispute=str(dispute.pk))
    publish("dispute.raise", dispute.pk, not_before=now)
    return dispute


@transaction.atomic
def dispute_move(
    *,
    viewer: Viewer,
    dispute_id: UUID,
    move: str,
    text: str = "",
    revision: int,
    now: datetime,
) -> Dispute:
    """Answer, escalate with the number of the case, settle, withdraw; an operator records what
    the arbitration decided. The last three end the hold on money."""
    found = Dispute.objects.filter(pk=dispute_id).first()
    if found is None:
        raise NotFound("No such dispute.", field=("id",))
    try:
        agreement = agreement_for(viewer, found.agreement_id, now=now, lock=True)
    except NotFound:
        raise NotFound("No such dispute.", field=("id",)) from None
    dispute = Dispute.objects.select_for_update().get(pk=dispute_id)
    dispute.agreement = agreement
    if dispute.revision != revision:
        raise Conflict(
            f"It is {dispute.state} at revision {dispute.revision} by now.", field=("revision",)
        )
    by = actors(viewer, dispute)
    source = Dispute.State(dispute.state)
    dispute.state = WORKFLOW.move(source, move, by=by)
    if move in TEXT:
        limit = 120 if TEXT[move] == "case" else MOST
        given = checked({"text": text}, {"text": words(limit)})
        setattr(dispute, TEXT[move], given["text"])
    elif text:
        raise Invalid(f"To {move} takes no text.", field=("text",))
    dispute.revision += 1
    dispute.save()
    if dispute.state not in OPEN:
        for invoice in invoices_of(agreement):
            hold_remove(invoice, hold(dispute))
    actor = min(WORKFLOW.moves[source, move].by & by.keys())
    record(agreement.deal, f"dispute.{move}", by=by[actor], now=now, dispute=str(dispute.pk))
    publish(f"dispute.{move}", dispute.pk, not_before=now)
    return dispute


def actors(viewer: Viewer, dispute: Dispute) -> dict[str, Act]:
    """What the viewer is to the dispute, in the words of the table."""
    found = {}
    deal = dispute.agreement.deal
    for organisation in deal.parties.values():
        if viewer.has_role(organisation.pk, "admin"):
            side = "claimant" if organisation.pk == dispute.raised_by_id else "respondent"
            found[side] = Act(viewer.require_user().pk, organisation.pk)
    if viewer.is_operator and not found:
        found["operator"] = Act(viewer.require_user().pk)
    return found


def is_frozen(agreement: Agreement) -> bool:
    return agreement.disputes.filter(state__in=OPEN).exists()


def invoices_of(agreement: Agreement) -> list[Invoice]:
    invoices = Invoice.objects.select_for_update().filter(agreement=reference(agreement))
    return list(invoices.order_by("pk"))


def hold(dispute: Dispute) -> str:
    return f"dispute:{dispute.pk}"


@transaction.atomic
def hold_new_invoice(invoice_id: UUID) -> None:
    """An invoice that is issued while its agreement is in dispute is held like the others."""
    invoice = Invoice.objects.select_for_update().get(pk=invoice_id)
    for dispute in Dispute.objects.filter(state__in=OPEN).select_related("agreement"):
        if reference(dispute.agreement) == invoice.agreement:
            hold_add(invoice, hold(dispute))
