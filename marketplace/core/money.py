"""Money in whole minor units, with Stripe's exponents.

Stripe's table is not ISO's: ISK and UGX have no minor unit but are sent as if they had two digits,
MGA is sent without any, and the last digit of a three-digit currency must be 0. Source:
docs.stripe.com/currencies, as of 2026-11.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from .errors import Invalid

ZERO_DECIMAL = frozenset(
    {
        "BIF",
        "CLP",
        "DJF",
        "GNF",
        "JPY",
        "KMF",
        "KRW",
        "MGA",
        "PYG",
        "RWF",
        "VND",
        "VUV",
        "XAF",
        "XOF",
        "XPF",
    }
)
THREE_DECIMAL = frozenset(["BHD", "JOD", "KWD", "OMR", "TND"])
CHARGE_STEP = {"ISK": 100, "UGX": 100} | dict.fromkeys(THREE_DECIMAL, 10)
PAYOUT_STEP = CHARGE_STEP | {"HUF": 100, "TWD": 100}
BASIS_POINTS = 10_000
WRITTEN = re.compile(
    r"(?P<sign>-?)(?P<whole>[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.(?P<part>[0-9]+))?"
)
CODE = re.compile(r"[A-Z]{3}")


def exponent(currency: str) -> int:
    """How many digits of an amount stand after the point."""
    if currency in ZERO_DECIMAL:
        return 0
    return 3 if currency in THREE_DECIMAL else 2


@dataclass(frozen=True, order=False)
class Money:
    """`amount` minor units of `currency`: HKD 5.00 is 500, JPY 500 is 500, KWD 5.000 is 5000."""

    amount: int
    currency: str

    def __post_init__(self) -> None:
        if type(self.amount) is not int:
            raise Invalid("An amount is a whole number of minor units, such as 500.")
        if not CODE.fullmatch(self.currency):
            raise Invalid("A currency is three capital letters, such as HKD.")

    def __add__(self, other: Money) -> Money:
        return Money(self.amount + self.same(other), self.currency)

    def __sub__(self, other: Money) -> Money:
        return Money(self.amount - self.same(other), self.currency)

    def __neg__(self) -> Money:
        return Money(-self.amount, self.currency)

    def __str__(self) -> str:
        digits = exponent(self.currency)
        text = str(abs(self.amount)).rjust(digits + 1, "0")
        whole, part = (text[:-digits], "." + text[-digits:]) if digits else (text, "")
        return f"{self.currency} {'-' if self.amount < 0 else ''}{int(whole):,}{part}"

    def same(self, other: Money) -> int:
        if self.currency != other.currency:
            raise Invalid(f"{self.currency} and {other.currency} cannot be added.")
        return other.amount


def parse(text: str, currency: str) -> Money:
    """Money as a person writes it, '1,000.50'. Invalid where a digit would be lost."""
    digits = exponent(currency)
    example = "1,000" + ("." + "5".ljust(digits, "0") if digits else "")
    found = WRITTEN.fullmatch(text.strip()) if isinstance(text, str) else None
    part = (found["part"] or "") if found else ""
    if found is None or len(part.rstrip("0")) > digits:
        raise Invalid(f"Write an amount in {currency} as {example}.")
    amount = int(found["whole"].replace(",", "") + part[:digits].ljust(digits, "0"))
    return Money(-amount if found["sign"] else amount, currency)


def chargeable(money: Money) -> bool:
    """Whether Stripe takes this amount as it is: above zero and a whole step of the currency."""
    return money.amount > 0 and money.amount % CHARGE_STEP.get(money.currency, 1) == 0


def payable(money: Money) -> bool:
    """Whether Stripe pays out this amount as it is."""
    return money.amount > 0 and money.amount % PAYOUT_STEP.get(money.currency, 1) == 0


def portion(amount: int, numerator: int, denominator: int) -> int:
    """`amount` x numerator / denominator, rounded towards zero."""
    size = abs(amount) * numerator // denominator
    return size if amount >= 0 else -size


def split(amount: int, basis_points: Mapping[str, int], *, remainder_to: str) -> dict[str, int]:
    """Share `amount` out by basis points; what rounding leaves goes to `remainder_to`.

    The shares sum to `amount` exactly. `remainder_to` needs no rate of its own.
    """
    if any(type(rate) is not int or rate < 0 for rate in basis_points.values()):
        raise Invalid("A share is a whole number of basis points from 0, such as 250 for 2.5 %.")
    others = {name: rate for name, rate in basis_points.items() if name != remainder_to}
    if sum(others.values()) > BASIS_POINTS:
        raise Invalid("The shares of the others come to more than 10000 basis points.")
    shares = {name: portion(amount, rate, BASIS_POINTS) for name, rate in others.items()}
    return shares | {remainder_to: amount - sum(shares.values())}
