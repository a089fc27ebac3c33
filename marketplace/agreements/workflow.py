from marketplace.core.workflow import Workflow, move

from .models import Agreement, Amendment

S = Agreement.State
WORKFLOW = Workflow(
    move("sign", S.DRAWN_UP, S.SIGNED, "signatories"),
    move("activate", S.SIGNED, S.ACTIVE, "licensor", "licensee", "system"),
    move("suspend", S.ACTIVE, S.SUSPENDED, "licensor"),
    move("resume", S.SUSPENDED, S.ACTIVE, "licensor"),
    move("terminate", (S.ACTIVE, S.SUSPENDED), S.TERMINATED, "licensor", "licensee"),
    move("abandon", (S.DRAWN_UP, S.SIGNED), S.ABANDONED, "licensor", "licensee", "system"),
    move("expire", (S.ACTIVE, S.SUSPENDED), S.EXPIRED, "system"),
)
NEEDS_A_REASON = {"suspend", "terminate"}
LIVE = (S.DRAWN_UP, S.SIGNED, S.ACTIVE, S.SUSPENDED)

A = Amendment.State
AMENDMENTS = Workflow(
    move("sign", A.PROPOSED, A.IN_FORCE, "signatories"),
    move("withdraw", A.PROPOSED, A.WITHDRAWN, "licensor", "licensee", "system"),
)
