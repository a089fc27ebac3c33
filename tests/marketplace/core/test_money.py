from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.core.errors import Invalid
from marketplace.core.money import Money, chargeable, exponent, parse, payable, split

CURRENCIES = ["HKD", "CNY", "USD", "JPY", "KRW", "KWD", "BHD", "ISK", "UGX", "MGA", "HUF", "TWD"]
AMOUNTS = st.integers(-(10**15), 10**15)


@pytest.mark.parametrize(
    ("text", "currency", "amount"),
    [
        ("500", "JPY", 500),
        ("5.00", "HKD", 500),
        ("5", "HKD", 500),
        ("1,000,000.00", "HKD", 100_000_000),
        ("5.001", "KWD", 5001),
        ("5", "ISK", 500),
        ("5", "MGA", 5),
        ("5", "UGX", 500),
        ("-0.5", "USD", -50),
        ("1.500", "USD", 150),
    ],
)
def test_parse(text: str, currency: str, amount: int):
    assert parse(text, currency) == Money(amount, currency)


@pytest.mark.parametrize(
    "text", ["", "1.005", "NaN", "inf", "1e3", "1,00", "１２", ".5", "1 000", "--1", "0x10"]
)
def test_parse_refuses_what_would_lose_a_digit(text: str):
    with pytest.raises(Invalid, match=r"1,000\.50"):
        parse(text, "HKD")


@given(AMOUNTS, st.sampled_from(CURRENCIES))
def test_what_is_written_reads_back(amount: int, currency: str):
    money = Money(amount, currency)
    assert parse(str(money).removeprefix(currency).strip(), currency) == money


def test_exponents_are_stripes_not_isos():
    assert [exponent(code) for code in CURRENCIES] == [2, 2, 2, 0, 0, 3, 3, 2, 2, 0, 2, 2]


def test_whole_steps():
    assert [chargeable(Money(a, "KWD")) for a in (5000, 5001, 0, -10)] == [
        True,
        False,
        False,
        False,
    ]
    assert [chargeable(Money(a, "ISK")) for a in (500, 550)] == [True, False]
    assert [chargeable(Money(a, "HUF")) for a in (500, 550)] == [True, True]
    assert [payable(Money(a, "HUF")) for a in (500, 550)] == [True, False]


@given(
    AMOUNTS,
    st.dictionaries(st.sampled_from("abcdef"), st.integers(0, 1600), max_size=6),
)
def test_split_loses_nothing(amount: int, rates: dict[str, int]):
    shares = split(amount, rates, remainder_to="licensor")
    assert sum(shares.values()) == amount
    for name, rate in rates.items():
        assert abs(shares[name] * 10_000 - amount * rate) < 10_000


def test_split_gives_the_remainder_to_the_named_party():
    assert split(101, {"fee": 3333, "broker": 3333}, remainder_to="licensor") == {
        "fee": 33,
        "broker": 33,
        "licensor": 35,
    }


def test_split_of_no_share_gives_nothing():
    assert split(100, {"broker": 0}, remainder_to="licensor") == {"broker": 0, "licensor": 100}


@pytest.mark.parametrize("rates", [{"a": -1}, {"a": 10_001}, {"a": 6000, "b": 4001}, {"a": 2.5}])
def test_split_refuses_shares_that_are_none(rates: dict[str, int]):
    with pytest.raises(Invalid):
        split(100, rates, remainder_to="licensor")


@pytest.mark.parametrize("amount", [1.0, float("nan"), "1", None, True])
def test_money_is_whole(amount: object):
    with pytest.raises(Invalid):
        Money(amount, "HKD")  # type: ignore[arg-type]


def test_currencies_do_not_mix():
    with pytest.raises(Invalid):
        Money(1, "HKD") + Money(1, "USD")
