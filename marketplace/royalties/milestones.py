"""Milestones: shown by one side, accepted or disputed by the other, and then invoiced once."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from uuid import UUID

from django.db import transaction

from marketplace.accounts.viewer import Viewer
from marketplace.agreements.models import Agreement
from marketplace.core.calendar import day_of
from marketplace.core.checks import checked, text, words
from marketplace.core.errors import Conflict, Invalid, NotFound
from marketplace.core.outbox import publish
from marketplace.deals.evidence import record
from marketplace.deals.selectors import lock_with_deals
from marketplace.negotiation.terms import Terms
from marketplace.rooms.models import RoomFile

from .dues import Kind, charge, must_have_run
from .models import Milestone
from .policies import actors, side
from .selectors import row_for
from .workflow import MILESTONE, NEEDS_A_REASON

S = Milestone.State


@transaction.atomic
def milestones_set(agreement_id: UUID) -> list[Milestone]:
    """Bring the milestones in line with the terms in force. One is known by its `what`: what was
    accepted stays as it was paid, others take the new terms, those no longer named are dropped."""
    (agreement,) = lock_with_deals(Agreement.objects.filter(pk=agreement_id))
    terms = Terms.model_validate(agreement.terms)
    left = {(one.what, one.nth): one for one in agreement.milestones.all()}
    seen: Counter[str] = Counter()
    for wanted in terms.milestones:
        seen[wanted.what] += 1
        row = left.pop((wanted.what, seen[wanted.what]), None) or Milestone(
            agreement=agreement, what=wanted.what, nth=seen[wanted.what]
        )
        asked = {
            "evidence": wanted.evidence,
            "due": wanted.due,
            "amount": wanted.amount,
            "currency": terms.currency,
        }
        same = all(getattr(row, name) == value for name, value in asked.items())
        if row.state == S.ACCEPTED or (same and row.state != S.DROPPED):
            continue
        if row.state != S.OPEN:
            row.state = MILESTONE.move(row.state, "reopen", by={"system"})
        for name, value in asked.items():
            setattr(row, name, value)
        row.reminded_at = None
        save(row)
    for row in left.values():
        if row.state not in {S.ACCEPTED, S.DROPPED}:
            row.state = MILESTONE.move(row.state, "drop", by={"system"})
            save(row)
    return list(agreement.milestones.all())


@transaction.atomic
def milestone_submit(
    *,
    viewer: Viewer,
    milestone_id: UUID,
    shown: str,
    file_id: UUID | None = None,
    revision: int,
    now: datetime,
) -> Milestone:
    """Say how it was reached, in words and by a file of yours in the deal's data room, to which
    you grant the other side access there."""
    milestone = milestone_for(viewer, milestone_id, now=now, revision=revision)
    agreement = milestone.agreement
    must_have_run(agreement)
    name, by = side(viewer, agreement)
    milestone.state = MILESTONE.move(milestone.state, "submit", by={name})
    milestone.shown = checked({"shown": shown}, {"shown": words(5000)})["shown"]
    milestone.file = file_of(agreement, by.organisation, file_id)
    milestone.submitted_by_id = by.organisation
    milestone.reason = ""
    save(milestone)
    record(
        agreement.deal,
        "milestone.submit",
        by=by,
        now=now,
        milestone=str(milestone.pk),
        shown=milestone.shown,
        **({"sha256": milestone.file.sha256} if milestone.file else {}),
    )
    publish("milestone.submit", milestone.pk, not_before=now)
    return milestone


@transaction.atomic
def milestone_move(
    *,
    viewer: Viewer,
    milestone_id: UUID,
    move: str,
    reason: str = "",
    revision: int,
    now: datetime,
) -> Milestone:
    """Accept, dispute with a reason, or withdraw. What is accepted is invoiced at once."""
    milestone = milestone_for(viewer, milestone_id, now=now, revision=revision)
    agreement = milestone.agreement
    if move == "submit":
        raise Invalid("Submit by milestoneSubmit, with what shows it.", field=("move",))
    side(viewer, agreement)
    by = actors(viewer, agreement, milestone.submitted_by_id)
    source = milestone.state
    milestone.state = MILESTONE.move(source, move, by=by)
    given = checked({"reason": reason}, {"reason": text(2000)})["reason"]
    if move in NEEDS_A_REASON and not given:
        raise Invalid("Say why, for the other side to read.", field=("reason",))
    milestone.reason = given
    if move == "accept":
        milestone.charge = charge(
            agreement,
            Kind.MILESTONE,
            f"milestone:{milestone.pk}",
            milestone.amount,
            milestone.currency,
            (f"Milestone: {milestone.what}", f"里程碑：{milestone.what}"),
            now=now,
        )
    save(milestone)
    actor = min(MILESTONE.moves[source, move].by & by.keys())
    facts = {"reason": given} if given else {}
    record(
        agreement.deal,
        f"milestone.{move}",
        by=by[actor],
        now=now,
        milestone=str(milestone.pk),
        **facts,
    )
    publish(f"milestone.{move}", milestone.pk, not_before=now)
    return milestone


@transaction.atomic
def milestones_remind(*, now: datetime) -> int:
    """Tell both sides, once, of each that its day has passed; how many."""
    late = Milestone.objects.filter(
        state__in=[S.OPEN, S.SUBMITTED, S.DISPUTED],
        due__lt=day_of(now),
        reminded_at=None,
        agreement__state__in=[Agreement.State.ACTIVE, Agreement.State.SUSPENDED],
    )
    found = list(late.select_for_update(of=("self",)).order_by("pk"))
    for milestone in found:
        milestone.reminded_at = now
        milestone.save(update_fields=["reminded_at", "updated_at"])
        publish("milestone.overdue", milestone.pk, not_before=now)
    return len(found)


def milestone_for(viewer: Viewer, milestone_id: UUID, *, now: datetime, revision: int) -> Milestone:
    """The milestone, locked after its deal and agreement. Conflict where it was changed since."""
    milestone = row_for(viewer, Milestone.objects.all(), milestone_id, now=now)
    if milestone.revision != revision:
        raise Conflict(
            f"It is {milestone.state} at revision {milestone.revision} by now.",
            field=("revision",),
        )
    return milestone


def file_of(agreement: Agreement, owner: UUID | None, file_id: UUID | None) -> RoomFile | None:
    if file_id is None:
        return None
    files = RoomFile.objects.filter(deal=agreement.deal, owner=owner, state=RoomFile.State.READY)
    file = files.filter(pk=file_id).first()
    if file is None:
        raise NotFound("No such file of yours in the deal's data room.", field=("file",))
    return file


def save(milestone: Milestone) -> None:
    if not milestone._state.adding:
        milestone.revision += 1
    milestone.save()
