"""Agreements: drawn up, signed, activated into the rights ledger, and ended."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction

from marketplace.accounts.models import Organisation
from marketplace.accounts.viewer import Viewer
from marketplace.core.calendar import day_of
from marketplace.core.checks import checked, text
from marketplace.core.errors import Conflict, Forbidden, Invalid, NotFound, refuse
from marketplace.core.outbox import publish
from marketplace.deals import services as deals
from marketplace.deals.evidence import SYSTEM, Act, record
from marketplace.deals.models import Deal, Mandate
from marketplace.deals.policies import party
from marketplace.deals.selectors import deal_for, lock_with_deals
from marketplace.deals.signing import sign
from marketplace.documents import services as documents
from marketplace.negotiation import services as negotiation
from marketplace.negotiation.models import Negotiation
from marketplace.negotiation.terms import Terms
from marketplace.rights import services as rights
from marketplace.rights.models import Occupation

from .gates import reasons_against, reasons_to_stay
from .invoicing import take_back
from .models import Agreement, Amendment, subject
from .wording import draw_up
from .workflow import AMENDMENTS, LIVE, NEEDS_A_REASON, WORKFLOW

S = Agreement.State
LICENSEE = {"buyer": "licensee", "licensor": "licensor"}  # a side of the deal, in our words


@transaction.atomic
def agreement_draw_up(*, viewer: Viewer, deal_id: UUID, now: datetime) -> Agreement:
    """Put the accepted offer into clauses, for both to sign. Conflict where none is accepted and
    locked, or there is a live agreement."""
    deal = deal_for(viewer, deal_id, now=now, lock=True, field="deal")
    _, by = party(viewer, deal, now, Mandate.Act.NEGOTIATE)
    talks = Negotiation.objects.filter(deal=deal, state=Negotiation.State.ACCEPTED).first()
    if talks is None or talks.accepted is None or talks.locked_until is None:
        raise Conflict("An agreement follows an accepted offer.", field=("deal",))
    if talks.locked_until <= now:
        raise Conflict("The time for it has passed; accept an offer again.", field=("deal",))
    if Agreement.objects.filter(deal=deal, state__in=LIVE).exists():
        raise Conflict("There is an agreement already.", field=("deal",))
    terms = Terms.model_validate(talks.accepted.terms)
    agreement = Agreement(deal=deal, terms=talks.accepted.terms)
    agreement.document = draw_up(deal, terms, subject(agreement))
    agreement.save()
    record(
        deal,
        "agreement.draw_up",
        by=by,
        now=now,
        agreement=str(agreement.pk),
        offer=talks.accepted.number,
        sha256=agreement.document.sha256,
    )
    return agreement


@transaction.atomic
def agreement_sign(
    *,
    viewer: Viewer,
    agreement_id: UUID,
    organisation_id: UUID,
    typed_name: str,
    sha256: str,
    address: str,
    now: datetime,
) -> Agreement:
    """Sign for one of the parties; with the second signature the agreement is signed."""
    agreement = agreement_for(viewer, agreement_id, now=now, lock=True)
    state = WORKFLOW.move(agreement.state, "sign", by={"signatories"})
    if sign(
        viewer,
        agreement.deal,
        agreement.document,
        organisation_id,
        kind="agreement.sign",
        typed_name=typed_name,
        sha256=sha256,
        address=address,
        now=now,
    ):
        agreement.state, agreement.signed_at = state, now
        save(agreement)
        record(agreement.deal, "agreement.signed", by=SYSTEM, now=now, agreement=str(agreement.pk))
        publish("agreement.signed", agreement.pk, not_before=now)
    return agreement


@transaction.atomic
def agreement_move(
    *,
    viewer: Viewer,
    agreement_id: UUID,
    move: str,
    revision: int,
    reason: str = "",
    now: datetime,
) -> Agreement:
    """Make a move of the table in workflow.py for the viewer, who must bind a party.

    `activate` is refused with everything that stands against it at once; it takes the rights in
    the ledger. `suspend` and `terminate` take a reason."""
    agreement = agreement_for(viewer, agreement_id, now=now, lock=True)
    if agreement.revision != revision:
        raise Conflict(
            f"It is {agreement.state} at revision {agreement.revision} by now.",
            field=("revision",),
        )
    if move == "sign":
        raise Invalid("Sign by agreementSign, with your name.", field=("move",))
    return make_move(agreement, move, by=binders(viewer, agreement), now=now, reason=reason)


def make_move(
    agreement: Agreement, move: str, *, by: dict[str, Act], now: datetime, reason: str = ""
) -> Agreement:
    source = Agreement.State(agreement.state)
    target = WORKFLOW.move(source, move, by=by)
    given = checked({"reason": reason}, {"reason": text(2000)})["reason"]
    if move in NEEDS_A_REASON and not given:
        raise Invalid("Say why, for the other side to read.", field=("reason",))
    if by.keys() != {"system"}:
        refuse(Conflict(one, field=("id",)) for one in reasons_to_stay(agreement, now))
    if move == "activate":
        activate(agreement, now)
    if move == "abandon":
        take_back(agreement)
    agreement.state = target
    agreement.reason = given or agreement.reason
    if target not in LIVE:
        agreement.ended_at = now
        for cause in (rights_of(agreement), *express_locks_of(agreement)):
            rights.release(subject=cause, now=now)
    save(agreement)
    actor = min(WORKFLOW.moves[source, move].by & by.keys())
    if target not in LIVE:
        withdraw_amendments(agreement, by[actor], now)
    record(
        agreement.deal,
        f"agreement.{move}",
        by=by[actor],
        now=now,
        agreement=str(agreement.pk),
        **({"reason": given} if given else {}),
    )
    publish(f"agreement.{move}", agreement.pk, not_before=now)
    return agreement


def activate(agreement: Agreement, now: datetime) -> None:
    """The lock becomes a grant. Conflict where what was agreed is not free any more."""
    refuse(Conflict(reason, field=("id",)) for reason in reasons_against(agreement, now))
    deal = agreement.deal
    talks = Negotiation.objects.select_for_update().filter(deal=deal).first()
    if not has_basis(agreement, talks):
        raise Conflict("The deal has ended, or the offer that it was drawn up from.")
    lock = negotiation.lock_of(talks.accepted) if talks and talks.accepted else None
    for cause in express_locks_of(agreement):
        rights.release(subject=cause, now=now)
    negotiation.occupy(
        deal,
        Terms.model_validate(agreement.terms),
        kind=Occupation.Kind.GRANT,
        subject=rights_of(agreement),
        now=now,
        instead_of=None if agreement.express_id else lock,
    )
    agreement.activated_at = now
    if talks is not None and talks.state == Negotiation.State.ACCEPTED:
        negotiation.conclude(talks)
    if deal.state != Deal.State.AGREED:
        deals.make_move(deal, "agree", by={"system": SYSTEM}, now=now)


def has_basis(agreement: Agreement, talks: Negotiation | None) -> bool:
    """Whether what it was drawn up from still stands: the accepted offer of a deal that goes on.
    An express licence rests on the offer that its owner signed."""
    if agreement.express_id:
        return True
    return (
        agreement.deal.state == Deal.State.OPEN
        and talks is not None
        and talks.state == Negotiation.State.ACCEPTED
        and talks.accepted is not None
        and talks.accepted.terms == agreement.terms
    )


def withdraw_amendments(agreement: Agreement, by: Act, now: datetime) -> None:
    """What has ended is not amended any more."""
    for amendment in agreement.amendments.filter(state=Amendment.State.PROPOSED):
        amendment.state = AMENDMENTS.move(amendment.state, "withdraw", by={"system"})
        amendment.save()
        record(agreement.deal, "amendment.withdraw", by=by, now=now, amendment=amendment.number)


@transaction.atomic
def agreements_expire(*, now: datetime) -> int:
    """End what is over by its own terms; the number of agreements."""
    due = lock_with_deals(
        Agreement.objects.filter(
            state__in=[S.ACTIVE, S.SUSPENDED], terms__end__lte=day_of(now).isoformat()
        ).exclude(terms__end=None)  # which JSON sorts before every date
    )
    for agreement in due:
        make_move(agreement, "expire", by={"system": SYSTEM}, now=now)
    return len(due)


def agreement_for(
    viewer: Viewer, agreement_id: UUID, *, now: datetime, lock: bool = False
) -> Agreement:
    """The agreement, if the viewer may know of its deal; locked after the deal, always so."""
    found = Agreement.objects.filter(pk=agreement_id).first()
    if found is None:
        raise NotFound("No such agreement.", field=("id",))
    try:
        deal = deal_for(viewer, found.deal_id, now=now, lock=lock)
    except NotFound:
        raise NotFound("No such agreement.", field=("id",)) from None
    agreements = Agreement.objects.select_related("document")
    if lock:
        agreements = agreements.select_for_update(of=("self",))
    agreement = agreements.get(pk=agreement_id)
    agreement.deal = deal
    return agreement


def binders(viewer: Viewer, agreement: Agreement) -> dict[str, Act]:
    """The parties that the viewer may bind, in the words of the table."""
    parties: dict[str, Organisation] = {
        "licensor": agreement.deal.licensor,
        "licensee": agreement.deal.buyer,
    }
    found = {
        name: Act(viewer.require_user().pk, one.pk)
        for name, one in parties.items()
        if documents.may_bind(viewer, one)
    }
    if not found:
        raise Forbidden("Only an admin of a party may do this.", field=("id",))
    return found


def roles(viewer: Viewer, agreement: Agreement) -> set[str]:
    """What the viewer is to the agreement, in the words of the tables."""
    parties = {"licensor": agreement.deal.licensor, "licensee": agreement.deal.buyer}
    by = {name for name, one in parties.items() if documents.may_bind(viewer, one)}
    return by | ({"signatories"} if by else set())


def save(agreement: Agreement) -> None:
    agreement.revision += 1
    try:
        with transaction.atomic():
            agreement.save()
    except IntegrityError:
        raise Conflict("There is another live agreement of this deal.") from None


def express_locks_of(agreement: Agreement) -> tuple[str, str]:
    """The causes by which the ledger keeps the rights of an express licence: until it is paid, and
    from then on until it is cleared."""
    return f"express:{agreement.pk}", f"express_paid:{agreement.pk}"


def rights_of(agreement: Agreement) -> str:
    """The cause by which the ledger knows its rights: another with each amendment in force."""
    number = agreement.amendments.filter(state="in_force").count() if agreement.pk else 0
    return f"agreement:{agreement.pk}:{number}"
