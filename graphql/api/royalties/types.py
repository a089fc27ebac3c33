from __future__ import annotations

from datetime import date
from typing import Any

import graphene
from django.utils import timezone
from graphene.relay import Node

from api.accounts.types import Organisation
from api.auth import viewer
from api.ids import global_id
from api.scalars import (
    AuditState,
    LineKind,
    MilestoneState,
    Money,
    RoyaltyStatementState,
    money,
)
from marketplace.agreements.models import Agreement
from marketplace.core.calendar import day_of
from marketplace.royalties import models
from marketplace.royalties.audits import auditing
from marketplace.royalties.policies import actors, may_read
from marketplace.royalties.workflow import AUDIT, MILESTONE, STATEMENT


class Due(graphene.ObjectType):
    """An amount that one fact made due, or took off, once."""

    kind = graphene.Field(LineKind, required=True)
    text = graphene.String(required=True)
    text_zh = graphene.String(required=True)
    amount = graphene.Field(
        Money, required=True, description="Below nought: taken off the next invoice."
    )
    invoice = graphene.ID(description="That asks for it; null: none does yet.")

    @staticmethod
    def resolve_amount(root: models.Due, info: graphene.ResolveInfo) -> Money | None:
        return money(root.amount, root.currency)

    @staticmethod
    def resolve_invoice(root: models.Due, info: graphene.ResolveInfo) -> str | None:
        return invoice_of(root)


def invoice_of(due: models.Due | None) -> str | None:
    return global_id("Invoice", due.invoice_id) if due and due.invoice_id else None


class Milestone(graphene.ObjectType):
    """A milestone of the terms: shown by one side, accepted by the other, then invoiced."""

    class Meta:
        interfaces = (Node,)

    what = graphene.String(required=True)
    evidence = graphene.String(required=True, description="By which it is shown, as agreed.")
    due = graphene.Date(required=True)
    amount = graphene.Field(Money, required=True)
    state = graphene.Field(MilestoneState, required=True)
    submitted_by = graphene.Field(Organisation)
    shown = graphene.String(required=True, description="What the submitter says.")
    file_name = graphene.String(description="Of the file in the data room that shows it.")
    file_sha256 = graphene.String()
    reason = graphene.String(required=True, description="Why it was disputed.")
    invoice = graphene.ID(description="Once it is accepted, for those who keep its books to read.")
    revision = graphene.Int(required=True)
    available_actions = graphene.List(
        graphene.NonNull(graphene.String),
        required=True,
        description="submit for milestoneSubmit, the others for milestoneMove.",
    )

    @staticmethod
    def resolve_invoice(root: models.Milestone, info: graphene.ResolveInfo) -> str | None:
        return invoice_of(root.charge)

    @staticmethod
    def resolve_amount(root: models.Milestone, info: graphene.ResolveInfo) -> Money | None:
        return money(root.amount, root.currency)

    @staticmethod
    def resolve_file_name(root: models.Milestone, info: graphene.ResolveInfo) -> str | None:
        return root.file.name if root.file else None

    @staticmethod
    def resolve_file_sha256(root: models.Milestone, info: graphene.ResolveInfo) -> str | None:
        return root.file.sha256 if root.file else None

    @staticmethod
    def resolve_available_actions(root: models.Milestone, info: graphene.ResolveInfo) -> list[str]:
        by = actors(viewer(info), root.agreement, root.submitted_by_id)
        return MILESTONE.available(root.state, by=by)


class SalesLine(graphene.ObjectType):
    """What was sold of one product in one territory."""

    product = graphene.String(required=True)
    territory = graphene.String(required=True)
    units = graphene.BigInt(required=True)
    net_sales = graphene.BigInt(required=True, description="In minor units of the statement.")


