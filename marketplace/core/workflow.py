"""A workflow is a table of moves. Nothing else may change a state."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from .errors import Conflict, Forbidden


@dataclass(frozen=True)
class Move:
    """`by` may take a thing from `source` to `target`; `by` names the actors that may do so."""

    name: str
    source: str
    target: str
    by: frozenset[str]


def move(name: str, source: str | Iterable[str], target: str, *by: str) -> list[Move]:
    """One row of the table for each source state."""
    sources = [source] if isinstance(source, str) else list(source)
    return [Move(name, str(one), str(target), frozenset(by)) for one in sources]


class Workflow:
    def __init__(self, *rows: list[Move]) -> None:
        self.moves = {(one.source, one.name): one for row in rows for one in row}
        if len(self.moves) != sum(len(row) for row in rows):
            raise ValueError("two moves have the same source and name")

    def move(self, state: str, name: str, *, by: Iterable[str]) -> str:
        """The state after the move. Conflict where the state does not allow it, Forbidden where
        none of the actors `by` may make it."""
        found = self.moves.get((state, name))
        if found is None:
            raise Conflict(f"Cannot {name} what is {state}.")
        if not found.by & frozenset(by):
            raise Forbidden(f"Only {' or '.join(sorted(found.by))} may {name}.")
        return found.target

    def available(self, state: str, *, by: Iterable[str]) -> list[str]:
        """The moves that the actors `by` may make from here, in the order of the table."""
        actors = frozenset(by)
        return [m.name for m in self.moves.values() if m.source == state and m.by & actors]
