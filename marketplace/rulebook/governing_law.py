"""Whether the law of Hong Kong or Macao may govern, and whether the seat of arbitration may be
there: by the parties, the day, and the rows `governing_law.*`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from marketplace.core.errors import Invalid, refuse

from .engine import Answer, ask, ask_all, reason, resting_on
from .facts import Party, place
from .parameters import PartyTest

Question = Literal["law", "seat"]
AWAY = ("HK", "MO")


def choice(question: Question, of: str, parties: Sequence[Party], *, on: date) -> Answer:
    """Whether the parties may choose the law, or the seat, of Hong Kong (HK) or Macao (MO).

    The value is True or False. What is not known of a party makes it NEEDS_CONFIRMATION; a No rests
    on every rule that could have said Yes.
    """
    faults = []
    if of not in AWAY:
        faults.append(Invalid("HK or MO is wanted.", field=("of",)))
    if len(parties) < 2:
        faults.append(Invalid("A contract has two parties or more.", field=("parties",)))
    refuse(faults)
    return decide(rows(question, on), parties)


@dataclass(frozen=True)
class Rows:
    """What the rule book says on the question on one day."""

    by_party: Answer
    foreign: Answer
    mandatory: Answer


def rows(question: Question, on: date) -> Rows:
    return Rows(
        by_party=ask(f"governing_law.{question}", on=on),
        foreign=ask("governing_law.foreign_related", on=on),
        mandatory=ask("governing_law.mandatory", on=on),
    )


def decide(said: Rows, parties: Sequence[Party]) -> Answer:
    by_party, foreign = said.by_party, said.foreign
    key, on = by_party.key, by_party.on
    fits = [fulfils(party, by_party.value) for party in parties if by_party.value]
    if True in fits:
        return resting_on(key, on, True, [by_party, said.mandatory])
    if foreign.value is not None and any(party.jurisdiction != "CN" for party in parties):
        return resting_on(key, on, True, [foreign, said.mandatory])
    open_question = None in fits
    why = reason("law.fact_missing" if open_question else "law.no_party")
    return resting_on(key, on, False, [by_party, foreign], also=[why], open_question=open_question)


def fulfils(party: Party, test: PartyTest) -> bool | None:
    """None where it depends on what is not known."""
    if party.jurisdiction != "CN":
        return False
    wanted = (
        (test.cities, party.city),
        (test.zones, party.zone),
    )
    where = [None if not said else place(said) in names for names, said in wanted if names]
    located = True if True in where else None if None in where else False
    if located is False or party.hk_macao_invested is False:
        return False
    return True if located and party.hk_macao_invested else None


def institutions(seat: str, *, on: date) -> list[Answer]:
    """Who administers arbitration seated there, with its rules."""
    return [one for one in ask_all("arbitration.institution", on=on) if seat in one.value.seats]
