from marketplace.core.workflow import Workflow, move

from .models import Negotiation

S = Negotiation.State
# `party`: either side; `answerer`: the side that did not make the last offer.
WORKFLOW = Workflow(
    move("offer", (S.TALKING, S.LAPSED), S.TALKING, "party"),
    move("accept", S.TALKING, S.ACCEPTED, "answerer"),
    move("lapse", S.ACCEPTED, S.LAPSED, "system"),
    move("conclude", S.ACCEPTED, S.CONCLUDED, "system"),
)
