"""Certificates and applications: submitted by the organisation, decided by an operator, and what
they change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction

from marketplace.accounts.models import Organisation
from marketplace.accounts.selectors import organisation_for
from marketplace.accounts.viewer import Role, Viewer
from marketplace.core.calendar import months_after
from marketplace.core.errors import Conflict, Forbidden, Invalid, NotFound, refuse
from marketplace.core.workflow import Workflow, move
from marketplace.rulebook.engine import Certainty, ask

from .eligibility import SAID, eligible, facts_of
from .models import ProgrammeApplication, ReviewState, SupplierCertificate

S = ReviewState
WORKFLOW = Workflow(
    move("approve", S.SUBMITTED, S.APPROVED, "operator"),
    move("reject", S.SUBMITTED, S.REJECTED, "operator"),
    move("end", S.APPROVED, S.ENDED, "operator"),
)
ALL = 10_000  # basis points


@dataclass(frozen=True)
class Effects:
    """What remains of listing fees and commission, in basis points, and whose rules say so."""

    listing_fee_bp: int = ALL
    commission_bp: int = ALL
    priority_review: bool = False
    rules: tuple[str, ...] = ()
    status: Certainty = Certainty.CONFIRMED


@transaction.atomic
def supplier_certificate_submit(
    *,
    viewer: Viewer,
    organisation_id: UUID,
    sector: str,
    number: str,
    expires_on: date,
    evidence: str,
    today: date,
) -> SupplierCertificate:
    organisation = organisation_for(viewer, organisation_id, Role.ADMIN)
    refuse(
        Invalid(f"Give the {name}.", field=(name,))
        for name, value, most in (
            ("sector", sector, 120), ("number", number, 60), ("evidence", evidence, 300)
        )
        if not 0 < len(value.strip()) <= most
    )  # fmt: skip
    if expires_on < today:
        raise Invalid("The certificate has expired.", field=("expires_on",))
    if SupplierCertificate.objects.filter(number=number.strip()).exists():
        raise Conflict("This certificate was shown already.", field=("number",))
    return SupplierCertificate.objects.create(
        organisation=organisation,
        sector=sector.strip(),
        number=number.strip(),
        expires_on=expires_on,
        evidence=evidence.strip(),
        submitted_by=viewer.require_user(),
    )


@transaction.atomic
def programme_apply(
    *, viewer: Viewer, organisation_id: UUID, programme: str, facts: Mapping[str, Any], today: date
) -> ProgrammeApplication:
    """Apply for a programme. Faults tell every test of eligibility that fails."""
    organisation = organisation_for(viewer, organisation_id, Role.ADMIN)
    said = {name: facts[name] for name in SAID if facts.get(name) is not None}
    known = facts_of(organisation, said, today)
    found = eligible(programme, known, on=today)
    if found.value is None:
        raise NotFound("No such programme.", field=("programme",))
    if not found.value:
        refuse(
            Invalid(one.text("en"), field=("facts",)) for one in found.reasons if one.rule is None
        )
    live = organisation.applications.filter(
        programme=programme, state__in=[S.SUBMITTED, S.APPROVED]
    )
    if live.exists():
        raise Conflict("There is an application already.", field=("programme",))
    return ProgrammeApplication.objects.create(
        organisation=organisation,
        programme=programme,
        facts=known,
        rules=list(found.rules),
        submitted_by=viewer.require_user(),
    )


def reviewer(viewer: Viewer, row: ProgrammeApplication | SupplierCertificate) -> set[str]:
    own = viewer.has_role(row.organisation_id)
    return {"operator"} if viewer.is_operator and not own else set()


def locked(
    model: type[ProgrammeApplication] | type[SupplierCertificate], viewer: Viewer, pk: UUID
) -> Any:
    row: Any = model._default_manager.select_for_update(of=["self"]).filter(pk=pk).first()
    if row is None or not (viewer.is_operator or viewer.has_role(row.organisation_id)):
        raise NotFound("There is none with this id.", field=("id",))
    if not reviewer(viewer, row):
        raise Forbidden("An operator who is no member decides.", field=("id",))
    return row


@transaction.atomic
def supplier_certificate_decide(
    *, viewer: Viewer, certificate_id: UUID, approve: bool, note: str = ""
) -> SupplierCertificate:
    row: SupplierCertificate = locked(SupplierCertificate, viewer, certificate_id)
    made = "approve" if approve else "reject"
    row.state = WORKFLOW.move(row.state, made, by=reviewer(viewer, row))
    row.decided_by, row.note = viewer.require_user(), note
    row.save()
    return row


@transaction.atomic
def programme_decide(
    *, viewer: Viewer, application_id: UUID, move: str, note: str, today: date
) -> ProgrammeApplication:
    """Approve, reject or end. An approval runs from today for the months of the programme's row,
    and only for who is still eligible."""
    row: ProgrammeApplication = locked(ProgrammeApplication, viewer, application_id)
    target = WORKFLOW.move(row.state, move, by=reviewer(viewer, row))
    if target == S.APPROVED:
        found = eligible(row.programme, facts_of(row.organisation, row.facts, today), on=today)
        if not found.value:
            raise Conflict("It is not eligible any more.", field=("id",))
        months = ask(f"programme.{row.programme}", on=today, jurisdiction="any").value.months
        row.starts_on = today
        row.ends_on = months_after(today, months) - timedelta(days=1)
        row.rules = list(found.rules)
    elif not note.strip():
        raise Invalid("Say why.", field=("note",))
    row.state, row.decided_by, row.note = target, viewer.require_user(), note.strip()
    row.save()
    return row


def available(
    viewer: Viewer, row: ProgrammeApplication | SupplierCertificate, *moves: str
) -> list[str]:
    found = WORKFLOW.available(row.state, by=reviewer(viewer, row))
    return [one for one in found if one in moves]


def effects(organisation: Organisation, *, on: date, confirmed: bool = False) -> Effects:
    """The best that its programmes of that day give: the lowest fee, the lowest commission. With
    `confirmed`, only by rows that operators have confirmed: what money may rest on."""
    found = Effects()
    running = organisation.applications.filter(
        state=S.APPROVED, starts_on__lte=on, ends_on__gte=on
    ).order_by("programme")
    for application in running:
        row = ask(f"programme.{application.programme}", on=on, jurisdiction="any")
        if row.value is None or (confirmed and not row.confirmed):
            continue
        more = row.value.effects
        found = Effects(
            min(found.listing_fee_bp, more.listing_fee_bp),
            min(found.commission_bp, more.commission_bp),
            found.priority_review or more.priority_review,
            (*found.rules, *row.rules),
            found.status if row.confirmed else row.status,
        )
    return found
