"""Which ways a payment can take, each with the reason for or against it.

What each way can do is data, `capabilities.json`, dated and taken from domain/payments.md §4: the
stored copies of Stripe's pages that list the countries of separate charges and transfers leave
Hong Kong out, so the list of transfer countries is empty until somebody has asked Stripe.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

from marketplace.core.money import CHARGE_STEP, Money, chargeable

Method = Literal["card", "alipay", "wechat_pay", "instalments", "bank_wire"]
Rail = Literal["stripe_transfer", "bank_wire"]
INSTALMENTS_AT_MOST = 12


@dataclass(frozen=True)
class Route:
    method: Method
    possible: bool
    reason: str
    parts: tuple[Money, ...] = ()


@cache
def capabilities() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(Path(__file__).with_name("capabilities.json").read_bytes())
    return found


def ceiling(currency: str) -> int:
    """The largest single charge at Stripe, in minor units: eight digits, in IDR twelve."""
    table = capabilities()["stripe_ceiling"]
    return int(table.get(currency, table["default"]))


def minimum(currency: str) -> int:
    """The smallest charge at Stripe; 1 where none is published."""
    return int(capabilities()["stripe_minimum"].get(currency, 1))


def why_not_stripe(money: Money) -> str:
    """Why Stripe cannot take this as one charge; empty where it can."""
    if money.amount > ceiling(money.currency):
        most = Money(ceiling(money.currency), money.currency)
        return f"{money} is above {most}, the most that one charge can be."
    if money.amount < minimum(money.currency):
        least = Money(minimum(money.currency), money.currency)
        return f"{money} is below {least}, the least that a charge can be."
    if not chargeable(money):
        step = Money(CHARGE_STEP[money.currency], money.currency)
        return f"{money} is not in whole steps of {step}."
    return ""


def instalments(money: Money) -> tuple[Money, ...]:
    """Parts that Stripe takes one by one, as equal as can be; the larger come first."""
    step = CHARGE_STEP.get(money.currency, 1)
    count = -(-money.amount // (ceiling(money.currency) // step * step))
    size, larger = divmod(money.amount // step, count)
    return tuple(
        Money((size + (number < larger)) * step, money.currency) for number in range(count)
    )


def routes(
    money: Money, *, payer_country: str, payee_country: str, recurring: bool = False
) -> list[Route]:
    """Every way, the best first: those possible before those not."""
    found = [
        method_route(name, can, money, payer_country, recurring)
        for name, can in capabilities()["methods"].items()
    ]
    found.append(instalment_route(money, recurring))
    found.append(wire_route(money, payer_country, payee_country))
    return sorted(found, key=lambda route: not route.possible)


def method_route(
    name: Method, can: dict[str, Any], money: Money, payer_country: str, recurring: bool
) -> Route:
    most = can["ceiling"].get(money.currency)
    against = [
        (bool(why := why_not_stripe(money)), why),
        (payer_country in can["payer_not_in"], f"Payers in {payer_country} cannot use it."),
        (
            can["currencies"] != "*" and money.currency not in can["currencies"],
            f"It does not take {money.currency}.",
        ),
        (recurring and not can["recurring"], "It is for single payments only."),
        (
            most is not None and money.amount > most,
            f"It takes at most {Money(most or 0, money.currency)} a payment.",
        ),
    ]
    for applies, reason in against:
        if applies:
            return Route(name, False, reason)
    return Route(name, True, f"It takes {money} at once.", (money,))


def instalment_route(money: Money, recurring: bool) -> Route:
    if money.amount <= ceiling(money.currency):
        return Route("instalments", False, "One charge is enough or the amount is too small.")
    if money.amount % CHARGE_STEP.get(money.currency, 1):
        return Route("instalments", False, why_not_stripe(Money(money.amount, money.currency)))
    parts = instalments(money)
    if recurring or len(parts) > INSTALMENTS_AT_MOST:
        return Route("instalments", False, f"It would take {len(parts)} charges each time.")
    return Route("instalments", True, f"{len(parts)} card charges, each below the ceiling.", parts)


def wire_route(money: Money, payer_country: str, payee_country: str) -> Route:
    if money.amount <= 0:
        return Route("bank_wire", False, "There is nothing to pay.")
    reason = "It takes any amount, and tax kept at source can be shown by a certificate."
    if payer_country == "CN" and payee_country != "CN":
        reason += (
            " The payer's bank asks for the registered contract, and above USD 50,000 for the"
            " tax record filing."
        )
    return Route("bank_wire", True, reason, (money,))


def payout_rail(account_country: str, *, transfers_enabled: bool) -> tuple[Rail, str]:
    """How a party is paid, and why."""
    table = capabilities()
    reachable = table["transfer"].get(table["platform_country"], [])
    if account_country not in reachable:
        return "bank_wire", (
            f"Stripe documents no transfer from {table['platform_country']} to {account_country}."
        )
    if not transfers_enabled:
        return "bank_wire", "The party's Stripe account may not receive transfers now."
    return "stripe_transfer", "Stripe transfers between these countries."
