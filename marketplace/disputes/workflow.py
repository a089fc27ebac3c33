from marketplace.core.workflow import Workflow, move

from .models import Dispute

S = Dispute.State
OPEN = (S.RAISED, S.ANSWERED, S.ESCALATED)
# `claimant` raised it, `respondent` is the other side.
WORKFLOW = Workflow(
    move("answer", S.RAISED, S.ANSWERED, "respondent"),
    move("escalate", (S.RAISED, S.ANSWERED), S.ESCALATED, "claimant", "respondent"),
    move("settle", OPEN, S.SETTLED, "claimant"),
    move("withdraw", OPEN, S.WITHDRAWN, "claimant"),
    move("decide", S.ESCALATED, S.DECIDED, "operator"),
)
# Where the text of a move goes; what is here cannot be made without one.
TEXT = {"answer": "answer", "escalate": "case", "settle": "outcome", "decide": "outcome"}
