from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.core.money import Money
from marketplace.payments.routes import (
    ceiling,
    instalments,
    payout_rail,
    routes,
    why_not_stripe,
)


def possible(amount: int, currency: str, payer: str = "CN", **more: bool) -> list[str]:
    found = routes(Money(amount, currency), payer_country=payer, payee_country="HK", **more)
    assert all(route.reason for route in found)
    return [route.method for route in found if route.possible]


@pytest.mark.parametrize(
    ("amount", "currency", "recurring", "expected"),
    [
        (100_00, "HKD", False, ["card", "alipay", "wechat_pay", "bank_wire"]),
        (100_00, "HKD", True, ["card", "bank_wire"]),
        (60_000_00, "CNY", False, ["card", "alipay", "bank_wire"]),
        (600_000_00, "CNY", False, ["card", "bank_wire"]),
        (999_999_99, "HKD", False, ["card", "alipay", "wechat_pay", "bank_wire"]),
        (1_000_000_00, "HKD", False, ["instalments", "bank_wire"]),
        (1_000_000_00, "HKD", True, ["bank_wire"]),
        (399, "HKD", False, ["bank_wire"]),
        (100_00, "GBP", False, ["card", "alipay", "bank_wire"]),
        (5001, "KWD", False, ["bank_wire"]),
        (0, "HKD", False, []),
    ],
)
def test_routes(amount: int, currency: str, recurring: bool, expected: list[str]):
    assert possible(amount, currency, recurring=recurring) == expected


def test_fault_43_an_amount_below_the_minimum_never_goes_to_stripe():
    assert "below HKD 4.00" in why_not_stripe(Money(399, "HKD"))
    assert why_not_stripe(Money(400, "HKD")) == ""


def test_fault_44_nine_digits_never_go_to_stripe_as_one_charge():
    assert "above HKD 999,999.99" in why_not_stripe(Money(100_000_000, "HKD"))
    assert why_not_stripe(Money(99_999_999, "HKD")) == ""


@given(
    st.integers(10**6, 10**9).map(lambda n: n * 100), st.sampled_from(["HKD", "JPY", "KWD", "ISK"])
)
def test_fault_42_instalments_sum_to_the_whole_and_each_fits(amount: int, currency: str):
    parts = instalments(Money(amount, currency))
    assert sum(one.amount for one in parts) == amount
    assert all(why_not_stripe(one) == "" for one in parts)
    assert max(one.amount for one in parts) <= ceiling(currency)


def test_fault_72_no_transfer_where_the_table_knows_none():
    assert payout_rail("CN", transfers_enabled=True)[0] == "bank_wire"
    assert payout_rail("HK", transfers_enabled=True)[0] == "bank_wire"


def test_the_reasons_never_promise_what_nobody_licensed_us_for():
    told = " ".join(
        route.reason
        for amount in (1, 10**4, 10**9, 10**12)
        for route in routes(Money(amount, "HKD"), payer_country="CN", payee_country="HK")
    )
    assert "escrow" not in told.lower()
