"""The gate of a data room by route (N8, F5)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from marketplace.rulebook.data_route import Safeguards, gate
from marketplace.rulebook.facts import DataClass, DataFile, Place
from marketplace.rulebook.models import Rule
from marketplace.rulebook.services import rule_confirm, rule_propose
from tests.factories import make_operator

ON = date(2026, 11, 23)
SZ, BJ = Place("CN", city="深圳"), Place("CN", city="Beijing")
HK, MO, US = Place("HK"), Place("MO"), Place("US")
SIGNED = Safeguards(gba_contract=True, standard_contract=True)


@pytest.mark.parametrize(
    ("data", "owner", "reader", "have", "outcome", "is_open", "rule"),
    [
        ("no_personal", SZ, US, None, "allowed", True, "cn-data-art3"),
        ("personal", SZ, HK, None, "conditional", False, "cn-data-gba-contract"),
        ("personal", SZ, HK, SIGNED, "conditional", True, "cn-data-gba-contract"),
        ("sensitive", SZ, HK, SIGNED, "conditional", True, "cn-data-gba-contract"),
        ("personal", SZ, US, SIGNED, "refused", False, "cn-data-volume"),
        ("personal", SZ, MO, SIGNED, "refused", False, "cn-data-volume"),
        ("personal", BJ, HK, SIGNED, "refused", False, "cn-data-volume"),
        ("important", SZ, HK, SIGNED, "refused", False, "cn-data-important"),
        ("unknown", SZ, HK, SIGNED, "refused", False, "any-data-unknown-class"),
        ("unknown", HK, BJ, None, "refused", False, "any-data-unknown-class"),
        ("unknown", US, HK, None, "refused", False, "any-data-unknown-class"),
        ("unknown", SZ, BJ, None, "allowed", True, "any-data-inside"),
        ("important", SZ, BJ, None, "allowed", True, "any-data-inside"),
        ("personal", HK, BJ, None, "allowed", True, "hk-pdpo-s33"),
        ("personal", US, BJ, None, "allowed", True, "any-data-elsewhere"),
    ],
)
def test_a_route_is_open_or_not(
    db: None,
    data: str,
    owner: Place,
    reader: Place,
    have: Safeguards | None,
    outcome: str,
    is_open: bool,
    rule: str,
) -> None:
    found = gate(DataFile(DataClass(data)), owner, reader, on=ON, have=have)
    assert (found.outcome, found.open) == (outcome, is_open)
    assert rule in found.answer.rules


@pytest.mark.parametrize(
    ("owner", "reader", "is_open"),
    [
        (SZ, HK, True),
        (HK, SZ, True),
        (HK, Place("CN", city="廣州"), True),
        (SZ, BJ, False),
        (HK, BJ, False),
        (HK, US, False),
        (HK, MO, False),
    ],
)
def test_a_file_under_the_bay_area_contract_stays_there(
    db: None, owner: Place, reader: Place, is_open: bool
) -> None:
    file = DataFile(DataClass.PERSONAL, under_gba_contract=True)
    found = gate(file, owner, reader, on=ON, have=SIGNED)
    assert (found.open, found.status) == (is_open, "confirmed")


@pytest.mark.parametrize(
    ("data", "persons", "outcome", "condition"),
    [
        ("personal", 99_999, "allowed", ""),
        ("personal", 100_000, "conditional", "standard contract"),
        ("personal", 1_000_000, "conditional", "standard contract"),
        ("personal", 1_000_001, "conditional", "assessment"),
        ("sensitive", 1, "conditional", "standard contract"),
        ("sensitive", 9_999, "conditional", "standard contract"),
        ("sensitive", 10_000, "conditional", "assessment"),
    ],
)
def test_by_volume(db: None, data: str, persons: int, outcome: str, condition: str) -> None:
    found = gate(DataFile(DataClass(data), persons), BJ, US, on=ON)
    assert found.outcome == outcome
    assert found.open == (outcome == "allowed")
    assert found.status == "needs_confirmation"
    assert [condition in one.text("en") for one in found.conditions] == [True] * bool(condition)


def test_a_zone_with_an_unread_list_is_said_and_decides_nothing(db: None) -> None:
    owner = replace(BJ, zone="北京自贸区")
    found = gate(DataFile(DataClass.IMPORTANT), owner, US, on=ON)
    assert found.outcome == "refused"
    assert any("negative list" in why.text("en") for why in found.answer.reasons)


def test_outside_a_list_that_is_known_data_is_free(db: None) -> None:
    rule = rule_propose(
        viewer=make_operator(),
        id="cn-negative-list-qianhai-2026",
        key="data.negative_list.Qianhai",
        jurisdiction="CN",
        valid_from=date(2026, 6, 1),
        source="a gazette",
        citation="Qianhai",
        parameters={"published": True, "items": ["genomes"]},
        says={"en": "The list of Qianhai.", "zh-Hans": "前海清单。"},
    )
    rule_confirm(viewer=make_operator(), rule_id=rule.pk, today=ON)
    owner = replace(SZ, zone="前海")
    outside = DataFile(DataClass.PERSONAL, categories=("customers",))
    listed = DataFile(DataClass.PERSONAL, categories=("customers", "genomes"))
    assert gate(outside, owner, US, on=ON).outcome == "allowed"
    assert gate(outside, owner, US, on=ON).status == "confirmed"
    assert gate(listed, owner, US, on=ON).outcome == "refused"
    assert gate(outside, owner, US, on=date(2026, 5, 31)).outcome == "refused"


def test_without_rules_nothing_personal_leaves(db: None) -> None:
    Rule.objects.all().delete()
    for data in ("personal", "sensitive", "important", "unknown"):
        assert not gate(DataFile(DataClass(data)), SZ, HK, on=ON, have=SIGNED).open