class RoyaltyStatement(graphene.ObjectType):
    """Sales of some days, for the other side to accept; a correction is another of them."""

    class Meta:
        interfaces = (Node,)

    start = graphene.Date(required=True)
    end = graphene.Date(required=True, description="The day after the last.")
    year = graphene.Int(required=True, description="Licence year, from 1.")
    units = graphene.BigInt(required=True)
    net_sales = graphene.Field(Money, required=True)
    amount = graphene.Field(
        Money,
        required=True,
        description="Due for it, foreseen until it is accepted; of a correction, the difference.",
    )
    state = graphene.Field(RoyaltyStatementState, required=True)
    submitted_by = graphene.Field(Organisation, required=True)
    corrects = graphene.ID(description="The statement that it puts right.")
    lines = graphene.List(graphene.NonNull(SalesLine), required=True)
    note = graphene.String(required=True)
    reason = graphene.String(required=True, description="Why it was disputed.")
    invoice = graphene.ID(description="Once it is accepted, for those who keep its books to read.")
    created_at = graphene.DateTime(required=True)
    available_actions = graphene.List(
        graphene.NonNull(graphene.String),
        required=True,
        description="correct for royaltyStatementCorrect, the others for royaltyStatementMove.",
    )

    @staticmethod
    def resolve_start(root: models.RoyaltyStatement, info: graphene.ResolveInfo) -> date:
        return first(root)

    @staticmethod
    def resolve_end(root: models.RoyaltyStatement, info: graphene.ResolveInfo) -> date:
        return after(root)

    @staticmethod
    def resolve_net_sales(
        root: models.RoyaltyStatement, info: graphene.ResolveInfo
    ) -> Money | None:
        return money(root.net_sales, root.currency)

    @staticmethod
    def resolve_invoice(root: models.RoyaltyStatement, info: graphene.ResolveInfo) -> str | None:
        return invoice_of(root.charge)

    @staticmethod
    def resolve_amount(root: models.RoyaltyStatement, info: graphene.ResolveInfo) -> Money | None:
        return money(root.amount, root.currency)

    @staticmethod
    def resolve_corrects(root: models.RoyaltyStatement, info: graphene.ResolveInfo) -> str | None:
        return global_id("RoyaltyStatement", root.corrects_id) if root.corrects_id else None

    @staticmethod
    def resolve_lines(root: models.RoyaltyStatement, info: graphene.ResolveInfo) -> Any:
        return root.lines.all()

    @staticmethod
    def resolve_available_actions(
        root: models.RoyaltyStatement, info: graphene.ResolveInfo
    ) -> list[str]:
        by = actors(viewer(info), root.agreement, root.submitted_by_id)
        found = STATEMENT.available(root.state, by=by)
        if by and root.state == root.State.ACCEPTED:
            found.append("correct")
        return found


class Audit(graphene.ObjectType):
    """The licensor has the licensee's books looked at."""

    class Meta:
        interfaces = (Node,)

    state = graphene.Field(AuditState, required=True)
    start = graphene.Date(required=True, description="Of the days that are looked at.")
    end = graphene.Date(required=True, description="The day after the last.")
    auditor = graphene.String(required=True)
    requested_on = graphene.Date(required=True)
    begins_on = graphene.Date(required=True, description="After the notice of the terms.")
    findings = graphene.String(required=True)
    available_actions = graphene.List(
        graphene.NonNull(graphene.String), required=True, description="For auditMove."
    )

    @staticmethod
    def resolve_start(root: models.Audit, info: graphene.ResolveInfo) -> date:
        return first(root)

    @staticmethod
    def resolve_end(root: models.Audit, info: graphene.ResolveInfo) -> date:
        return after(root)

    @staticmethod
    def resolve_available_actions(root: models.Audit, info: graphene.ResolveInfo) -> list[str]:
        by = auditing(viewer(info), root, day_of(timezone.now()))
        return AUDIT.available(root.state, by=by)


def first(root: models.RoyaltyStatement | models.Audit) -> date:
    found: date = root.period.lower
    return found


def after(root: models.RoyaltyStatement | models.Audit) -> date:
    found: date = root.period.upper
    return found


class Schedule(graphene.ObjectType):
    """What an agreement asks for after its upfront fee."""

    milestones = graphene.List(graphene.NonNull(Milestone), required=True)
    royalty_statements = graphene.List(
        graphene.NonNull(RoyaltyStatement), required=True, description="The latest days first."
    )
    audits = graphene.List(graphene.NonNull(Audit), required=True)
    dues = graphene.List(
        graphene.NonNull(Due), required=True, description="All that became due, in its order."
    )

    @staticmethod
    def resolve_milestones(root: Agreement, info: graphene.ResolveInfo) -> Any:
        return root.milestones.all()

    @staticmethod
    def resolve_royalty_statements(root: Agreement, info: graphene.ResolveInfo) -> Any:
        return root.royalty_statements.all()

    @staticmethod
    def resolve_audits(root: Agreement, info: graphene.ResolveInfo) -> Any:
        return root.audits.all()

    @staticmethod
    def resolve_dues(root: Agreement, info: graphene.ResolveInfo) -> Any:
        return root.dues.all()


def schedule_of(info: graphene.ResolveInfo, agreement: Agreement) -> Agreement | None:
    return agreement if may_read(viewer(info), agreement) else None


# Each path brings what it needs, so that a list costs as much as one.
NEEDS: dict[str, tuple[str, ...]] = {
    "milestones": ("milestones__submitted_by", "milestones__file", "milestones__charge"),
    "royaltyStatements": ("royalty_statements__submitted_by", "royalty_statements__charge"),
    "royaltyStatements.lines": ("royalty_statements__lines",),
    "audits": ("audits",),
    "dues": ("dues",),
}


def of_agreements(path: str = "", lookup: str = "") -> dict[str, tuple[str, ...]]:
    """What to prefetch for schedules of agreements that are reached by a path and a lookup."""
    return {
        f"{path}.schedule.{below}".lstrip("."): tuple(lookup + one for one in needed)
        for below, needed in NEEDS.items()
    }
