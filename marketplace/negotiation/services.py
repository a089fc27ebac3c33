"""Offers, counter-offers, and the acceptance that locks the rights for a while."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction

from marketplace.accounts.viewer import Viewer
from marketplace.core.checks import checked, text, words
from marketplace.core.errors import Conflict, Forbidden, NotFound
from marketplace.core.language import Language
from marketplace.core.outbox import publish
from marketplace.deals.evidence import SYSTEM, record
from marketplace.deals.models import Deal, Mandate
from marketplace.deals.policies import party, sides
from marketplace.deals.selectors import deal_for, lock_with_deals
from marketplace.documents.services import may_bind
from marketplace.rights import services as rights
from marketplace.rights.models import Act as RightsAct
from marketplace.rights.models import Asset, Occupation

from .differences import differences
from .models import Comment, Negotiation, Offer
from .terms import Terms, digest, parse, stored
from .workflow import WORKFLOW

EXCLUSIVITY = timedelta(days=30)  # in which the agreement is drawn up and signed
S = Negotiation.State


@transaction.atomic
def offer_make(
    *,
    viewer: Viewer,
    deal_id: UUID,
    terms: Mapping[str, Any],
    message: str = "",
    answering: int = 0,
    now: datetime,
) -> Offer:
    """The next version of the term sheet. `answering` is the number of the last one that the
    author has read, 0 where there is none; Conflict says what changed where there is a later."""
    deal = deal_for(viewer, deal_id, now=now, lock=True, field="deal")
    side, by = party(viewer, deal, now, Mandate.Act.NEGOTIATE)
    in_talks(deal)
    wanted = parse(dict(terms))
    assets_named(deal, wanted)
    given = checked({"message": message}, {"message": text(5000)})
    talks, _ = Negotiation.objects.get_or_create(deal=deal)
    last = talks.offers.last()
    if answering != (last.number if last else 0):
        raise superseded(talks, answering)
    talks.state = WORKFLOW.move(talks.state, "offer", by={"party"})
    talks.accepted = talks.locked_until = None
    talks.save()
    offer = Offer.objects.create(
        negotiation=talks,
        number=last.number + 1 if last else 1,
        side=side,
        organisation=deal.parties[side],
        author=viewer.require_user(),
        mandate_id=by.mandate,
        terms=stored(wanted),
        sha256=digest(wanted),
        made_at=now,
        **given,
    )
    record(deal, "offer.make", by=by, now=now, offer=offer.number, sha256=offer.sha256)
    return offer


@transaction.atomic
def offer_accept(*, viewer: Viewer, deal_id: UUID, number: int, now: datetime) -> Negotiation:
    """Accept the other side's last offer: only for who may bind the organisation. The rights are
    locked for the buyer, who then has `EXCLUSIVITY` to come to an agreement.

    Conflict where the offer is superseded, or what it grants is not free any more."""
    deal = deal_for(viewer, deal_id, now=now, lock=True, field="deal")
    side, by = party(viewer, deal, now, None)
    in_talks(deal)
    talks = negotiation_of(deal)
    last = talks.offers.get(number=talks.offers.count())
    if last.number != number:
        raise superseded(talks, number)
    state = WORKFLOW.move(talks.state, "accept", by=actors(side, last))
    if not may_bind(viewer, deal.parties[side]):
        raise Forbidden("Only an admin may bind the organisation.", field=("deal",))
    until = now + EXCLUSIVITY
    occupy(
        deal,
        Terms.model_validate(last.terms),
        kind=Occupation.Kind.LOCK,
        subject=lock_of(last),
        now=now,
        expires_at=until,
    )
    talks.state, talks.accepted, talks.locked_until = state, last, until
    talks.save()
    record(deal, "offer.accept", by=by, now=now, offer=number, sha256=last.sha256, until=str(until))
    return talks


@transaction.atomic
def comment_add(*, viewer: Viewer, deal_id: UUID, text: str, now: datetime) -> Comment:
    deal = deal_for(viewer, deal_id, now=now, lock=True, field="deal")
    side, by = party(viewer, deal, now, Mandate.Act.NEGOTIATE)
    in_talks(deal)
    given = checked({"text": text}, {"text": words(2000)})
    talks, _ = Negotiation.objects.get_or_create(deal=deal)
    comment = Comment.objects.create(
        negotiation=talks,
        organisation=deal.parties[side],
        author=viewer.require_user(),
        made_at=now,
        **given,
    )
    record(deal, "offer.comment", by=by, now=now, comment=str(comment.pk))
    return comment


@transaction.atomic
def negotiations_lapse(*, now: datetime) -> int:
    """Give up the exclusivity that ended without an agreement; the number of negotiations."""
    due = lock_with_deals(Negotiation.objects.filter(state=S.ACCEPTED, locked_until__lte=now))
    for talks in due:
        lapse(talks, now)
    return len(due)


def lapse(talks: Negotiation, now: datetime) -> None:
    """What was locked is free again; the sides may go on talking."""
    talks.state = WORKFLOW.move(talks.state, "lapse", by={"system"})
    talks.save()
    if talks.accepted is not None:
        rights.release(subject=lock_of(talks.accepted), now=now)
    record(talks.deal, "offer.lapse", by=SYSTEM, now=now)
    publish("offer.lapse", talks.deal_id, not_before=now)


def conclude(talks: Negotiation) -> None:
    """There is an agreement; `talks` is locked by the caller."""
    talks.state = WORKFLOW.move(talks.state, "conclude", by={"system"})
    talks.save()


def occupy(
    deal: Deal,
    terms: Terms,
    *,
    kind: Occupation.Kind,
    subject: str,
    now: datetime,
    expires_at: datetime | None = None,
    instead_of: str | None = None,
) -> list[Occupation]:
    """Take in the ledger what the terms grant to the deal's buyer."""
    return rights.occupy(
        owner=deal.licensor,
        holder=deal.buyer,
        assets=assets_named(deal, terms),
        territories=terms.territories,
        fields=terms.fields_of_use,
        acts=[*terms.acts, *([RightsAct.SUBLICENSE] if terms.sublicensable else [])],
        exclusivity=terms.exclusivity,
        kind=kind,
        start=terms.start,
        end=terms.end,
        subject=subject,
        now=now,
        expires_at=expires_at,
        instead_of=instead_of,
    )


