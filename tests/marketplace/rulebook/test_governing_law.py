"""The truth table of law and seat (N7, F4), whole: every pair of parties on both sides of the day
the interpretation of the court came into force, held against the words of domain/rules.md."""

from __future__ import annotations

from datetime import date
from itertools import product

import pytest

from marketplace.core.errors import Faults
from marketplace.rulebook.engine import Certainty
from marketplace.rulebook.facts import Party, place
from marketplace.rulebook.governing_law import choice, decide, institutions, rows

NINE = {"Guangzhou", "Shenzhen", "Zhuhai", "Foshan", "Huizhou", "Dongguan", "Zhongshan",
        "Jiangmen", "Zhaoqing"}  # fmt: skip
CITIES = [*sorted(NINE), "Beijing", "Shanghai", ""]
PARTIES = [
    *(Party("CN", city=city, hk_macao_invested=known) for city in CITIES for known in
      (True, False, None)),
    *(Party("CN", city="Shenzhen", zone="Qianhai", hk_macao_invested=known) for known in
      (True, False, None)),
    Party("HK"), Party("MO"), Party("US"),
]  # fmt: skip
BEFORE, AFTER = date(2025, 2, 13), date(2025, 2, 14)
TABLE = list(product(("law", "seat"), PARTIES, PARTIES, (BEFORE, AFTER)))


def invested_there(party: Party, cities: set[str]) -> bool:
    return party.hk_macao_invested is True and party.city in cities


def might_be(party: Party, cities: set[str]) -> bool:
    """What is not said could make it so."""
    return (
        party.jurisdiction == "CN"
        and party.hk_macao_invested is not False
        and (party.city in cities or party.city == "")
    )


def expected(question: str, parties: list[Party], on: date) -> tuple[bool, Certainty]:
    sure, unsure = Certainty.CONFIRMED, Certainty.NEEDS_CONFIRMATION
    if on >= AFTER:
        cities = {"Shenzhen", "Zhuhai"} if question == "law" else NINE
        if any(invested_there(party, cities) for party in parties):
            return True, sure
    elif question == "law" and any(
        party.zone == "Qianhai" and party.hk_macao_invested for party in parties
    ):
        return True, unsure
    return any(party.jurisdiction != "CN" for party in parties), unsure


def test_the_whole_truth_table(db: None) -> None:
    said = {(q, on): rows(q, on) for q in ("law", "seat") for on in (BEFORE, AFTER)}
    wrong = []
    for question, one, other, on in TABLE:
        found = decide(said[question, on], [one, other])
        if (found.value, found.status) != expected(question, [one, other], on):
            wrong.append((question, one, other, on, found.value, found.status))
        assert found.reasons
    assert wrong == []
    assert len(TABLE) == 7_056


def test_what_is_not_known_of_a_party_is_asked_for(db: None) -> None:
    for one, other in product(PARTIES, PARTIES):
        if one.jurisdiction != "CN" or other.jurisdiction != "CN":
            continue
        if any(invested_there(party, {"Shenzhen", "Zhuhai"}) for party in (one, other)):
            continue
        found = choice("law", "HK", [one, other], on=AFTER)
        asks = any("not said of a party" in why.text("en") for why in found.reasons)
        assert asks == any(might_be(party, {"Shenzhen", "Zhuhai"}) for party in (one, other))


def test_reasons_cite_the_rows_and_the_mandatory_rules(db: None) -> None:
    party = Party("CN", city="深圳市", hk_macao_invested=True)
    found = choice("law", "HK", [party, Party("CN", city="Beijing")], on=AFTER)
    assert (found.value, found.status) == (True, "confirmed")
    assert found.rules == ("cn-law-spc-2025-3", "cn-mandatory-rules")


@pytest.mark.parametrize("name", ["Shenzhen", "shenzhen city", "深圳", "深圳市", " Shenzhen "])
def test_a_city_is_known_by_its_names(name: str) -> None:
    assert place(name) == "Shenzhen"
    assert place("廣州市") == "Guangzhou"
    assert place("Atlantis") == "Atlantis"


def test_a_question_that_makes_no_sense_is_refused(db: None) -> None:
    with pytest.raises(Faults) as refusal:
        choice("law", "US", [Party("HK")], on=AFTER)
    assert {error.field for error in refusal.value.errors} == {("of",), ("parties",)}


def test_institutions_by_seat(db: None) -> None:
    found = institutions("HK", on=date(2026, 11, 23))
    assert {one.key for one in found} >= {
        "arbitration.institution.hkiac",
        "arbitration.institution.scia",
    }
    assert all("HK" in one.value.seats for one in found)
