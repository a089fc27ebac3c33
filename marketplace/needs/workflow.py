from marketplace.core.workflow import Workflow, move

from .models import Need

S = Need.State
WORKFLOW = Workflow(
    move("open", S.DRAFT, S.OPEN, "buyer"),
    move("revise", S.OPEN, S.DRAFT, "buyer"),
    move("close", (S.DRAFT, S.OPEN), S.CLOSED, "buyer", "operator"),
    move("expire", S.OPEN, S.CLOSED, "system"),
    move("reopen", S.CLOSED, S.OPEN, "buyer"),
)
MOVES = sorted({name for _, name in WORKFLOW.moves})
