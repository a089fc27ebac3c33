from __future__ import annotations

from datetime import date

import pytest

from marketplace.core.errors import Invalid
from marketplace.core.territory import TERRITORIES
from marketplace.rights import scope


@pytest.mark.parametrize(
    ("written", "compared"),
    [
        ("Medical / Diagnostics > imaging", "medical/diagnostics/imaging"),
        ("醫療／診斷", "医疗/诊断"),
        ("  solid   state\tbatteries ", "solid state batteries"),
        ("/medical/", "medical"),
        ("medical//imaging", "medical/imaging"),
        ("medical/*", "medical"),
        ("*", ""),
        ("", ""),
    ],
)
def test_a_field_of_use_is_compared_in_one_form(written: str, compared: str) -> None:
    assert scope.path(written) == compared


@pytest.mark.parametrize("wrong", ["a" * 201, "a\x00b"])
def test_what_is_no_field_of_use(wrong: str) -> None:
    with pytest.raises(Invalid) as refused:
        scope.fields(["batteries", wrong])
    assert refused.value.field == ("fields", "1")


def test_a_field_swallows_those_below_it() -> None:
    found = scope.fields(["medical/imaging", "medical", "medicals", "batteries/grid"])
    assert found == ["batteries/grid", "medical", "medicals"]
    assert scope.fields(["medical", "*"]) == [""]
    assert scope.fields([]) == [""]


def test_a_region_stands_for_its_territories() -> None:
    assert scope.territories(["world"]) == sorted(TERRITORIES)
    assert scope.territories(["cn", "CN"]) == ["CN"]
    europe = scope.territories(["EP", "HK"])
    assert {"DE", "GB", "HK"} <= set(europe)
    assert "CN" not in europe
    for wrong in ([], ["XX"]):
        with pytest.raises(Invalid):
            scope.territories(wrong)


def test_acts_and_period() -> None:
    assert scope.acts(["sell", "make", "make"]) == ["make", "sell"]
    assert scope.period(date(2027, 1, 1), None) == (date(2027, 1, 1), None)
    for wrong in ([], ["make", "steal"]):
        with pytest.raises(Invalid):
            scope.acts(wrong)
    with pytest.raises(Invalid):
        scope.period(date(2027, 1, 1), date(2027, 1, 1))


def test_a_field_is_renamed_as_far_as_its_names_go() -> None:
    names = {"battery": "batteries", "batteries/cars": "automotive/batteries", "cars": "automotive"}
    found = {one: scope.renamed(one, names) for one in ("battery/cars/buses", "cars", "batter")}
    assert found == {
        "battery/cars/buses": "automotive/batteries/buses",
        "cars": "automotive",
        "batter": "batter",
    }
    assert scope.renamed("a", {"a": "b/c", "b": "a/x"}) == "a/x/c"  # ends, where nothing can
