"""Amendments: other terms for a running agreement, in force once both have signed them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from marketplace.accounts.viewer import Viewer
from marketplace.core.errors import Conflict, Invalid, NotFound, refuse
from marketplace.core.outbox import publish
from marketplace.deals.evidence import SYSTEM, record
from marketplace.deals.models import Mandate
from marketplace.deals.policies import party
from marketplace.deals.signing import sign
from marketplace.negotiation import services as negotiation
from marketplace.negotiation.terms import Terms, parse, stored
from marketplace.rights.models import Occupation

from .gates import reasons_against, reasons_to_stay
from .models import Agreement, Amendment, subject
from .services import LICENSEE, S, agreement_for, rights_of, save
from .wording import draw_up
from .workflow import AMENDMENTS


@transaction.atomic
def amendment_propose(
    *, viewer: Viewer, agreement_id: UUID, terms: Mapping[str, Any], now: datetime
) -> Amendment:
    """Draw up the whole agreement anew with other terms, for both to sign. One at a time."""
    agreement = agreement_for(viewer, agreement_id, now=now, lock=True)
    _, by = party(viewer, agreement.deal, now, Mandate.Act.NEGOTIATE)
    must_run(agreement)
    if agreement.amendments.filter(state=Amendment.State.PROPOSED).exists():
        raise Conflict("Another amendment waits for signatures; sign or withdraw that first.")
    wanted = parse(dict(terms))
    if stored(wanted) == agreement.terms:
        raise Invalid("These are the terms in force.", field=("terms",))
    amendment = Amendment.objects.create(
        agreement=agreement,
        number=agreement.amendments.count() + 1,
        terms=stored(wanted),
        document=draw_up(agreement.deal, wanted, subject(agreement)),
    )
    record(
        agreement.deal,
        "amendment.propose",
        by=by,
        now=now,
        amendment=amendment.number,
        sha256=amendment.document.sha256,
    )
    return amendment


@transaction.atomic
def amendment_sign(
    *,
    viewer: Viewer,
    amendment_id: UUID,
    organisation_id: UUID,
    typed_name: str,
    sha256: str,
    address: str,
    now: datetime,
) -> Amendment:
    """Sign for one party. With the second signature its terms are in force and the ledger holds
    them; Conflict, and no signature, where what they add is not free, or not cleared as what was
    first agreed had to be."""
    agreement, amendment = both(viewer, amendment_id, now)
    must_run(agreement)
    state = AMENDMENTS.move(amendment.state, "sign", by={"signatories"})
    refuse(Conflict(one, field=("id",)) for one in reasons_to_stay(agreement, now))
    if sign(
        viewer,
        agreement.deal,
        amendment.document,
        organisation_id,
        kind="agreement.sign",
        typed_name=typed_name,
        sha256=sha256,
        address=address,
        now=now,
    ):
        refuse(Conflict(one, field=("id",)) for one in reasons_against(agreement, now))
        before = rights_of(agreement)
        amendment.state, amendment.in_force_at = state, now
        amendment.save()
        negotiation.occupy(
            agreement.deal,
            Terms.model_validate(amendment.terms),
            kind=Occupation.Kind.GRANT,
            subject=rights_of(agreement),
            now=now,
            instead_of=before,
        )
        agreement.terms, agreement.document = amendment.terms, amendment.document
        save(agreement)
        record(agreement.deal, "amendment.in_force", by=SYSTEM, now=now, amendment=amendment.number)
        publish("agreement.amended", agreement.pk, not_before=now)
    return amendment


@transaction.atomic
def amendment_withdraw(*, viewer: Viewer, amendment_id: UUID, now: datetime) -> Amendment:
    agreement, amendment = both(viewer, amendment_id, now)
    side, by = party(viewer, agreement.deal, now, Mandate.Act.NEGOTIATE)
    amendment.state = AMENDMENTS.move(amendment.state, "withdraw", by={LICENSEE[side]})
    amendment.save()
    record(agreement.deal, "amendment.withdraw", by=by, now=now, amendment=amendment.number)
    return amendment


def must_run(agreement: Agreement) -> None:
    if agreement.state not in {S.ACTIVE, S.SUSPENDED}:
        raise Conflict(f"The agreement is {agreement.state}; only a running one is amended.")


def both(viewer: Viewer, amendment_id: UUID, now: datetime) -> tuple[Agreement, Amendment]:
    found = Amendment.objects.filter(pk=amendment_id).first()
    if found is None:
        raise NotFound("No such amendment.", field=("id",))
    agreement = agreement_for(viewer, found.agreement_id, now=now, lock=True)
    amendment = Amendment.objects.select_related("document").get(pk=found.pk)
    amendment.agreement = agreement
    return agreement, amendment
