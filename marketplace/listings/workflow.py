from marketplace.core.workflow import Workflow, move

from .models import Listing

S = Listing.State
WORKFLOW = Workflow(
    move("submit", S.DRAFT, S.SUBMITTED, "owner"),
    move("recall", S.SUBMITTED, S.DRAFT, "owner"),
    move("start_review", S.SUBMITTED, S.IN_REVIEW, "operator"),
    move("send_back", S.IN_REVIEW, S.DRAFT, "operator"),
    move("publish", S.IN_REVIEW, S.PUBLISHED, "operator"),
    move("expire", S.PUBLISHED, S.EXPIRED, "system"),
    move("renew", (S.PUBLISHED, S.EXPIRED), S.PUBLISHED, "owner"),
    move("revise", (S.PUBLISHED, S.EXPIRED, S.WITHDRAWN), S.DRAFT, "owner"),
    move(
        "withdraw",
        (S.SUBMITTED, S.IN_REVIEW, S.PUBLISHED, S.EXPIRED),
        S.WITHDRAWN,
        "owner",
        "operator",
    ),
)
MOVES = sorted({name for _, name in WORKFLOW.moves})
NEEDS_A_REASON = {"send_back", "withdraw"}