def assets_named(deal: Deal, terms: Terms) -> list[Asset]:
    """The assets of the listing that the terms name. NotFound where a patent is not one of its."""
    found = [
        asset
        for asset in rights.assets_of(deal.listing)
        if asset.patent_id in terms.patents or (asset.patent_id is None and terms.know_how)
    ]
    unknown = set(terms.patents) - {asset.patent_id for asset in found}
    if unknown:
        place = min(terms.patents.index(one) for one in unknown)
        raise NotFound("The listing has no such patent.", field=("terms", "patents", str(place)))
    return found


def lock_of(offer: Offer) -> str:
    return f"offer:{offer.pk}"


def superseded(talks: Negotiation, number: int) -> Conflict:
    last = talks.offers.last()
    if last is None:
        return Conflict("There is no offer yet.", field=("number",))
    read = talks.offers.filter(number=number).first()
    changed = differences(read.terms, last.terms, Language.EN) if read else []
    return Conflict(
        f"Offer {number} is superseded by {last.number}: {'; '.join(changed) or 'read it first'}.",
        field=("number",),
    )


def negotiation_of(deal: Deal) -> Negotiation:
    talks = Negotiation.objects.filter(deal=deal).first()
    if talks is None or not talks.offers.exists():
        raise Conflict("There is no offer yet.", field=("number",))
    return talks


def in_talks(deal: Deal) -> None:
    if deal.state != Deal.State.OPEN:
        raise Conflict(f"The deal is {deal.state}; terms are talked over while it is open.")


def actors(side: str, last: Offer) -> set[str]:
    return {"party"} if side == last.side else {"party", "answerer"}


def available(viewer: Viewer, talks: Negotiation, now: datetime) -> list[str]:
    """What the viewer may do now, in the words of the workflow's table."""
    deal = talks.deal
    if deal.state != Deal.State.OPEN:
        return []
    last = max(talks.offers.all(), key=lambda offer: offer.number, default=None)
    found = []
    if sides(viewer, deal, now, Mandate.Act.NEGOTIATE).keys() & set(Offer.Side.values):
        found += WORKFLOW.available(talks.state, by={"party"})
    for side in sides(viewer, deal, now).keys() & set(Offer.Side.values):
        if last and may_bind(viewer, deal.parties[side]):
            by = actors(side, last) - {"party"}
            found += WORKFLOW.available(talks.state, by=by)
    return found
