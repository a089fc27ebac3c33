"""The linter of clauses (F7, N9, N10)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.core.vocabulary import ListingKind
from marketplace.rulebook.clauses import CHECKS, Sides, lint, words_of
from marketplace.rulebook.facts import CoveringPatent, GrantBack, Party, TermSheet
from marketplace.rulebook.files import phrases

ON = date(2026, 11, 23)
SIDES = Sides(licensor=Party("HK"), licensee=Party("CN", city="Shenzhen"))
PATENT = CoveringPatent("CN.101.B", "CN", date(2035, 6, 30))
CLEAN = TermSheet(
    kind=ListingKind.PATENT_LICENCE,
    territories=("CN",),
    starts_on=date(2027, 1, 1),
    ends_on=date(2035, 6, 30),
    patents=(PATENT,),
    royalty=True,
    royalty_until=date(2035, 6, 30),
    gross_up=True,
)
DAY_AFTER = date(2035, 7, 1)


def codes(sides: Sides = SIDES, **change: object) -> dict[str, str]:
    return {one.code: one.severity for one in lint(replace(CLEAN, **change), sides, on=ON)}  # type: ignore[arg-type]


def test_clean_terms_have_no_findings(db: None) -> None:
    assert codes() == {}


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ({"royalty_until": DAY_AFTER}, {"royalty_after_expiry": "warn"}),
        ({"royalty_until": DAY_AFTER, "know_how": True, "know_how_royalty_bp": 100}, {}),
        ({"royalty_until": DAY_AFTER, "know_how": True}, {"royalty_after_expiry": "warn"}),
        ({"royalty_until": DAY_AFTER, "royalty": False}, {}),
        ({"ends_on": DAY_AFTER}, {"period_beyond_patent": "warn"}),
        ({"ends_on": None}, {"period_beyond_patent": "warn"}),
        ({"ends_on": DAY_AFTER, "know_how": True}, {}),
        (
            {"grant_back": GrantBack.NON_EXCLUSIVE},
            {"grant_back_free": "refuse", "grant_back_export": "note"},
        ),
        (
            {"grant_back": GrantBack.NON_EXCLUSIVE, "grant_back_paid": True},
            {"grant_back_export": "note"},
        ),
        (
            {"grant_back": GrantBack.ASSIGNMENT, "grant_back_paid": True},
            {"grant_back_free": "refuse", "grant_back_export": "note"},
        ),
        (
            {
                "grant_back": GrantBack.EXCLUSIVE,
                "grant_back_paid": True,
                "licensor_gives_improvements": True,
            },
            {"grant_back_export": "note"},
        ),
        ({"no_challenge": True}, {"no_challenge": "refuse"}),
        ({"bans_competing": True}, {"ban_competing": "refuse"}),
        ({"bans_improving": True}, {"ban_improving": "refuse"}),
        ({"tied": ("raw material",)}, {"tying": "refuse"}),
        ({"limits": ("export",)}, {"unreasonable_limits": "warn"}),
        ({"gross_up": None}, {"gross_up_missing": "warn"}),
        ({"gross_up": False}, {}),
        ({"territories": ("CN", "HK")}, {"know_how_only": "warn"}),
        ({"patents": (replace(PATENT, territory="HK"),)}, {"know_how_only": "warn"}),
    ],
)
def test_a_clause_is_found(db: None, change: dict[str, object], found: dict[str, str]) -> None:
    assert codes(**change) == found


def test_inside_the_mainland_nothing_is_exported_nor_grossed_up(db: None) -> None:
    inland = Sides(Party("CN"), Party("CN"))
    assert codes(inland, grant_back=GrantBack.NON_EXCLUSIVE, gross_up=None) == {
        "grant_back_free": "refuse"
    }


def test_a_finding_says_why_with_dates_and_suggests_a_wording(db: None) -> None:
    (found,) = lint(replace(CLEAN, royalty_until=date(2036, 1, 1)), SIDES, on=ON)
    assert found.reason.text("en") == (
        "Royalty runs to 2036-01-01, the last covering patent ends on 2035-06-30, "
        "and no part is for know-how."
    )
    assert "最後一項覆蓋專利" in found.wording.text("zh-Hant")
    assert found.answer.rules == ("cn-clause-royalty-after-expiry",)


def test_every_check_speaks_three_languages(db: None) -> None:
    everything = replace(
        CLEAN, ends_on=None, royalty_until=None, grant_back=GrantBack.ASSIGNMENT, no_challenge=True,
        bans_competing=True, bans_improving=True, tied=("x",), limits=("y",), gross_up=None,
        territories=("CN", "HK"),
    )  # fmt: skip
    found = lint(everything, SIDES, on=ON)
    assert [one.code for one in found] == list(CHECKS)
    for one in found:
        for language in ("en", "zh-Hans", "zh-Hant"):
            assert "{" not in one.reason.text(language) + one.wording.text(language)


@pytest.mark.parametrize(
    ("special", "code", "words"),
    [
        (
            "The Licensee shall not challenge the validity of any licensed patent.",
            "no_challenge",
            ("not challenge the validity",),
        ),
        ("被許可方不得對專利有效性提出異議。", "no_challenge", ("不得对专利有效性",)),
        (
            "It may not use any competing technology.",
            "ban_competing",
            ("not use any competing technolog",),
        ),
        ("禁止被许可方采用竞争技术。", "ban_competing", ("禁止被许可方采用竞争技术",)),
        ("The licensee must not modify the process.", "ban_improving", ("not modify",)),
        (
            "It shall purchase all powder from the Licensor.",
            "tying",
            ("shall purchase all powder from the licensor",),
        ),
        ("原料须向许可方购买。", "tying", ("须向许可方购买",)),
        ("产品不得出口。", "unreasonable_limits", ("不得出口",)),
        ("改进成果应无偿提供给许可方。", "grant_back_free", ("改进成果应无偿",)),
    ],
)
def test_free_words_are_read_in_every_script(
    db: None, special: str, code: str, words: tuple[str, ...]
) -> None:
    (found,) = lint(replace(CLEAN, special=special), SIDES, on=ON)
    assert (found.code, found.words) == (code, words)
    assert "{" not in found.reason.text("en") + found.wording.text("zh-Hans")


@given(st.text(max_size=300))
def test_any_words_can_be_read(special: str) -> None:
    for code in phrases():
        assert all(words_of(code, special))
