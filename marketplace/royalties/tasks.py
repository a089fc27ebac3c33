"""Letters to the parties, and what time and other apps bring about."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from marketplace.agreements.models import Agreement
from marketplace.core.models import OutboxMessage
from marketplace.core.outbox import handles
from marketplace.core.schedule import every
from marketplace.deals.letters import write

from .letters import OVERDUE, TOLD
from .milestones import milestones_remind, milestones_set
from .models import Audit, Milestone, RoyaltyStatement
from .yearly import interest_ask, minimums_close


@handles("agreement.activate", "agreement.amended")
def set_milestones(message: OutboxMessage) -> None:
    milestones_set(UUID(message.subject))


@handles("invoice.paid")
def ask_for_interest(message: OutboxMessage) -> None:
    interest_ask(UUID(message.subject), now=message.due_at)


@every(timedelta(hours=1))
def remind_of_milestones(now: datetime) -> int:
    return milestones_remind(now=now)


@every(timedelta(hours=1))
def close_minimums(now: datetime) -> int:
    return minimums_close(now=now)


@handles("milestone.overdue")
def remind(message: OutboxMessage) -> None:
    milestone = Milestone.objects.get(pk=message.subject)
    agreement = with_parties(milestone.agreement_id)
    for party in (agreement.deal.licensor, agreement.deal.buyer):
        write(party, OVERDUE, deal=str(agreement.deal_id), due=milestone.due.isoformat())


@handles("milestone.submit", "milestone.accept", "milestone.dispute")
def tell_of_milestone(message: OutboxMessage) -> None:
    milestone = Milestone.objects.get(pk=message.subject)
    tell(message.topic, milestone.agreement_id, milestone.submitted_by_id)


@handles("royalty_statement.submit", "royalty_statement.dispute")
def tell_of_statement(message: OutboxMessage) -> None:
    statement = RoyaltyStatement.objects.get(pk=message.subject)
    tell(message.topic, statement.agreement_id, statement.submitted_by_id)


@handles("audit.request")
def tell_of_audit(message: OutboxMessage) -> None:
    audit = Audit.objects.get(pk=message.subject)
    agreement = with_parties(audit.agreement_id)
    write(
        agreement.deal.buyer,
        TOLD[message.topic],
        deal=str(agreement.deal_id),
        due=audit.begins_on.isoformat(),
    )


def tell(topic: str, agreement_id: UUID, submitted_by: UUID | None) -> None:
    """The other side of what was submitted, the submitter of what became of it."""
    deal = with_parties(agreement_id).deal
    for party in (deal.licensor, deal.buyer):
        if (party.pk == submitted_by) != topic.endswith(".submit"):
            write(party, TOLD[topic], deal=str(deal.pk))


def with_parties(agreement_id: UUID) -> Agreement:
    agreements = Agreement.objects.select_related("deal__licensor", "deal__buyer")
    return agreements.get(pk=agreement_id)
