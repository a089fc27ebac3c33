from __future__ import annotations

from datetime import date
from typing import Any

import graphene
from django.utils import timezone

from api.auth import viewer
from api.ids import parse_id, parse_optional_id
from api.mutation import Mutation
from marketplace.royalties import audits, milestones, statements

from .types import Audit, Milestone, RoyaltyStatement


class MilestoneSubmit(Mutation):
    """Show how a milestone was reached, for the other side to accept."""

    milestone = graphene.Field(Milestone)

    class Arguments:
        id = graphene.ID(required=True)
        shown = graphene.String(required=True, description="What shows it, in words.")
        file = graphene.ID(description="A ready file of yours in the deal's data room.")
        revision = graphene.Int(required=True, description="The revision that you read.")

    @classmethod
    def perform(
        cls,
        info: graphene.ResolveInfo,
        id: str,
        shown: str,
        revision: int,
        file: str | None = None,
    ) -> MilestoneSubmit:
        return cls(
            milestone=milestones.milestone_submit(
                viewer=viewer(info),
                milestone_id=parse_id(id, "Milestone"),
                shown=shown,
                file_id=parse_optional_id(file, "RoomFile", field=("file",)),
                revision=revision,
                now=timezone.now(),
            )
        )


class MilestoneMove(Mutation):
    """Accept, dispute, withdraw: a move of the milestone's `availableActions`."""

    milestone = graphene.Field(Milestone)

    class Arguments:
        id = graphene.ID(required=True)
        move = graphene.String(required=True, description="Such as accept.")
        reason = graphene.String(description="Wanted to dispute.")
        revision = graphene.Int(required=True, description="The revision that you read.")

    @classmethod
    def perform(
        cls,
        info: graphene.ResolveInfo,
        id: str,
        move: str,
        revision: int,
        reason: str | None = None,
    ) -> MilestoneMove:
        return cls(
            milestone=milestones.milestone_move(
                viewer=viewer(info),
                milestone_id=parse_id(id, "Milestone"),
                move=move,
                reason=reason or "",
                revision=revision,
                now=timezone.now(),
            )
        )


class SalesLineInput(graphene.InputObjectType):
    """What was sold of one product in one territory; each pair once."""

    product = graphene.String(required=True)
    territory = graphene.String(required=True, description="Such as CN, of the licence.")
    units = graphene.BigInt(description="0 where not given.")
    net_sales = graphene.BigInt(description="In minor units of the agreement; else 0.")


class RoyaltyStatementSubmit(Mutation):
    """Report the sales of days of one calendar quarter, as the licensee."""

    royalty_statement = graphene.Field(RoyaltyStatement)

    class Arguments:
        agreement = graphene.ID(required=True)
        start = graphene.Date(required=True)
        end = graphene.Date(required=True, description="The day after the last.")
        lines = graphene.List(
            graphene.NonNull(SalesLineInput), required=True, description="None: nothing was sold."
        )
        note = graphene.String()

    @classmethod
    def perform(
        cls,
        info: graphene.ResolveInfo,
        agreement: str,
        start: date,
        end: date,
        lines: list[dict[str, Any]],
        note: str | None = None,
    ) -> RoyaltyStatementSubmit:
        return cls(
            royalty_statement=statements.royalty_statement_submit(
                viewer=viewer(info),
                agreement_id=parse_id(agreement, "Agreement", field=("agreement",)),
                start=start,
                end=end,
                lines=lines,
                note=note or "",
                now=timezone.now(),
            )
        )


class RoyaltyStatementCorrect(Mutation):
    """Report all sales of an accepted statement's days anew; the difference is due or credited."""

    royalty_statement = graphene.Field(RoyaltyStatement, description="The correction.")

    class Arguments:
        id = graphene.ID(required=True)
        lines = graphene.List(graphene.NonNull(SalesLineInput), required=True)
        note = graphene.String(required=True, description="Why.")

    @classmethod
    def perform(
        cls, info: graphene.ResolveInfo, id: str, lines: list[dict[str, Any]], note: str
    ) -> RoyaltyStatementCorrect:
        return cls(
            royalty_statement=statements.royalty_statement_correct(
                viewer=viewer(info),
                statement_id=parse_id(id, "RoyaltyStatement"),
                lines=lines,
                note=note,
                now=timezone.now(),
            )
        )


class RoyaltyStatementMove(Mutation):
    """Accept, dispute, withdraw: a move of the statement's `availableActions`."""

    royalty_statement = graphene.Field(RoyaltyStatement)

    class Arguments:
        id = graphene.ID(required=True)
        move = graphene.String(required=True, description="Such as accept.")
        reason = graphene.String(description="Wanted to dispute.")

    @classmethod
    def perform(
        cls, info: graphene.ResolveInfo, id: str, move: str, reason: str | None = None
    ) -> RoyaltyStatementMove:
        return cls(
            royalty_statement=statements.royalty_statement_move(
                viewer=viewer(info),
                statement_id=parse_id(id, "RoyaltyStatement"),
                move=move,
                reason=reason or "",
                now=timezone.now(),
            )
        )


class AuditRequest(Mutation):
    """Have the licensee's books audited, as the licensor, where the terms grant it."""

    audit = graphene.Field(Audit)

    class Arguments:
        agreement = graphene.ID(required=True)
        start = graphene.Date(required=True, description="Of the days to be looked at.")
        end = graphene.Date(required=True, description="The day after the last.")
        auditor = graphene.String(required=True, description="Who will come.")

    @classmethod
    def perform(
        cls, info: graphene.ResolveInfo, agreement: str, start: date, end: date, auditor: str
    ) -> AuditRequest:
        return cls(
            audit=audits.audit_request(
                viewer=viewer(info),
                agreement_id=parse_id(agreement, "Agreement", field=("agreement",)),
                start=start,
                end=end,
                auditor=auditor,
                now=timezone.now(),
            )
        )


class AuditMove(Mutation):
    """Begin, close, withdraw: a move of the audit's `availableActions`."""

    audit = graphene.Field(Audit)

    class Arguments:
        id = graphene.ID(required=True)
        move = graphene.String(required=True, description="Such as begin.")
        findings = graphene.String(description="Wanted to close.")

    @classmethod
    def perform(
        cls, info: graphene.ResolveInfo, id: str, move: str, findings: str | None = None
    ) -> AuditMove:
        return cls(
            audit=audits.audit_move(
                viewer=viewer(info),
                audit_id=parse_id(id, "Audit"),
                move=move,
                findings=findings or "",
                now=timezone.now(),
            )
        )


class RoyaltyMutations(graphene.ObjectType):
    milestone_submit = MilestoneSubmit.Field(required=True)
    milestone_move = MilestoneMove.Field(required=True)
    royalty_statement_submit = RoyaltyStatementSubmit.Field(required=True)
    royalty_statement_correct = RoyaltyStatementCorrect.Field(required=True)
    royalty_statement_move = RoyaltyStatementMove.Field(required=True)
    audit_request = AuditRequest.Field(required=True)
    audit_move = AuditMove.Field(required=True)
