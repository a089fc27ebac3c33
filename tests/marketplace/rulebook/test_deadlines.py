"""Deadlines (N18, F2): months with the month's end right, and what starts the clock."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from dateutil.relativedelta import relativedelta
from hypothesis import given
from hypothesis import strategies as st

from marketplace.core.calendar import months_after
from marketplace.core.errors import Invalid
from marketplace.rulebook.deadlines import (
    annuities,
    hk_standard_r,
    patent_box,
    register_due,
)
from marketplace.rulebook.engine import ask

ON = date(2026, 11, 23)


@given(st.dates(date(1900, 1, 1), date(2100, 12, 31)), st.integers(0, 600))
def test_months_after_agrees_with_dateutil(day: date, months: int) -> None:
    assert months_after(day, months) == day + relativedelta(months=months)


@pytest.mark.parametrize(
    ("day", "due"),
    [
        ("2026-11-30", "2027-02-28"),
        ("2027-11-30", "2028-02-29"),
        ("2026-08-31", "2026-11-30"),
        ("2026-10-01", "2027-01-01"),
        ("2027-02-28", "2027-05-28"),
    ],
)
def test_three_months_for_cnipa(db: None, day: str, due: str) -> None:
    rule = ask("register.cnipa", on=ON).value
    found = register_due(
        rule, effect_on=date.fromisoformat(day), royalty=True, first_royalty_on=None
    )
    assert found == date.fromisoformat(due)


def test_sixty_days_for_mofcom_from_effect_or_from_the_first_royalty(db: None) -> None:
    rule = ask("register.mofcom", on=ON).value
    effect, royalty = date(2026, 12, 1), date(2027, 6, 30)
    due = register_due(rule, effect_on=effect, royalty=False, first_royalty_on=None)
    assert due == effect + timedelta(days=60) == date(2027, 1, 30)
    assert register_due(rule, effect_on=effect, royalty=True, first_royalty_on=None) is None
    due = register_due(rule, effect_on=effect, royalty=True, first_royalty_on=royalty)
    assert due == date(2027, 8, 29)


def test_recognition_has_no_day(db: None) -> None:
    rule = ask("register.recognition", on=ON).value
    assert register_due(rule, effect_on=ON, royalty=False, first_royalty_on=None) is None


def test_both_stages_of_a_standard_r_patent(db: None) -> None:
    published = date(2026, 8, 31)
    first, second = hk_standard_r(application_published_on=published)
    assert (first.due_on, second.due_on) == (date(2027, 2, 28), None)
    assert (first.answer.status, first.answer.rules) == ("confirmed", ("hk-standard-r-stage1",))
    request, grant = date(2027, 3, 15), date(2028, 1, 10)
    for pair in ((request, grant), (grant, request)):
        _, second = hk_standard_r(
            application_published_on=published,
            request_published_on=pair[0],
            granted_on=pair[1],
        )
        assert second.due_on == date(2028, 7, 10)
    _, second = hk_standard_r(application_published_on=published, granted_on=grant)
    assert second.due_on is None


def test_before_the_system_of_2019_nothing_is_guessed(db: None) -> None:
    first, _ = hk_standard_r(application_published_on=date(2019, 12, 18))
    assert (first.due_on, first.answer.status) == (None, "needs_confirmation")


@pytest.mark.parametrize(
    ("filed", "needed", "rule"),
    [
        ("2026-07-04", False, "hk-patent-box-filing-2023"),
        ("2026-07-05", True, "hk-patent-box-filing-2026"),
    ],
)
def test_the_patent_box_by_day_of_filing(db: None, filed: str, needed: bool, rule: str) -> None:
    found = patent_box(filed_on=date.fromisoformat(filed))
    assert found.value.needs_hk_application is needed
    assert (found.rules, found.status) == ((rule,), "confirmed")


def test_annuities_still_to_come(db: None) -> None:
    found = annuities("CN", filed_on=date(2024, 2, 29), today=date(2042, 3, 1))
    assert [(one.name, one.due_on) for one in found] == [("year 20", date(2043, 2, 28))]
    found = annuities("HK", filed_on=date(2024, 2, 29), today=date(2024, 3, 1))
    assert (found[0].name, found[0].due_on) == ("year 4", date(2027, 2, 28))
    assert len(found) == 17
    assert annuities("US", filed_on=ON, today=ON)[0].due_on is None


def test_a_day_beyond_the_calendar_is_refused() -> None:
    with pytest.raises(Invalid):
        months_after(date(9999, 12, 1), 1)
