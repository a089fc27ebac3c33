from __future__ import annotations

from typing import Any

from marketplace.negotiation.differences import LABELS, differences
from marketplace.negotiation.terms import Terms, parse, stored
from tests.factories import TERMS


def terms(**changes: Any) -> dict[str, Any]:
    return stored(parse({**TERMS, **changes}))


MILESTONE = {"what": "Pilot line", "evidence": "Report", "due": "2028-01-01", "amount": 100}


def test_each_changed_term_is_said_in_its_own_words() -> None:
    old = terms()
    new = terms(
        exclusivity="sole",
        territories=["CN", "HK"],
        upfront=60_000_000,
        milestones=[MILESTONE],
        royalty={
            "base": "net_sales",
            "tiers": [{"above": 0, "rate": 350}, {"above": 10_000, "rate": 200}],
            "minimum_a_year": 5_000,
        },
        gross_up=True,
        end=None,
    )
    assert differences(old, new, "en") == [
        "Exclusivity: exclusive → sole",
        "Territories: CN → CN, HK",
        "End (the day after the last): 2032-01-01 → nothing",
        "Upfront fee: HKD 500,000.00 → HKD 600,000.00",
        "Milestone 1 added: what Pilot line, evidence Report, due by 2028-01-01, amount HKD 1.00",
        "Royalty tier 1 rate: 3 % → 3.5 %",
        "Royalty tier 2 added: from HKD 100.00, rate 2 %",
        "Royalty minimum a year: HKD 0.00 → HKD 50.00",
        "Gross-up: no → yes",
    ]
    assert differences(old, new, "zh-Hans")[:3] == [
        "许可方式: 独占 → 排他",
        "地域: CN → CN, HK",
        "终止日（次日）: 2032-01-01 → 无",
    ]
    assert differences(old, new, "zh-Hant")[0] == "許可方式: 獨佔 → 排他"
    assert differences(new, old, "en")[4] == (
        "Milestone 1 removed: what Pilot line, evidence Report, due by 2028-01-01, amount HKD 1.00"
    )


def test_terms_that_agree_differ_in_nothing() -> None:
    assert differences(terms(), terms(territories=["cn"]), "en") == []


def test_another_currency_changes_every_amount() -> None:
    found = differences(terms(), terms(currency="CNY"), "en")
    assert found[:2] == ["Currency: HKD → CNY", "Upfront fee: HKD 500,000.00 → CNY 500,000.00"]


def test_every_term_has_its_words() -> None:
    names = set(Terms.model_fields)
    for model in ("Milestone", "Royalty", "Tier"):
        names |= set(Terms.model_json_schema()["$defs"][model]["properties"])
    assert names == set(LABELS)
