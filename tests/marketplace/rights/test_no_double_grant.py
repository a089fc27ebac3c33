"""Any sequence of occupying, releasing and time passing, beside a model that counts cells."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import product
from typing import Any

import pytest
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from marketplace.core.errors import Conflict
from marketplace.rights.services import assets_of, occupy, release
from tests.factories import NOW, make_listing, make_organisation, member_of
from tests.race import by_bare_insert, race

# Each field by the leaves it holds; "other" is what nobody has named yet.
LEAVES = {
    "": {"a/b", "a/电池", "a other", "ab", "other"},
    "a": {"a/b", "a/电池", "a other"},
    "a/b": {"a/b"},
    "a/电池": {"a/电池"},
    "ab": {"ab"},
}
FIRST = date(2027, 1, 1)
HORIZON = 4  # days; None, for good, ends there
Cell = tuple[str, str, str, int]


@dataclass
class Wish:
    territories: list[str]
    fields: list[str]
    acts: list[str]
    start: int
    end: int | None
    claim: str
    kind: str
    lasts: int  # hours, of an option or a lock
    subject: str

    def cells(self) -> set[Cell]:
        leaves = set().union(*(LEAVES[f] for f in self.fields or [""]))
        days = range(self.start, HORIZON if self.end is None else self.end)
        return set(product(self.territories, leaves, self.acts, days))

    def words(self, now: datetime) -> dict[str, Any]:
        own = self.claim in ("own use", "kept")
        kind = "reservation" if own else self.kind
        exclusivity = {"own use": "non_exclusive", "kept": "exclusive"}.get(self.claim, self.claim)
        return {
            "territories": self.territories,
            "fields": self.fields,
            "acts": self.acts,
            "start": FIRST + timedelta(days=self.start),
            "end": None if self.end is None else FIRST + timedelta(days=self.end),
            "exclusivity": exclusivity,
            "kind": kind,
            "subject": self.subject,
            "now": now,
            "expires_at": self.until(now),
        }

    def until(self, now: datetime) -> datetime | None:
        lapses = self.kind != "grant" and self.claim not in ("own use", "kept")
        return now + timedelta(hours=self.lasts) if lapses else None


@dataclass
class Model:
    """Per cell who claims it; a licensee's sole right leaves the owner's own use alone."""

    held: dict[str, tuple[Wish, datetime | None]] = field(default_factory=dict)

    def live(self, now: datetime) -> Iterable[Wish]:
        return [w for w, until in self.held.values() if until is None or until > now]

    def free(self, wish: Wish, now: datetime) -> bool:
        return not any(
            wish.cells() & other.cells() and self.clash(wish.claim, other.claim)
            for other in self.live(now)
        )

    @staticmethod
    def clash(one: str, other: str) -> bool:
        peaceful = [
            {"non_exclusive"},
            {"own use"},
            {"non_exclusive", "own use"},
            {"sole", "own use"},
        ]
        return {one, other} not in peaceful


WISHES = st.builds(
    Wish,
    territories=st.sampled_from([["CN"], ["CN", "HK"], ["HK", "MO"]]),
    fields=st.lists(st.sampled_from(sorted(LEAVES)), max_size=2, unique=True),
    acts=st.sampled_from([["make"], ["make", "sell"]]),
    start=st.sampled_from([0, 0, 2]),
    end=st.sampled_from([None, 3, 4]),
    claim=st.sampled_from(["exclusive", "sole", "non_exclusive", "own use", "kept"]),
    kind=st.sampled_from(["grant", "option", "lock"]),
    lasts=st.integers(1, 5),
    subject=st.sampled_from("ABCDEFG"),
)
STEPS = st.one_of(
    WISHES,
    st.tuples(st.just("instead"), WISHES, st.sampled_from("ABCDEFG")),
    st.tuples(st.just("release"), st.sampled_from("ABCDEFG")),
    st.tuples(st.just("wait"), st.integers(1, 4)),
)


@pytest.mark.django_db
@settings(max_examples=150)
@given(steps=st.lists(STEPS, max_size=25))
def test_the_ledger_and_the_model_agree_at_every_step(steps: list[Any]) -> None:
    with transaction.atomic():
        owner = make_organisation("licensor")
        buyer = make_organisation("buyer")
        assets = assets_of(make_listing(member_of(owner)))
        model, now = Model(), NOW
        for step in steps:
            if isinstance(step, tuple) and step[0] == "wait":
                now += timedelta(hours=step[1])
                continue
            alive = {w.subject for w in model.live(now)}
            if isinstance(step, tuple) and step[0] == "release":
                assert release(subject=step[1], now=now) == (step[1] in alive)
                model.held.pop(step[1], None)
                continue
            wish, old = (step[1], step[2]) if isinstance(step, tuple) else (step, None)
            if wish.subject in alive:
                continue  # gets what it has, whatever it asks; another test says so
            without = Model({s: h for s, h in model.held.items() if s != old})
            words = wish.words(now)
            holder = owner if words["kind"] == "reservation" else buyer
            try:
                occupy(owner=owner, holder=holder, assets=assets, instead_of=old, **words)
            except Conflict:
                assert not without.free(wish, now)
            else:
                assert without.free(wish, now)
                model = without
                model.held[wish.subject] = (wish, wish.until(now))
        transaction.set_rollback(True)


@pytest.mark.django_db(transaction=True)
def test_of_32_threads_one_gets_the_right() -> None:
    outcome = race(rounds=12, threads=32, seed=7)
    assert (outcome.winners, outcome.rounds_with_one_winner) == (12, 12)
    assert outcome.double_grants == 0


@pytest.mark.django_db(transaction=True)
def test_the_constraint_alone_lets_one_of_eight_threads_in() -> None:
    """Without the queue for the asset some of them meet in a deadlock, which PostgreSQL breaks."""
    outcome = race(rounds=3, threads=8, seed=7, racer=by_bare_insert)
    assert (outcome.winners, outcome.double_grants) == (3, 0)
