"""Deadlines of patents (N18) and of registers, in calendar months with the month's end right.

Days are not moved when an office is closed: that rule was not found, and an earlier day is safe.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from marketplace.core.calendar import months_after

from .engine import Answer, ask
from .parameters import Register


@dataclass(frozen=True)
class Deadline:
    """`due_on` is None where it does not run yet, or where the rule book has no rule."""

    name: str
    due_on: date | None
    answer: Answer


def hk_standard_r(
    *,
    application_published_on: date,
    request_published_on: date | None = None,
    granted_on: date | None = None,
) -> list[Deadline]:
    """Both stages of a Hong Kong standard (R) patent: the request to record counts from publication
    of the designated application; the request for grant from the later of that grant and of the
    publication of the request to record, and runs only once both are known."""
    first = ask("deadline.hk_standard_r_stage1", on=application_published_on, jurisdiction="HK")
    stage1 = Deadline("stage1", dated(first, application_published_on), first)
    both = [day for day in (request_published_on, granted_on) if day is not None]
    later = max(both) if len(both) == 2 else None
    second = ask(
        "deadline.hk_standard_r_stage2", on=later or application_published_on, jurisdiction="HK"
    )
    return [stage1, Deadline("stage2", later and dated(second, later), second)]


def dated(answer: Answer, start: date) -> date | None:
    return months_after(start, answer.value.months) if answer.value else None


def annuities(jurisdiction: str, *, filed_on: date, today: date) -> list[Deadline]:
    """The annuities still to come, each due on the anniversary on which its year begins."""
    answer = ask("deadline.annuity", on=today, jurisdiction=jurisdiction)
    if answer.value is None:
        return [Deadline("annuity", None, answer)]
    rule = answer.value
    days = {year: months_after(filed_on, 12 * (year - 1)) for year in
            range(rule.first_year, rule.years + 1)}  # fmt: skip
    return [Deadline(f"year {year}", due, answer) for year, due in days.items() if due >= today]


def patent_box(*, filed_on: date) -> Answer:
    """Whether an application outside Hong Kong, filed on that day, needs a corresponding Hong Kong
    (O) application for the patent box."""
    return ask("tax.patent_box_filing", on=filed_on, jurisdiction="HK")


def register_due(
    rule: Register, *, effect_on: date, royalty: bool, first_royalty_on: date | None
) -> date | None:
    """When the register is to be told at the latest; None where nothing runs yet or no day is set.

    For a royalty contract the days of MOFCOM count from the first royalty base."""
    start: date | None = effect_on
    if royalty and rule.after_for_royalty == "first_royalty":
        start = first_royalty_on
    if start is None or rule.after is None:
        return None
    if rule.months is not None:
        return months_after(start, rule.months)
    return start + timedelta(days=rule.days) if rule.days is not None else None
