from __future__ import annotations

import pytest

from marketplace.accounts.workflow import VERIFICATION
from marketplace.core.errors import Conflict, Forbidden
from marketplace.core.workflow import Workflow, move
from marketplace.listings.workflow import WORKFLOW as LISTING
from marketplace.needs.workflow import WORKFLOW as NEED

DOOR = Workflow(
    move("open", ("shut", "ajar"), "open", "host"), move("shut", "open", "shut", "host", "guest")
)


def test_a_move_leads_on() -> None:
    assert DOOR.move("shut", "open", by={"host"}) == "open"


def test_a_move_of_another_state_is_a_conflict() -> None:
    with pytest.raises(Conflict):
        DOOR.move("open", "open", by={"host"})


def test_a_move_of_another_actor_is_forbidden() -> None:
    with pytest.raises(Forbidden):
        DOOR.move("shut", "open", by={"guest"})


def test_available_is_what_move_allows() -> None:
    assert DOOR.available("open", by={"guest"}) == ["shut"]
    assert DOOR.available("shut", by={"guest"}) == []


@pytest.mark.parametrize(
    ("workflow", "start"),
    [(LISTING, "draft"), (NEED, "draft"), (VERIFICATION, "unverified")],
    ids=["listing", "need", "verification"],
)
def test_every_state_of_a_table_can_be_reached(workflow: Workflow, start: str) -> None:
    reached, edge = {start}, [start]
    while edge:
        state = edge.pop()
        for one in workflow.moves.values():
            if one.source == state and one.target not in reached:
                reached.add(one.target)
                edge.append(one.target)
    named = {s for m in workflow.moves.values() for s in (m.source, m.target)}
    assert reached == named
