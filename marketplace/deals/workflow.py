from marketplace.core.workflow import Workflow, move

from .models import Deal, Mandate

S = Deal.State
WORKFLOW = Workflow(
    move("accept", (S.ENQUIRED, S.STALE), S.OPEN, "licensor"),
    move("decline", (S.ENQUIRED, S.STALE), S.DECLINED, "licensor"),
    move("withdraw", (S.ENQUIRED, S.STALE), S.WITHDRAWN, "buyer"),
    move("lapse", S.ENQUIRED, S.STALE, "system"),
    move("end", S.OPEN, S.ENDED, "licensor", "buyer"),
    move("agree", (S.OPEN, S.ENDED), S.AGREED, "system"),
    move("resume", S.ENDED, S.OPEN, "operator"),
)
# What a broker's mandate must name for each move; what is not here no broker may make.
ACTS = {
    "accept": Mandate.Act.ANSWER,
    "decline": Mandate.Act.ANSWER,
    "withdraw": Mandate.Act.ENQUIRE,
    "end": Mandate.Act.NEGOTIATE,
}
LIVE = (S.ENQUIRED, S.STALE, S.OPEN)

M = Mandate.State
MANDATES = Workflow(
    move("accept", M.OFFERED, M.ACCEPTED, "centre"),
    move("refuse", M.OFFERED, M.REFUSED, "centre"),
    move("revoke", (M.OFFERED, M.ACCEPTED), M.REVOKED, "principal"),
    move("give_up", M.ACCEPTED, M.REVOKED, "centre"),
)
