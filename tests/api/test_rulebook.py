"""The rule book through the API: open to all, dated, with reasons in three languages."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from marketplace.ledger.models import FxRate
from marketplace.rulebook.selectors import count_by_status
from tests.conftest import Api

pytestmark = pytest.mark.django_db
RESIDENT = {
    "jurisdiction": "HK",
    "taxResident": "HK",
    "beneficialOwner": True,
    "hkResidentCertificateUntil": "2026-12-31",
}
PAYMENT: dict[str, Any] = {
    "amount": 106_000_000,
    "currency": "CNY",
    "payer": {"jurisdiction": "CN", "city": "深圳"},
    "licensor": RESIDENT,
    "technology": "PATENT_LICENCE",
    "on": "2026-11-23",
}


def test_the_two_dates_give_two_rules(api: Api) -> None:
    said = {
        day: api.run("rule_answer", key="tax.vat", on=day)["ruleAnswer"]
        for day in ("2025-12-31", "2026-01-01")
    }
    assert {day: one["rules"] for day, one in said.items()} == {
        "2025-12-31": ["cn-vat-licensing-36"],
        "2026-01-01": ["cn-vat-licensing-2026"],
    }
    for day, one in said.items():
        assert (one["on"], one["status"]) == (day, "NEEDS_CONFIRMATION")
        assert json.loads(one["value"]) == {"rate_bp": 600}


@pytest.mark.parametrize(
    ("language", "reason"),
    [
        ("EN", "For a beneficial owner resident in Hong Kong the treaty rate is 7 %."),
        ("ZH_HANS", "受益所有人为香港居民的，协定税率为7%。"),
        ("ZH_HANT", "受益所有人為香港居民的，協定税率為7%。"),
    ],
)
def test_an_answer_gives_its_reason_and_that_it_is_no_advice(
    api: Api, language: str, reason: str
) -> None:
    said = api.run("rule_answer", key="tax.withholding.treaty", on="2026-11-23", language=language)
    assert said["ruleAnswer"]["reasons"] == [reason]
    assert said["ruleAnswer"]["status"] == "CONFIRMED"
    assert said["ruleAnswer"]["notice"]


def test_rows_are_listed_with_their_counts(api: Api, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(2):
        said = api.run("rules")
    counted = count_by_status()
    assert {one["status"].lower(): one["count"] for one in said["ruleCounts"]} == counted
    assert len(said["rules"]) == sum(counted.values())
    vat = api.run("rules", key="tax.vat", on="2026-01-01", status="UNVERIFIED")["rules"]
    assert [one["id"] for one in vat] == ["cn-vat-licensing-2026"]
    assert vat[0]["says"].startswith("6 % VAT")


def test_gross_to_net_and_back(api: Api) -> None:
    said = api.run("gross_to_net", **PAYMENT)["grossToNet"]
    lines = {one["tax"]: (one["rateBp"], one["amount"]["amount"]) for one in said["lines"]}
    assert lines == {"vat": (600, 6_000_000), "income_tax": (700, 7_000_000), "stamp": (3, 30_000)}
    assert said["net"] == {"amount": 92_970_000, "currency": "CNY"}
    assert (said["status"], said["exchange"]) == ("NEEDS_CONFIRMATION", None)
    assert "advice" in said["notice"]
    net = {**PAYMENT, "amount": 92_970_000, "is": "NET"}
    back = api.run("gross_to_net", **net)["grossToNet"]
    assert back["net"]["amount"] == 92_970_000
    assert abs(back["gross"]["amount"] - 106_000_000) <= 1


def test_it_is_shown_in_another_currency_by_a_stated_or_a_published_rate(api: Api) -> None:
    stated = {"into": "hkd", "rate": "1.0837", "rateOn": "2026-11-20", "rateSource": "HKMA"}
    said = api.run("gross_to_net", **PAYMENT, **stated)["grossToNet"]
    assert said["exchange"] == {
        "base": "CNY", "quote": "HKD", "rate": "1.0837", "on": "2026-11-20", "source": "HKMA",
    }  # fmt: skip
    taxes = sum(one["amount"]["amount"] for one in said["lines"])
    assert said["gross"] == {"amount": 114_872_200, "currency": "HKD"}
    assert said["net"]["amount"] + taxes == 114_872_200
    FxRate.objects.create(
        base="CNY", quote="HKD", on=date(2026, 11, 19), rate=Decimal("1.08"), source="ECB"
    )
    said = api.run("gross_to_net", **PAYMENT, into="HKD")["grossToNet"]
    assert (said["exchange"]["on"], said["exchange"]["source"]) == ("2026-11-19", "ECB")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"amount": 0}, ["amount"]),
        ({"payer": {"jurisdiction": "HK"}}, ["payer"]),
        ({"licensor": {"jurisdiction": "atlantis"}}, ["licensor", "jurisdiction"]),
        ({"into": "JPY"}, ["rate"]),
        ({"into": "JPY", "rate": "20", "rateOn": "2026-11-20"}, ["rateSource"]),
        ({"into": "JPY", "rate": "-1", "rateSource": "x"}, ["rate"]),
    ],
)
def test_what_makes_no_sense_is_told(api: Api, change: dict[str, Any], field: list[str]) -> None:
    answer = api.post(
        "query($amount: BigInt!, $payer: PartyInput!, $licensor: PartyInput!, $into: String,"
        " $rate: Decimal, $rateOn: Date, $rateSource: String) { grossToNet(amount: $amount,"
        ' currency: "CNY", payer: $payer, licensor: $licensor, technology: KNOW_HOW, into: $into,'
        ' rate: $rate, rateOn: $rateOn, rateSource: $rateSource, on: "2026-11-23")'
        " { net { amount } } }",
        **{**PAYMENT, **change},
    )
    assert [one["extensions"]["field"] for one in answer["errors"]] == [field]


def test_governing_law_and_seat(api: Api) -> None:
    parties = [
        {"jurisdiction": "CN", "city": "廣州", "hkMacaoInvested": True},
        {"jurisdiction": "CN", "city": "Beijing", "hkMacaoInvested": False},
    ]
    said = api.run("governing_law", of="HK", parties=parties, on="2026-11-23")["governingLaw"]
    assert (said["law"]["value"], said["seat"]["value"]) == ("false", "true")
    assert said["seat"]["status"] == "CONFIRMED"
    assert "cn-seat-spc-2025-3" in said["seat"]["rules"]
    assert {"HKIAC", "SCIA"} <= {one["rules"].split()[0] for one in said["institutions"]}


def test_a_file_on_its_way(api: Api) -> None:
    route = {
        "file": {"dataClass": "PERSONAL"},
        "owner": {"jurisdiction": "CN", "city": "Shenzhen"},
        "reader": {"jurisdiction": "HK"},
        "on": "2026-11-23",
    }
    said = api.run("data_gate", **route)["dataGate"]
    assert (said["outcome"], said["open"]) == ("CONDITIONAL", False)
    assert len(said["conditions"]) == 2
    said = api.run("data_gate", **route, have={"gbaContract": True})["dataGate"]
    assert (said["outcome"], said["open"]) == ("CONDITIONAL", True)
    onward = {**route, "file": {"dataClass": "PERSONAL", "underGbaContract": True}}
    for reader in ({"jurisdiction": "US"}, {"jurisdiction": "CN", "city": "北京"}):
        said = api.run("data_gate", **{**onward, "reader": reader})["dataGate"]
        assert (said["outcome"], said["open"]) == ("REFUSED", False)


def test_terms_are_read_by_the_linter(api: Api) -> None:
    said = api.run(
        "clause_findings",
        terms={
            "kind": "PATENT_LICENCE",
            "territories": ["CN"],
            "startsOn": "2027-01-01",
            "endsOn": "2035-06-30",
            "patents": [{"number": "CN.1.B", "territory": "CN", "expiresOn": "2035-06-30"}],
            "royalty": True,
            "royaltyUntil": "2036-01-01",
            "grossUp": True,
            "grantBack": "EXCLUSIVE",
            "special": "禁止被许可方采用竞争技术。",
        },
        licensor={"jurisdiction": "HK"},
        licensee={"jurisdiction": "CN"},
        on="2026-11-23",
        language="ZH_HANT",
    )["clauseFindings"]
    assert [(one["code"], one["severity"]) for one in said] == [
        ("royalty_after_expiry", "WARN"),
        ("grant_back_free", "REFUSE"),
        ("grant_back_export", "NOTE"),
        ("ban_competing", "REFUSE"),
    ]
    assert said[3]["words"] == ["禁止被许可方采用竞争技术"]
    assert "最後一項覆蓋專利" in said[0]["wording"]


@pytest.mark.parametrize(
    ("filed", "needs", "rule"),
    [
        ("2026-07-04", False, "hk-patent-box-filing-2023"),
        ("2026-07-05", True, "hk-patent-box-filing-2026"),
    ],
)
def test_deadlines(api: Api, filed: str, needs: bool, rule: str) -> None:
    said = api.run(
        "deadlines",
        applicationPublishedOn="2026-08-31",
        requestPublishedOn="2027-01-15",
        grantedOn="2027-03-31",
        jurisdiction="HK",
        filedOn=filed,
        on="2026-11-23",
    )
    assert [(one["name"], one["dueOn"]) for one in said["hkStandardPatentDeadlines"]] == [
        ("stage1", "2027-02-28"),
        ("stage2", "2027-09-30"),
    ]
    box = said["patentBoxFiling"]
    assert (json.loads(box["value"]), box["rules"]) == ({"needs_hk_application": needs}, [rule])
    assert len(said["annuityDeadlines"]) == 17
