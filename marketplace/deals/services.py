"""Enquiries and what becomes of them: everything that moves a deal."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from marketplace.accounts.models import Organisation
from marketplace.accounts.selectors import organisations_visible_to
from marketplace.accounts.viewer import Viewer
from marketplace.core.checks import checked, choice, text
from marketplace.core.errors import Conflict, Forbidden, Invalid, NotFound
from marketplace.core.outbox import publish
from marketplace.core.vocabulary import DeclineReason
from marketplace.listings.models import Listing
from marketplace.listings.selectors import listing_for
from marketplace.needs.models import Need

from .disclosure import disclose
from .evidence import SYSTEM, Act, record
from .models import Deal, Mandate
from .policies import acting, sides
from .questions import CHECKS
from .selectors import deal_for
from .workflow import ACTS, WORKFLOW

ANSWER_WITHIN = timedelta(days=14)
REMIND_BEFORE = timedelta(days=4)


@transaction.atomic
def enquiry_send(
    *,
    viewer: Viewer,
    listing_id: UUID,
    buyer_id: UUID,
    need_id: UUID | None = None,
    now: datetime,
    **answers: str,
) -> Deal:
    """Ask the owner of a listing for more, with answers to the three standard questions.

    Conflict where the listing is not published or the buyer has a live deal over it."""
    listing = listing_for(viewer, listing_id)
    buyer = organisations_visible_to(viewer).filter(pk=buyer_id).first()
    if buyer is None:
        raise NotFound("No such organisation.", field=("buyer",))
    by = acting(viewer, buyer, Mandate.Act.ENQUIRE, listing=listing, now=now)
    if Organisation.Kind.BUYER not in buyer.kinds:
        raise Forbidden(f"{buyer.name} is no buyer.", field=("buyer",))
    if listing.owner_id == buyer.pk:
        raise Conflict("It is your own listing.", field=("listing",))
    if listing.state != Listing.State.PUBLISHED:
        raise Conflict("It is not on offer now.", field=("listing",))
    need = None
    if need_id is not None:
        need = Need.objects.filter(pk=need_id, organisation=buyer).first()
        if need is None:
            raise NotFound("No such need of this buyer.", field=("need",))
    try:
        with transaction.atomic():
            deal = Deal.objects.create(
                listing=listing,
                licensor=listing.owner,
                buyer=buyer,
                need=need,
                enquired_at=now,
                due_at=now + ANSWER_WITHIN,
                **checked(answers, CHECKS),
            )
    except IntegrityError:
        raise Conflict("There is a live deal over it already.", field=("listing",)) from None
    record(deal, "enquiry.send", by=by, now=now, listing=str(listing.pk), **answers_of(deal))
    publish("deal.enquired", deal.pk, not_before=now)
    publish("deal.reminder", deal.pk, not_before=deal.due_at - REMIND_BEFORE)
    return deal


def answers_of(deal: Deal) -> dict[str, str]:
    return {name: getattr(deal, name) for name in CHECKS}


@transaction.atomic
def deal_move(
    *,
    viewer: Viewer,
    deal_id: UUID,
    move: str,
    now: datetime,
    revision: int | None = None,
    reason: str = "",
    note: str = "",
) -> Deal:
    """Make a move of the table in workflow.py for the viewer. To decline takes a reason of the
    vocabulary. Conflict where something happened since `revision`, saying what."""
    deal = deal_for(viewer, deal_id, now=now, lock=True, revision=revision)
    found = sides(viewer, deal, now, ACTS.get(move))
    return make_move(deal, move, by=found, now=now, reason=reason, note=note)


def make_move(
    deal: Deal,
    move: str,
    *,
    by: dict[str, Act],
    now: datetime,
    reason: str = "",
    note: str = "",
) -> Deal:
    source = Deal.State(deal.state)
    target = WORKFLOW.move(source, move, by=by)
    given: dict[str, Any] = checked({"note": note}, {"note": text(2000)})
    if move == "decline":
        deal.decline_reason = choice(DeclineReason)(reason, ("reason",))
    elif reason:
        raise Invalid("Only to decline takes a reason.", field=("reason",))
    if move in {"accept", "decline"}:
        deal.answered_at = now
    deal.state = target
    deal.note = given["note"] or deal.note
    try:
        with transaction.atomic():
            deal.save()
    except IntegrityError:
        raise Conflict("There is another live deal over it.") from None
    actor = WORKFLOW.moves[source, move].by & by.keys()
    record(
        deal,
        f"deal.{move}",
        by=by[min(actor)],
        now=now,
        source=source,
        target=target,
        **({"reason": deal.decline_reason} if move == "decline" else {}),
        **given,
    )
    disclose(deal, now)
    publish(f"deal.{move}", deal.pk, not_before=now)
    return deal


@transaction.atomic
def enquiries_lapse(*, now: datetime) -> int:
    """Mark as stale what nobody answered in time; the number of deals."""
    due = Deal.objects.select_for_update().filter(state=Deal.State.ENQUIRED, due_at__lte=now)
    for deal in due:
        make_move(deal, "lapse", by={"system": SYSTEM}, now=now)
    return len(due)
