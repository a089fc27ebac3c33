"""Tasks at the three registers (F2, N4): made when the agreement takes effect, dated by rule."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

from django.db import transaction

from marketplace.accounts.models import Organisation
from marketplace.accounts.viewer import Viewer
from marketplace.core.calendar import HONG_KONG
from marketplace.core.errors import Conflict, NotFound
from marketplace.core.outbox import publish
from marketplace.core.workflow import Workflow, move
from marketplace.deals.evidence import record
from marketplace.rulebook.deadlines import register_due
from marketplace.rulebook.engine import ask
from marketplace.rulebook.parameters import Register

from .facts import terms_of
from .kinds import CERTIFICATES
from .models import Dossier, RegisterTask
from .policies import act_of, actors, dossier_for, require

REGISTERS = ("mofcom", "cnipa", "recognition")
MORNING = time(9, tzinfo=HONG_KONG)
S = RegisterTask.State
WORKFLOW = Workflow(
    move("done", S.OPEN, S.DONE, "licensor", "licensee"),
    move("waive", S.OPEN, S.WAIVED, "licensor", "licensee"),
    move("reopen", (S.DONE, S.WAIVED), S.OPEN, "licensor", "licensee", "operator"),
)


def mainland_party(dossier: Dossier) -> Organisation | None:
    sides = (dossier.licensee, dossier.licensor)
    return next((side for side in sides if side.jurisdiction == "CN"), None)


def applies(rule: Register, dossier: Dossier) -> bool:
    needed = rule.only_with_patents
    patents = terms_of(dossier).patents
    return needed is None or any(patent.territory == needed for patent in patents)


def tasks_create(dossier: Dossier) -> None:
    """The tasks of an agreement that takes effect, those that are missing: none where no side is of
    the mainland or both are, for then nothing is imported."""
    mainland = mainland_party(dossier)
    crosses = dossier.licensor.jurisdiction != dossier.licensee.jurisdiction
    if mainland is None or not crosses or dossier.effective_on is None:
        return
    there = set(dossier.tasks.values_list("register", flat=True))
    for name in REGISTERS:
        answer = ask(f"register.{name}", on=dossier.effective_on)
        if name in there or answer.value is None or not applies(answer.value, dossier):
            continue
        RegisterTask.objects.create(
            dossier=dossier,
            register=name,
            rule=answer.rules[0],
            responsible=mainland if answer.value.filed_by == "mainland" else dossier.licensee,
            compulsory=answer.value.compulsory,
            documents=answer.value.documents,
        )
    tasks_date(dossier)


def tasks_date(dossier: Dossier) -> None:
    """Give a day to every task whose clock runs and that has none, and have it remembered."""
    if dossier.effective_on is None:
        return
    for task in dossier.tasks.select_for_update().filter(due_on=None, state=S.OPEN):
        rule = ask(f"register.{task.register}", on=dossier.effective_on)
        if rule.value is None:
            continue
        task.due_on = register_due(
            rule.value,
            effect_on=dossier.effective_on,
            royalty=terms_of(dossier).royalty,
            first_royalty_on=dossier.first_royalty_on,
        )
        if task.due_on is not None:
            task.save()
            for day in reminder_days(task.due_on):
                at = datetime.combine(day, MORNING).astimezone(UTC)
                publish("register_task.remind", task.pk, not_before=at)


def reminder_days(due_on: date) -> list[date]:
    said = ask("register.reminders", on=due_on, jurisdiction="any")
    before = said.value.days_before if said.value else []
    return sorted(due_on - timedelta(days=days) for days in before)


@transaction.atomic
def register_task_move(*, viewer: Viewer, task_id: UUID, move: str, now: datetime) -> RegisterTask:
    """Make a move of WORKFLOW: done wants the register's certificate in the dossier; what is
    compulsory is not waived."""
    task = RegisterTask.objects.filter(pk=task_id).first()
    if task is None:
        raise NotFound("No such task.", field=("id",))
    dossier = dossier_for(viewer, task.dossier_id, lock=True)
    held = require(viewer, dossier, "licensor", "licensee", "operator")
    task.refresh_from_db()
    target = WORKFLOW.move(task.state, move, by=held)
    if target == S.WAIVED and task.compulsory:
        raise Conflict("This register is compulsory.", field=("id",))
    certificate = CERTIFICATES[task.register]
    if target == S.DONE and not dossier.papers.filter(kind=certificate).exists():
        raise Conflict(f"Add the {certificate} to the dossier first.", field=("id",))
    task.state = target
    task.save()
    if dossier.deal is not None:
        record(
            dossier.deal,
            f"register_task.{move}",
            by=act_of(viewer, dossier),
            now=now,
            register=task.register,
        )
    return task


def available(viewer: Viewer, task: RegisterTask) -> list[str]:
    return WORKFLOW.available(task.state, by=actors(viewer, task.dossier))
