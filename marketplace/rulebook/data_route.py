"""Whether a file of a data room may go from its owner's place to its reader's (N8)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from .engine import Answer, Certainty, Reason, ask, reason, resting_on
from .facts import DataClass, DataFile, Place, place
from .parameters import Area


class Outcome(StrEnum):
    ALLOWED = "allowed"
    CONDITIONAL = "conditional"
    REFUSED = "refused"


@dataclass(frozen=True)
class Safeguards:
    """What the two sides have already put in place."""

    gba_contract: bool = False
    standard_contract: bool = False
    assessment_passed: bool = False


@dataclass(frozen=True)
class Gate:
    """`open` says whether the reader may open the file now; `conditions` are all that is asked,
    whether fulfilled already or not."""

    outcome: Outcome
    open: bool
    conditions: tuple[Reason, ...]
    answer: Answer

    @property
    def status(self) -> Certainty:
        return self.answer.status


def gate(
    file: DataFile, owner: Place, reader: Place, *, on: date, have: Safeguards | None = None
) -> Gate:
    """The gate of one file on one route on one day."""
    have = have or Safeguards()
    if file.under_gba_contract:
        contract = ask("data.gba_contract", on=on)
        if contract.value is None or not inside(reader, contract.value):
            return refused(on, [contract], reason("data.outside_area"))
        condition = reason("data.no_onward")
        return conditional(on, [contract], (condition,), fulfilled=True)
    if owner.jurisdiction == reader.jurisdiction:
        return allowed(on, [ask("data.inside", on=on, jurisdiction="any")])
    if file.data_class == DataClass.UNKNOWN:
        return refused(on, [ask("data.unknown_class", on=on, jurisdiction="any")])
    if owner.jurisdiction == "CN":
        return out_of_mainland(file, owner, reader, on, have)
    if owner.jurisdiction == "HK":
        return allowed(on, [ask("data.out_of_hk", on=on, jurisdiction="HK")])
    return allowed(on, [ask("data.elsewhere", on=on, jurisdiction="any")])


def out_of_mainland(
    file: DataFile, owner: Place, reader: Place, on: date, have: Safeguards
) -> Gate:
    if file.data_class == DataClass.NO_PERSONAL:
        return allowed(on, [ask("data.no_personal", on=on)])
    free, note = by_zone(file, owner, on)
    if free is not None:
        return free
    if file.data_class == DataClass.IMPORTANT:
        answer = ask("data.important", on=on)
        if have.assessment_passed:
            return conditional(on, [answer], (reason("data.assessment"),), fulfilled=True)
        return refused(on, [answer], *note)
    contract = ask("data.gba_contract", on=on)
    area = contract.value
    if area is not None and inside(owner, area) and inside(reader, area):
        conditions = (reason("data.sign_gba"), reason("data.no_onward"))
        return conditional(on, [contract], conditions, have.gba_contract, *note)
    return by_volume(file, on, have, note)


def by_zone(file: DataFile, owner: Place, on: date) -> tuple[Gate | None, list[Reason]]:
    """A gate where the owner's zone has a list whose items are known and the file is outside it;
    else a note where a list is in force that the rule book has not read."""
    name = place(owner.zone)
    listed = ask(f"data.negative_list.{name}", on=on)
    if listed.value is None or not listed.value.published:
        return None, []
    if listed.value.items is None:
        return None, [reason("data.zone_list_unread", zone=name)]
    if file.categories and not set(file.categories) & set(listed.value.items):
        answers = [ask("data.negative_lists", on=on), listed]
        return allowed(on, answers, reason("data.outside_zone_list", zone=name)), []
    return None, []


def by_volume(file: DataFile, on: date, have: Safeguards, note: list[Reason]) -> Gate:
    answer = ask("data.volume", on=on)
    if answer.value is None or file.persons is None:
        return refused(on, [answer], reason("data.say_persons"), *note)
    limits, persons = answer.value, file.persons
    sensitive = file.data_class == DataClass.SENSITIVE
    if not sensitive and persons < limits.exempt_below:
        return allowed(on, [answer], *note)
    most = limits.sensitive_contract_below - 1 if sensitive else limits.contract_to
    if persons <= most:
        done = have.standard_contract
        return conditional(on, [answer], (reason("data.sign_standard"),), done, *note)
    done = have.assessment_passed
    return conditional(on, [answer], (reason("data.assessment"),), done, *note)


def inside(where: Place, area: Area) -> bool:
    """Whether a place belongs to the area of the GBA standard contract."""
    if where.jurisdiction == "CN":
        return place(where.city) in area.cities
    return where.jurisdiction in area.jurisdictions


def allowed(on: date, answers: list[Answer], *also: Reason) -> Gate:
    return Gate(Outcome.ALLOWED, True, (), resting_on("data", on, True, answers, also=also))


def refused(on: date, answers: list[Answer], *also: Reason) -> Gate:
    return Gate(Outcome.REFUSED, False, (), resting_on("data", on, False, answers, also=also))


def conditional(
    on: date, answers: list[Answer], conditions: tuple[Reason, ...], fulfilled: bool, *also: Reason
) -> Gate:
    answer = resting_on("data", on, fulfilled, answers, also=(*conditions, *also))
    return Gate(Outcome.CONDITIONAL, fulfilled, conditions, answer)
