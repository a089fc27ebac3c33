"""The moves of milestones, royalty statements and audits. `submitter` showed or reported it,
`other` is the other party of the agreement."""

from __future__ import annotations

from marketplace.core.workflow import Workflow, move

from .models import Audit, Milestone, RoyaltyStatement

M, S, A = Milestone.State, RoyaltyStatement.State, Audit.State

MILESTONE = Workflow(
    move("submit", (M.OPEN, M.DISPUTED), M.SUBMITTED, "licensor", "licensee"),
    move("accept", M.SUBMITTED, M.ACCEPTED, "other"),
    move("dispute", M.SUBMITTED, M.DISPUTED, "other"),
    move("withdraw", (M.SUBMITTED, M.DISPUTED), M.OPEN, "submitter"),
    move("reopen", (M.SUBMITTED, M.DISPUTED, M.DROPPED), M.OPEN, "system"),
    move("drop", (M.OPEN, M.SUBMITTED, M.DISPUTED), M.DROPPED, "system"),
)
STATEMENT = Workflow(
    move("accept", (S.SUBMITTED, S.DISPUTED), S.ACCEPTED, "other"),
    move("dispute", S.SUBMITTED, S.DISPUTED, "other"),
    move("withdraw", (S.SUBMITTED, S.DISPUTED), S.WITHDRAWN, "submitter"),
    move("supersede", S.ACCEPTED, S.SUPERSEDED, "system"),
)
AUDIT = Workflow(
    move("begin", A.REQUESTED, A.UNDER_WAY, "licensee", "licensor_after_notice"),
    move("close", A.UNDER_WAY, A.CLOSED, "licensor"),
    move("withdraw", A.REQUESTED, A.WITHDRAWN, "licensor"),
)
NEEDS_A_REASON = {"dispute"}
