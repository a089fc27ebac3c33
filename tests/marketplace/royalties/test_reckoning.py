from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.negotiation.terms import Royalty
from marketplace.royalties.reckoning import (
    ended_years,
    is_one_quarter,
    late_interest,
    licence_year,
    of_a_year,
    owed,
)


def royalty(*tiers: tuple[int, int], base: str = "net_sales", **more: Any) -> Royalty:
    rows = [{"above": above, "rate": rate} for above, rate in tiers]
    return Royalty.model_validate({"base": base, "tiers": rows, **more})


@st.composite
def royalties(draw: st.DrawFn) -> Royalty:
    base = draw(st.sampled_from(["net_sales", "units"]))
    starts = sorted({0, *draw(st.lists(st.integers(1, 10**7), max_size=4))})
    rates = [draw(st.integers(0, 10_000)) for _ in starts]
    minimum = draw(st.integers(0, 10**6))
    cap = draw(st.none() | st.integers(minimum, minimum + 10**9))
    return royalty(*zip(starts, rates, strict=True), base=base, minimum_a_year=minimum, cap=cap)


SALES = st.integers(0, 2 * 10**7)
YEARS = st.dictionaries(st.integers(1, 4), SALES)
CLOSED = st.sets(st.integers(1, 4))


def test_tiers_of_sales_and_of_units() -> None:
    by_sales = royalty((0, 500), (100_000, 300))
    assert [of_a_year(by_sales, n) for n in (0, 9, 10, 100_000, 200_000)] == [0, 0, 1, 5000, 8000]
    by_unit = royalty((0, 20), (1000, 15), base="units")
    assert [of_a_year(by_unit, n) for n in (0, 1, 1000, 1001)] == [0, 20, 20_000, 20_015]


@given(royalties(), SALES)
def test_the_tiers_are_the_sum_of_their_brackets(terms: Royalty, sales: int) -> None:
    exact = Fraction(0)
    for number, tier in enumerate(terms.tiers):
        last = number + 1 == len(terms.tiers)
        upper = sales if last else min(sales, terms.tiers[number + 1].above)
        if upper > tier.above:
            rate = Fraction(tier.rate, 10_000 if terms.base == "net_sales" else 1)
            exact += (upper - tier.above) * rate
    assert Fraction(-1, 2) < of_a_year(terms, sales) - exact <= Fraction(1, 2)


@given(royalties(), YEARS, st.integers(1, 4), SALES, CLOSED)
def test_more_sales_never_owe_less(
    terms: Royalty, sales: dict[int, int], year: int, more: int, closed: set[int]
) -> None:
    after = {**sales, year: sales.get(year, 0) + more}
    assert owed(terms, after, closed) >= owed(terms, sales, closed) >= 0
    assert owed(terms, sales, closed | {year}) >= owed(terms, sales, closed)


@given(royalties(), YEARS, CLOSED)
def test_the_cap_is_never_exceeded_and_a_closed_year_owes_its_minimum(
    terms: Royalty, sales: dict[int, int], closed: set[int]
) -> None:
    found = owed(terms, sales, closed)
    least = terms.minimum_a_year * len(closed)
    if terms.cap is None:
        assert found >= least
    else:
        assert min(least, terms.cap) <= found <= terms.cap


@given(
    royalties(),
    st.lists(st.tuples(st.integers(1, 3), st.integers(0, 10**6)), max_size=12),
    st.randoms(),
)
def test_parts_in_any_order_come_to_the_same(
    terms: Royalty, parts: list[tuple[int, int]], dice: Any
) -> None:
    whole: dict[int, int] = {}
    for year, sales in parts:
        whole[year] = whole.get(year, 0) + sales
    dice.shuffle(parts)
    so_far: dict[int, int] = {}
    asked = 0
    for year, sales in parts:
        before = owed(terms, so_far)
        so_far[year] = so_far.get(year, 0) + sales
        assert owed(terms, so_far) - before >= 0
        asked += owed(terms, so_far) - before
    assert asked == owed(terms, whole)


@given(st.dates(date(2000, 1, 1), date(2060, 1, 1)), st.integers(0, 5000))
def test_a_day_is_in_the_year_that_has_not_ended_on_it(start: date, days: int) -> None:
    day = start + timedelta(days=days)
    assert ended_years(start, day) == list(range(1, licence_year(start, day)))


def test_years_and_quarters() -> None:
    start = date(2027, 2, 15)
    assert [licence_year(start, one) for one in (start, date(2028, 2, 14), date(2028, 2, 15))] == [
        1,
        1,
        2,
    ]
    assert ended_years(start, date(2028, 2, 14)) == []
    assert ended_years(start, date(2029, 2, 15)) == [1, 2]
    assert is_one_quarter(date(2027, 1, 1), date(2027, 4, 1))
    assert not is_one_quarter(date(2027, 1, 1), date(2027, 4, 2))
    assert not is_one_quarter(date(2027, 1, 1), date(2028, 1, 2))


@pytest.mark.parametrize(
    ("paid", "principal", "wanted"),
    [
        ([(date(2027, 1, 31), 100_000)], 100_000, 0),
        ([(date(2027, 2, 1), 100_000)], 100_000, 27),  # 27.397 cents
        ([(date(2028, 1, 31), 100_000)], 100_000, 10_000),
        ([(date(2027, 1, 1), 50_000), (date(2028, 1, 31), 50_000)], 100_000, 5_000),
        ([(date(2028, 1, 31), 100_000)], 90_000, 9_000),  # the rest is interest itself
    ],
)
def test_interest_is_of_each_late_payment(
    paid: list[tuple[date, int]], principal: int, wanted: int
) -> None:
    due = date(2027, 1, 31)
    found = late_interest(paid, due=due, principal=principal, total=100_000, rate=1000)
    assert found == wanted
