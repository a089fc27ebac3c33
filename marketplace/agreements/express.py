"""Express licences: fixed terms that the owner has bound itself to, accepted and paid in one go."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from marketplace.accounts.models import Organisation
from marketplace.accounts.selectors import organisations_visible_to
from marketplace.accounts.viewer import Viewer
from marketplace.core.calendar import HONG_KONG, day_of, months_after
from marketplace.core.checks import checked, whole, words
from marketplace.core.errors import Conflict, Forbidden, Invalid, NotFound
from marketplace.core.outbox import publish
from marketplace.core.vocabulary import Exclusivity
from marketplace.deals import services as deals
from marketplace.deals.evidence import SYSTEM, Act, record
from marketplace.deals.models import Deal
from marketplace.deals.selectors import lock_with_deals
from marketplace.documents import services as documents
from marketplace.documents.models import Signature
from marketplace.invoices.models import Invoice
from marketplace.invoices.workflow import InvoiceState
from marketplace.listings.models import Listing
from marketplace.listings.selectors import listing_for
from marketplace.negotiation import services as negotiation
from marketplace.negotiation.terms import Terms, digest, parse, stored
from marketplace.rights.models import Occupation

from .gates import reasons_against
from .invoicing import upfront_invoice
from .models import Agreement, ExpressOffer, subject
from .services import S, express_locks_of, make_move
from .wording import draw_up

TO_PAY = timedelta(days=14)  # for which the rights are kept for who has accepted
CHECKS = {"typed_name": words(120, at_least=2), "months": whole(1, 240, "a number of months")}


@transaction.atomic
def express_offer(
    *,
    viewer: Viewer,
    listing_id: UUID,
    terms: Mapping[str, Any],
    months: int,
    typed_name: str,
    address: str,
    now: datetime,
) -> ExpressOffer:
    """Bind the owner to terms that anybody may accept; an earlier offer ends. `start` and `end` of
    the terms are set at each acceptance. Only an admin of the owner may, and only non-exclusively
    and for an upfront fee alone: what is accepted unseen must not shut out others nor run on."""
    listing = listing_for(viewer, listing_id, lock=True)
    if not documents.may_bind(viewer, listing.owner):
        raise Forbidden("Only an admin of the owner may bind it.", field=("listing",))
    given = checked({"typed_name": typed_name, "months": months}, CHECKS)
    today = day_of(now)
    wanted = parse({**terms, "start": today, "end": None})
    if wanted.exclusivity != Exclusivity.NON_EXCLUSIVE:
        raise Invalid("An express licence is NON_EXCLUSIVE.", field=("terms", "exclusivity"))
    if not wanted.upfront or wanted.royalty or wanted.milestones:
        raise Invalid(
            "An express licence is paid by an upfront fee, and by nothing else.",
            field=("terms", "upfront"),
        )
    listing.express_offers.filter(withdrawn_at=None).update(withdrawn_at=now)
    return ExpressOffer.objects.create(
        listing=listing,
        terms=stored(wanted),
        sha256=hashlib.sha256(f"{digest(wanted)} {given['months']}".encode()).hexdigest(),
        signed_by=viewer.require_user(),
        signed_at=now,
        address=address,
        **given,
    )


@transaction.atomic
def express_withdraw(*, viewer: Viewer, listing_id: UUID, now: datetime) -> Listing:
    """Nobody can accept it any more; what was accepted stays."""
    listing = listing_for(viewer, listing_id, lock=True)
    if not documents.may_bind(viewer, listing.owner):
        raise Forbidden("Only an admin of the owner may.", field=("listing",))
    if not listing.express_offers.filter(withdrawn_at=None).update(withdrawn_at=now):
        raise Conflict("There is no express offer.", field=("listing",))
    return listing


@transaction.atomic
def express_accept(
    *,
    viewer: Viewer,
    listing_id: UUID,
    buyer_id: UUID,
    sha256: str,
    typed_name: str,
    address: str,
    now: datetime,
) -> tuple[Agreement, Invoice]:
    """Accept the offer whose hash the buyer has read: the deal, the agreement signed by both, and
    the invoice. The rights are kept until it is paid; then the agreement is active by itself."""
    listing = listing_for(viewer, listing_id, lock=True)
    buyer = organisations_visible_to(viewer).filter(pk=buyer_id).first()
    if buyer is None or not documents.may_bind(viewer, buyer):
        raise Forbidden("Only an admin of the buyer may bind it.", field=("buyer",))
    if Organisation.Kind.BUYER not in buyer.kinds or buyer.pk == listing.owner_id:
        raise Forbidden(f"{buyer.name} is no buyer of this listing.", field=("buyer",))
    offer = listing.express_offers.filter(withdrawn_at=None).first()
    if offer is None or listing.state != Listing.State.PUBLISHED:
        raise NotFound("It is not on express offer now.", field=("listing",))
    if offer.sha256 != sha256.strip().lower():
        raise Conflict(f"The offer is another: {offer.sha256}.", field=("sha256",))
    given = checked({"typed_name": typed_name}, CHECKS)
    start = day_of(now)
    end = months_after(start, offer.months)
    terms = parse({**offer.terms, "start": start, "end": end})
    deal = open_deal(listing, buyer, Act(viewer.require_user().pk, buyer.pk), offer, now)
    agreement = Agreement(deal=deal, terms=stored(terms), express=offer, state=S.SIGNED)
    agreement.signed_at = now
    agreement.document = draw_up(deal, terms, subject(agreement))
    agreement.save()
    sign_both(agreement, offer, viewer, given["typed_name"], address, now)
    negotiation.occupy(
        deal,
        terms,
        kind=Occupation.Kind.LOCK,
        subject=express_locks_of(agreement)[0],
        now=now,
        expires_at=now + TO_PAY,
    )
    record(
        deal,
        "agreement.signed",
        by=SYSTEM,
        now=now,
        agreement=str(agreement.pk),
        sha256=agreement.document.sha256,
    )
    publish("agreement.signed", agreement.pk, not_before=now)
    invoice = upfront_invoice(agreement.pk, now, days=TO_PAY.days)
    if invoice is None:
        raise LookupError("an express offer without a fee")
    return agreement, invoice


def open_deal(
    listing: Listing, buyer: Organisation, by: Act, offer: ExpressOffer, now: datetime
) -> Deal:
    answer = "Accepted the express offer."
    try:
        with transaction.atomic():
            deal = Deal.objects.create(
                listing=listing,
                licensor=listing.owner,
                buyer=buyer,
                application=answer,
                fit=answer,
                plan=answer,
                enquired_at=now,
                due_at=now,
            )
    except IntegrityError:
        raise Conflict("There is a live deal over it already.", field=("listing",)) from None
    record(deal, "express.accept", by=by, now=now, offer=str(offer.pk), sha256=offer.sha256)
    return deals.make_move(
        deal, "accept", by={"licensor": Act(offer.signed_by_id, listing.owner_id)}, now=now
    )


def sign_both(
    agreement: Agreement,
    offer: ExpressOffer,
    viewer: Viewer,
    typed_name: str,
    address: str,
    now: datetime,
) -> None:
    """The owner signed when it made the offer, the buyer signs now."""
    document, deal = agreement.document, agreement.deal
    Signature.objects.create(
        document=document,
        organisation=deal.licensor,
        user=offer.signed_by,
        typed_name=offer.typed_name,
        signed_at=offer.signed_at,
        address=offer.address,
        sha256=document.sha256,
    )
    documents.document_sign(
        viewer=viewer,
        document=document,
        organisation=deal.buyer,
        typed_name=typed_name,
        sha256=document.sha256,
        address=address,
        now=now,
    )


@transaction.atomic
def activate_paid(invoice_id: str, now: datetime) -> None:
    """An express licence is active once its invoice is paid, unless something stands against it:
    then its rights stay kept, and it waits for `activate_settled`, or for a party to activate it.
    """
    invoice = Invoice.objects.get(pk=invoice_id)
    kind, _, pk = invoice.agreement.partition(":")
    if kind != "agreement":
        return
    for agreement in lock_with_deals(
        Agreement.objects.filter(pk=pk, state=S.SIGNED, express__isnull=False)
    ):
        if not reasons_against(agreement, now):
            make_move(agreement, "activate", by={"system": SYSTEM}, now=now)
        else:
            keep(agreement, now)


def keep(agreement: Agreement, now: datetime) -> None:
    """What is paid for is nobody else's, for as long as the licence would run."""
    terms = Terms.model_validate(agreement.terms)
    if terms.end is None:
        raise LookupError("an express licence without an end")
    until_paid, until_cleared = express_locks_of(agreement)
    negotiation.occupy(
        agreement.deal,
        terms,
        kind=Occupation.Kind.LOCK,
        subject=until_cleared,
        now=now,
        expires_at=datetime.combine(terms.end, time(), HONG_KONG),
        instead_of=until_paid,
    )


def activate_settled(deal_id: UUID, now: datetime) -> None:
    """What stood against the deal's paid express licence is settled."""
    waiting = Agreement.objects.filter(deal=deal_id, state=S.SIGNED, express__isnull=False).first()
    if waiting is None:
        return
    invoice = Invoice.objects.filter(agreement=subject(waiting), state=InvoiceState.PAID).first()
    if invoice is not None:
        activate_paid(str(invoice.pk), now)


@transaction.atomic
def express_lapse(*, now: datetime) -> int:
    """Give up what was accepted and not paid in time; the number of agreements. One that is part
    paid, or whose payment is under way, stays for people to look at."""
    due = lock_with_deals(
        Agreement.objects.filter(state=S.SIGNED, express__isnull=False, signed_at__lte=now - TO_PAY)
    )
    lapsed = 0
    for agreement in due:
        deal = agreement.deal
        try:
            with transaction.atomic():
                make_move(agreement, "abandon", by={"system": SYSTEM}, now=now)
        except Conflict:
            continue
        if deal.state == Deal.State.OPEN:
            deals.make_move(deal, "end", by={"buyer": Act(None, deal.buyer_id)}, now=now)
        lapsed += 1
    return lapsed
