"""Audits of the licensee's books, where the terms grant them: once a year, after their notice."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange

from marketplace.accounts.viewer import Viewer
from marketplace.agreements.services import agreement_for
from marketplace.core.calendar import day_of, months_after
from marketplace.core.checks import checked, words
from marketplace.core.errors import Conflict, Forbidden, Invalid
from marketplace.core.outbox import publish
from marketplace.deals.evidence import Act, record
from marketplace.negotiation.terms import Terms

from .dues import must_have_run
from .models import Audit
from .policies import actors, side
from .selectors import row_for
from .workflow import AUDIT

S = Audit.State


@transaction.atomic
def audit_request(
    *,
    viewer: Viewer,
    agreement_id: UUID,
    start: date,
    end: date,
    auditor: str,
    now: datetime,
) -> Audit:
    """Have the books of the days from `start` until the day before `end` looked at. Conflict where
    the terms grant none, or within a year of the last."""
    agreement = agreement_for(viewer, agreement_id, now=now, lock=True)
    must_have_run(agreement)
    name, by = side(viewer, agreement)
    if name != "licensor":
        raise Forbidden("Only the licensor asks for an audit.", field=("agreement",))
    terms, today = Terms.model_validate(agreement.terms), day_of(now)
    if not terms.audit:
        raise Conflict("The terms grant no audit.", field=("agreement",))
    if not terms.start <= start < end <= today:
        raise Invalid(
            f"Days from {terms.start} until {today} are wanted, the end after the start.",
            field=("start",),
        )
    last = agreement.audits.exclude(state=S.WITHDRAWN).first()
    if last is not None and last.state != S.CLOSED:
        raise Conflict("There is one already; close or withdraw that first.", field=("agreement",))
    if last is not None and today < (again := months_after(last.requested_on, 12)):
        raise Conflict(f"One a year: the next can be asked for on {again}.", field=("agreement",))
    audit = Audit.objects.create(
        agreement=agreement,
        period=DateRange(start, end),
        auditor=checked({"auditor": auditor}, {"auditor": words(200)})["auditor"],
        requested_on=today,
        begins_on=today + timedelta(days=terms.audit_notice_days),
    )
    record(
        agreement.deal,
        "audit.request",
        by=by,
        now=now,
        audit=str(audit.pk),
        begins_on=audit.begins_on.isoformat(),
    )
    publish("audit.request", audit.pk, not_before=now)
    return audit


@transaction.atomic
def audit_move(
    *, viewer: Viewer, audit_id: UUID, move: str, findings: str = "", now: datetime
) -> Audit:
    """Begin, close with findings, or withdraw. What was found wrong is put right by corrections of
    the statements."""
    audit = row_for(viewer, Audit.objects.all(), audit_id, now=now)
    agreement = audit.agreement
    side(viewer, agreement)
    by = auditing(viewer, audit, day_of(now))
    source = audit.state
    audit.state = AUDIT.move(source, move, by=by)
    if move == "close":
        audit.findings = checked({"findings": findings}, {"findings": words(5000)})["findings"]
    audit.save()
    actor = min(AUDIT.moves[source, move].by & by.keys())
    record(agreement.deal, f"audit.{move}", by=by[actor], now=now, audit=str(audit.pk))
    publish(f"audit.{move}", audit.pk, not_before=now)
    return audit


def auditing(viewer: Viewer, audit: Audit, today: date) -> dict[str, Act]:
    """What the viewer is to it, in the words of the table."""
    by = actors(viewer, audit.agreement)
    if "licensor" in by and today >= audit.begins_on:
        by["licensor_after_notice"] = by["licensor"]
    return by
