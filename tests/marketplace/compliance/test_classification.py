"""Both ways through the catalogues (F1, N10): codes, suggestions with words, a person decides."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from hypothesis import given
from hypothesis import strategies as st

from marketplace.compliance.assessment import blocks
from marketplace.compliance.catalogue import (
    Code,
    Direction,
    items,
    parse_code,
    parse_hk_code,
    suggestions,
    tokens,
)
from marketplace.compliance.models import Classification
from marketplace.core.errors import Conflict, Forbidden, Invalid, NotFound
from tests.factories import NOW, make_operator, make_organisation, member_of
from tests.marketplace.compliance.plain import decide, free_all, make_dossier, signed, way

pytestmark = pytest.mark.django_db
TODAY = NOW.date()


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("252604X", Code(2025, "26", 4, prohibited=False)),
        (" 085001j ", Code(2008, "50", 1, prohibited=True)),
        ("２５２６０４Ｘ", Code(2025, "26", 4, prohibited=False)),
        ("980101X", Code(1998, "01", 1, prohibited=False)),
    ],
)
def test_a_code_says_year_division_and_class(text: str, code: Code) -> None:
    assert parse_code(text) == code


@pytest.mark.parametrize("text", ["", "252604", "252604Y", "25260X", "2526041X", "X252604"])
def test_what_is_no_code_is_told_the_right_form(text: str) -> None:
    with pytest.raises(Invalid, match="252604X"):
        parse_code(text)


@pytest.mark.parametrize("text", ["3E001", "3.E.001", " 3e001 "])
def test_codes_of_hong_kong(text: str) -> None:
    assert parse_hk_code(text) == "3E001"
    with pytest.raises(Invalid, match="3E001"):
        parse_hk_code("ZZ")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("一种电池正极材料的制备方法，含磷酸铁锂。", ("电池正极材料", "制备", "磷酸铁锂")),
        ("一種電池正極材料的製備方法", ("电池正极材料", "制备")),
        ("Preparing a battery cathode material", ("preparing", "battery", "cathode", "material")),
    ],
)
def test_an_item_is_suggested_with_the_words_that_matched(
    text: str, words: tuple[str, ...]
) -> None:
    best = suggestions(text, items(Direction.CN_EXPORT, on=TODAY))[0]
    assert best.item.parameters.code == "252604X"
    assert best.item.answer.rules == ("cn-export-252604x",)
    assert best.item.answer.status == "confirmed"
    assert best.words == words
    assert 0 < best.score <= 1


def test_the_edition_of_the_day_is_asked() -> None:
    def codes(on: date) -> set[str]:
        text = "电池正极材料制备技术，中国传统建筑技术"
        return {
            one.item.parameters.code for one in suggestions(text, items(Direction.CN_EXPORT, on=on))
        }

    before, after = codes(date(2025, 7, 14)), codes(date(2025, 7, 15))
    assert {"085001J", "085001X"} <= before
    assert "252604X" not in before
    assert "252604X" in after
    assert not {"085001J", "085001X"} & after


def test_what_has_nothing_in_common_is_not_suggested() -> None:
    assert suggestions("Folding paper boats", items(Direction.CN_EXPORT, on=TODAY)) == []
    assert suggestions("anything at all", items(Direction.CN_IMPORT, on=TODAY)) == []


@given(st.text(max_size=200))
def test_any_text_has_tokens(text: str) -> None:
    assert all(tokens(text))


HK, CN, US = {"jurisdiction": "HK"}, {"jurisdiction": "CN"}, {"jurisdiction": "US"}


@pytest.mark.parametrize(
    ("source", "target", "grant_back", "ways"),
    [
        (HK, CN, "none", {("cn_import", "licence"), ("hk_strategic", "licence")}),
        (US, CN, "none", {("cn_import", "licence")}),
        (HK, US, "none", {("hk_strategic", "licence")}),
        (CN, HK, "none", {("cn_export", "licence")}),
        (CN, CN, "exclusive", set()),
        (
            HK,
            CN,
            "non_exclusive",
            {
                ("cn_import", "licence"),
                ("hk_strategic", "licence"),
                ("cn_export", "grant_back"),
            },
        ),
        (
            CN,
            HK,
            "exclusive",
            {
                ("cn_export", "licence"),
                ("cn_import", "grant_back"),
                ("hk_strategic", "grant_back"),
            },
        ),
    ],
)
def test_each_way_has_its_own_classification(
    source: dict[str, str], target: dict[str, str], grant_back: str, ways: set[tuple[str, str]]
) -> None:
    pair = make_dossier(
        make_organisation("licensor", **source),
        make_organisation("buyer", **target),
        terms={"grant_back": grant_back, "grant_back_paid": True},
    )
    found = set(pair.dossier.classifications.values_list("direction", "cause"))
    assert found == ways


def test_improvements_that_are_shared_are_an_export_too() -> None:
    pair = make_dossier(terms={"licensor_gives_improvements": True})
    assert way(pair, "cn_export", "grant_back").state == "open"


def test_prohibited_stops_activation_and_nobody_passes_it_over() -> None:
    pair = make_dossier(terms={"grant_back": "non_exclusive", "grant_back_paid": True})
    row = decide(pair, way(pair, "cn_export", "grant_back"), "prohibit", code="050304J")
    assert (row.state, row.code) == ("prohibited", "050304J")
    free_all(pair)
    signed(pair)
    (why,) = blocks(pair.dossier, now=NOW)
    assert why.startswith("classification: ")
    assert "Prohibited: cn_export, grant_back." in why


def test_restricted_wants_a_licence_with_number_and_expiry() -> None:
    pair = make_dossier()
    row = decide(pair, way(pair, "hk_strategic"), "restrict", code="3.E.001")
    assert (row.state, row.code) == ("restricted", "3E001")
    for wrong in (
        {},
        {"licence_number": "L-1"},
        {"licence_number": " ", "licence_expires_on": TODAY},
        {"licence_number": "L-1", "licence_expires_on": TODAY - timedelta(days=1)},
    ):
        with pytest.raises(Invalid):
            decide(pair, row, "license", **wrong)
    row.refresh_from_db()
    assert row.state == "restricted"
    free_all(pair)
    signed(pair)
    assert any("no licence is shown" in why for why in blocks(pair.dossier, now=NOW))
    row = decide(pair, row, "license", licence_number="L-1", licence_expires_on=TODAY)
    assert row.state == "licensed"
    signed(pair)
    assert blocks(pair.dossier, now=NOW) == []
    found = blocks(pair.dossier, now=NOW + timedelta(days=1))
    assert found == ["There is no assessment of things as they stand; assess first."]


@pytest.mark.parametrize(
    ("direction", "move", "code"),
    [
        ("cn_export", "restrict", "085001J"),
        ("cn_export", "prohibit", "252604X"),
        ("cn_export", "restrict", "nonsense"),
        ("hk_strategic", "restrict", "252604X"),
    ],
)
def test_a_code_agrees_with_the_move(direction: str, move: str, code: str) -> None:
    parties = (CN, HK) if direction == "cn_export" else (HK, CN)
    pair = make_dossier(*(make_organisation("licensor", **one) for one in parties))
    with pytest.raises(Invalid):
        decide(pair, way(pair, direction), move, code=code)
    assert way(pair, direction).state == "open"


def test_who_decides_and_that_they_say_why() -> None:
    pair = make_dossier()
    row = way(pair, "cn_import")
    for viewer, wrong, more in (
        (member_of(make_organisation("buyer")), NotFound, {}),
        (member_of(pair.dossier.licensee, "viewer"), Forbidden, {}),
        (pair.licensee, Invalid, {"note": " "}),
    ):
        with pytest.raises(wrong):
            decide(pair, row, "free", viewer=viewer, **more)
    row.refresh_from_db()
    assert row.state == "open"
    assert decide(pair, row, "free", viewer=pair.licensee).state == "free"
    with pytest.raises(Forbidden):
        decide(pair, row, "reopen")
    with pytest.raises(Conflict):
        decide(pair, row, "license")
    assert decide(pair, row, "reopen", viewer=make_operator()).state == "open"


@pytest.mark.parametrize("change", [{"state": "free"}, {"state": "licensed"}])
def test_the_database_wants_a_person_and_a_licence(change: dict[str, Any]) -> None:
    pair = make_dossier()
    with pytest.raises(IntegrityError), transaction.atomic():
        Classification.objects.filter(dossier=pair.dossier).update(**change)
