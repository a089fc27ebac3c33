"""What compliance does when others act: it keeps an agreement from being activated and a file from
being read while something stands against it, and makes the tasks of what takes effect."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from django.core.mail import send_mail
from django.db import transaction

from marketplace.accounts.models import Membership, Organisation
from marketplace.agreements import express
from marketplace.agreements.gates import gate as agreement_gate
from marketplace.agreements.models import Agreement
from marketplace.core.calendar import day_of
from marketplace.core.models import OutboxMessage
from marketplace.core.outbox import handles
from marketplace.rooms.gates import gate as room_gate
from marketplace.rooms.models import RoomFile
from marketplace.royalties.models import RoyaltyStatement
from marketplace.rulebook.data_route import gate as data_gate
from marketplace.rulebook.engine import reason

from .assessment import blocks
from .dossiers import first_royalty, take_effect
from .facts import data_of, party_of, safeguards_of
from .from_deals import follow
from .models import Assessment, Dossier, RegisterTask
from .policies import ACTING, locked
from .registers import reminder_days, tasks_create


@agreement_gate
def assessed(agreement: Agreement, now: datetime) -> Iterable[str]:
    dossier = Dossier.objects.filter(deal=agreement.deal_id).first()
    if dossier is None:
        yield "Open the dossier of the deal and sign off its joint risk assessment first."
        return
    yield from blocks(dossier, now=now)


@room_gate
def may_leave(file: RoomFile, reader: Organisation, now: datetime) -> Iterable[str]:
    dossier = Dossier.objects.filter(deal=file.deal_id).first()
    found = data_gate(
        data_of(file),
        party_of(file.owner),
        party_of(reader),
        on=day_of(now),
        have=safeguards_of(dossier) if dossier else None,
    )
    if not found.open:
        yield from (one.text("en") for one in found.answer.reasons)


@handles("agreement.activate")
def make_tasks(message: OutboxMessage) -> None:
    """The agreement is in effect since its last signature: its text says nothing else."""
    with transaction.atomic():
        dossier = of_agreement(message)
        if dossier is None or dossier.state != Dossier.State.OPEN:
            return
        agreement = Agreement.objects.get(pk=message.subject)
        if agreement.signed_at is not None:
            take_effect(follow(dossier, message.due_at), day_of(agreement.signed_at))


@handles("agreement.amended")
def follow_amendment(message: OutboxMessage) -> None:
    """Other terms may go other ways, and to other registers."""
    with transaction.atomic():
        dossier = of_agreement(message)
        if dossier is not None:
            tasks_create(follow(dossier, message.due_at))


@handles("royalty_statement.accept")
def first_royalty_reported(message: OutboxMessage) -> None:
    """With the first statement that owes something, the base of a royalty was reached, on the last
    of its days; who files the contract need not tell us."""
    statement = RoyaltyStatement.objects.select_related("agreement").get(pk=message.subject)
    with transaction.atomic():
        found = Dossier.objects.filter(deal=statement.agreement.deal_id).first()
        dossier = locked(found) if found else None
        if dossier is None or dossier.first_royalty_on is not None or statement.amount <= 0:
            return
        if dossier.state == Dossier.State.ACTIVE and dossier.terms["royalty"]:
            first_royalty(dossier, statement.period.upper - timedelta(days=1))


def of_agreement(message: OutboxMessage) -> Dossier | None:
    found = Dossier.objects.filter(deal__agreements__pk=message.subject).first()
    return locked(found) if found else None


@handles("assessment.signed_off")
def activate_express(message: OutboxMessage) -> None:
    """An express licence that was paid before its assessment was signed off."""
    row = Assessment.objects.select_related("dossier").get(pk=message.subject)
    if row.dossier.deal_id is not None:
        express.activate_settled(row.dossier.deal_id, message.due_at)


@handles("register_task.remind")
def remind(message: OutboxMessage) -> None:
    """Mail the people of the responsible party, once for each of the reminder days. What is done
    or got another day meanwhile is left alone."""
    today = day_of(message.due_at)
    task = RegisterTask.objects.select_related("dossier").filter(pk=message.subject).first()
    if task is None or task.state != RegisterTask.State.OPEN or task.due_on is None:
        return
    due = [day for day in reminder_days(task.due_on) if day <= today and day not in task.reminded]
    if due:
        mail(task, task.due_on)
        task.reminded = [*task.reminded, *due]
        task.save(update_fields=["reminded", "updated_at"])


def mail(task: RegisterTask, due_on: date) -> None:
    facts = {
        "register": task.register,
        "due": due_on,
        "title": task.dossier.title,
        "documents": ", ".join(task.documents),
    }
    people = Membership.objects.filter(
        organisation=task.responsible_id, roles__overlap=list(ACTING), user__is_active=True
    ).select_related("user")
    for member in people:
        language = member.user.language
        send_mail(
            reason("mail.task.subject", **facts).text(language),
            reason("mail.task.body", **facts).text(language),
            None,
            [member.user.email],
        )
