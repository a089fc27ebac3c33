"""Gross to net and back (N5, F3)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.core.errors import Faults, Invalid
from marketplace.core.money import Money
from marketplace.core.vocabulary import ListingKind
from marketplace.rulebook.facts import Party
from marketplace.rulebook.models import Rule
from marketplace.rulebook.tax import (
    FxQuote,
    Rates,
    TaxedPayment,
    gross_up,
    grossed_up,
    in_currency,
    parts,
    quote,
)

RESIDENT = Party(
    "HK",
    tax_resident="HK",
    beneficial_owner=True,
    hk_resident_certificate_until=date(2026, 12, 31),
)
PAYMENT = TaxedPayment(
    on=date(2026, 11, 23),
    payer=Party("CN", city="Shenzhen"),
    licensor=RESIDENT,
    technology=ListingKind.PATENT_LICENCE,
)
AMOUNT = Money(106_000_000, "CNY")
rates = st.builds(Rates, *[st.integers(0, 4000)] * 3)
amounts = st.one_of(st.integers(0, 500), st.integers(0, 10**15))


@given(amounts, rates)
def test_net_and_taxes_are_the_gross(gross: int, rates: Rates) -> None:
    found = parts(gross, rates)
    assert found.net + found.vat + found.income_tax + found.stamp == gross
    assert found.base + found.vat == gross
    assert min(found) >= 0 or rates.income_tax + rates.stamp > 9_000


@given(amounts, rates)
def test_grossing_up_a_net_gives_that_net_to_the_unit(net: int, rates: Rates) -> None:
    assert grossed_up(net, rates).net == net


@given(amounts, rates)
def test_grossing_up_inverts_the_quote(gross: int, rates: Rates) -> None:
    """Rounding gives several gross amounts one net; what comes back is as good as the first."""
    there = parts(gross, rates)
    back = grossed_up(there.net, rates)
    assert back.net == there.net
    kept = (1 - rates.income_tax / 10_000 - rates.stamp / 10_000) / (1 + rates.vat / 10_000)
    assert abs(back.gross - gross) <= 4 / kept + 2


def lines(payment: TaxedPayment, amount: Money = AMOUNT) -> dict[str, tuple[int, int]]:
    return {line.tax: (line.rate_bp, line.amount.amount) for line in quote(amount, payment).lines}


def test_a_hong_kong_resident_with_certificate_pays_seven_per_cent(db: None) -> None:
    found = quote(AMOUNT, PAYMENT)
    assert lines(PAYMENT) == {"vat": (600, 6_000_000), "income_tax": (700, 7_000_000),
                              "stamp": (3, 30_000)}  # fmt: skip
    assert (found.base, found.net) == (Money(100_000_000, "CNY"), Money(92_970_000, "CNY"))
    assert found.status == "needs_confirmation"
    assert set(found.rules) >= {"cn-hk-wht-treaty", "cn-vat-licensing-2026", "cn-stamp-2022"}
    for line in found.lines:
        assert line.answer.rules
        assert line.answer.on == PAYMENT.on


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"hk_resident_certificate_until": None}, "certificate"),
        ({"hk_resident_certificate_until": date(2026, 11, 22)}, "certificate"),
        ({"beneficial_owner": None}, "beneficial owner"),
        ({"beneficial_owner": False}, "beneficial owner"),
        ({"tax_resident": ""}, "tax resident"),
    ],
)
def test_without_a_condition_of_the_treaty_it_is_ten(
    db: None, change: dict[str, object], code: str
) -> None:
    payment = replace(PAYMENT, licensor=replace(RESIDENT, **change))
    found = quote(AMOUNT, payment)
    assert lines(payment)["income_tax"] == (1000, 10_000_000)
    assert any(code in why.text("en") for why in found.reasons)
    assert "cn-hk-wht-treaty" not in found.rules


def test_the_last_day_of_the_certificate_counts(db: None) -> None:
    payment = replace(PAYMENT, on=date(2026, 12, 31))
    assert lines(payment)["income_tax"][0] == 700


def test_a_licensor_elsewhere_pays_the_domestic_rate(db: None) -> None:
    payment = replace(PAYMENT, licensor=Party("US", tax_resident="US", beneficial_owner=True))
    assert lines(payment)["income_tax"] == (1000, 10_000_000)


def test_two_dates_give_two_rules_of_vat(db: None) -> None:
    def vat(day: date) -> tuple[str, ...]:
        found = quote(AMOUNT, replace(PAYMENT, on=day))
        return next(line.answer.rules for line in found.lines if line.tax == "vat")

    assert vat(date(2025, 12, 31)) == ("cn-vat-licensing-36",)
    assert vat(date(2026, 1, 1)) == (
        "cn-vat-licensing-2026",
        "cn-vat-scope-2026",
        "cn-vat-withheld-by-payer",
    )


def test_a_certified_contract_is_exempt_only_as_long_as_a_rule_says_so(db: None) -> None:
    certified = replace(PAYMENT, certified=True)
    assert lines(replace(certified, on=date(2025, 12, 31)))["vat"] == (0, 0)
    assert lines(certified)["vat"] == (600, 6_000_000)
    assert "cn-vat-exemption-2026" in quote(AMOUNT, certified).rules


def test_stamp_follows_its_law_and_kind(db: None) -> None:
    old = replace(PAYMENT, on=date(2022, 6, 30))
    assert lines(old)["stamp"] == (5, 50_000)
    assert lines(replace(old, technology=ListingKind.KNOW_HOW))["stamp"] == (3, 30_000)
    assert lines(replace(PAYMENT, on=date(2022, 7, 1)))["stamp"] == (3, 30_000)


def test_gross_up_restores_the_net(db: None) -> None:
    found = gross_up(Money(92_970_000, "CNY"), PAYMENT)
    assert found.net == Money(92_970_000, "CNY")
    assert abs(found.gross.amount - AMOUNT.amount) <= 1


def test_in_another_currency_the_lines_still_sum(db: None) -> None:
    rate = FxQuote("CNY", "HKD", Decimal("1.0837"), date(2026, 11, 20), "HKMA")
    found = in_currency(quote(Money(12_345_678, "CNY"), PAYMENT), rate)
    assert found.gross == Money(13_379_011, "HKD")
    assert found.net.amount + sum(line.amount.amount for line in found.lines) == 13_379_011
    with pytest.raises(Invalid):
        in_currency(found, rate)


@pytest.mark.parametrize(
    ("amount", "change", "fields"),
    [
        (0, {}, {"amount"}),
        (-5, {}, {"amount"}),
        (10**15 + 1, {}, {"amount"}),
        (1, {"payer": Party("HK")}, {"payer"}),
        (1, {"licensor": Party("CN"), "payer": Party("US")}, {"licensor", "payer"}),
    ],
)
def test_what_the_rules_do_not_know_is_refused(
    db: None, amount: int, change: dict[str, Party], fields: set[str]
) -> None:
    with pytest.raises(Faults) as refusal:
        quote(Money(amount, "CNY"), replace(PAYMENT, **change))
    assert {error.field[0] for error in refusal.value.errors} == fields


def test_without_rules_no_number_is_called_certain(db: None) -> None:
    Rule.objects.all().delete()
    found = quote(AMOUNT, PAYMENT)
    assert found.status == "needs_confirmation"
    assert found.rules == ()
