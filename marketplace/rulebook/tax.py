"""Gross to net, for a payment from the mainland to a licensor abroad, and back.

VAT is inside the gross amount; income tax and stamp are counted on the price without it. Each tax
is rounded half up to the minor unit, once; the net is what remains, so that net and taxes come to
the gross exactly. `gross_up` finds the gross whose net is the amount asked for, exactly.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from marketplace.core.errors import Invalid, refuse
from marketplace.core.money import BASIS_POINTS, Money
from marketplace.core.vocabulary import ListingKind
from marketplace.ledger.exchange import converted, published

from .engine import Answer, Certainty, Reason, ask, reason, resting_on
from .facts import Party

MOST = 10**15  # minor units


@dataclass(frozen=True)
class TaxedPayment:
    """`certified`: the contract is recognised as a technology contract by the science office."""

    on: date
    payer: Party
    licensor: Party
    technology: ListingKind
    certified: bool = False


class Rates(NamedTuple):
    """In basis points."""

    vat: int
    income_tax: int
    stamp: int


class Parts(NamedTuple):
    """Minor units: base + vat = gross, net = base - income_tax - stamp."""

    gross: int
    base: int
    vat: int
    income_tax: int
    stamp: int
    net: int


@dataclass(frozen=True)
class Line:
    """A tax: `amount` of `base` at `rate_bp`, and what the rule book says of it."""

    tax: str
    base: Money
    rate_bp: int
    amount: Money
    answer: Answer


@dataclass(frozen=True)
class FxQuote:
    """`rate` of `quote` for one of `base`, as published on `on` by `source`."""

    base: str
    quote: str
    rate: Decimal
    on: date
    source: str


@dataclass(frozen=True)
class Quote:
    on: date
    gross: Money
    net: Money
    base: Money
    lines: tuple[Line, ...]
    status: Certainty
    rules: tuple[str, ...]
    reasons: tuple[Reason, ...]
    exchange: FxQuote | None = None


def part(amount: int, numerator: int, denominator: int) -> int:
    """amount x numerator / denominator, rounded half up; nothing is negative."""
    return (2 * amount * numerator + denominator) // (2 * denominator)


def parts(gross: int, rates: Rates) -> Parts:
    base = part(gross, BASIS_POINTS, BASIS_POINTS + rates.vat)
    income_tax = part(base, rates.income_tax, BASIS_POINTS)
    stamp = part(base, rates.stamp, BASIS_POINTS)
    return Parts(gross, base, gross - base, income_tax, stamp, base - income_tax - stamp)


def grossed_up(net: int, rates: Rates) -> Parts:
    """The least gross near the first crossing whose net is `net`.

    One more unit of gross changes the net by -1, 0 or 1, so that no net is left out and halving the
    interval ends on a gross that gives it exactly.
    """
    low, high = 0, net + 1
    while parts(high, rates).net < net:
        low, high = high, 2 * high
    while parts(low, rates).net != net:
        middle = (low + high + 1) // 2
        if middle == high:
            low = high
        elif parts(middle, rates).net <= net:
            low = middle
        else:
            high = middle
    while low > 0 and parts(low - 1, rates).net == net:
        low -= 1
    return parts(low, rates)


def quote(amount: Money, payment: TaxedPayment) -> Quote:
    """What the licensor receives of a gross `amount`."""
    rules = rulings(payment, amount)
    return told(parts(amount.amount, rules.rates), amount.currency, rules, payment.on)


def gross_up(amount: Money, payment: TaxedPayment) -> Quote:
    """What is to be paid so that the licensor receives `amount`."""
    rules = rulings(payment, amount)
    return told(grossed_up(amount.amount, rules.rates), amount.currency, rules, payment.on)


def in_currency(found: Quote, rate: FxQuote) -> Quote:
    """The quote in another currency: each line is converted, the net is what remains."""
    if rate.base != found.gross.currency:
        raise Invalid(f"A rate for one {found.gross.currency} is wanted.", field=("rate",))

    def into(money: Money) -> Money:
        return converted(money, rate.quote, rate.rate)

    gross = into(found.gross)
    lines = tuple(
        Line(line.tax, into(line.base), line.rate_bp, into(line.amount), line.answer)
        for line in found.lines
    )
    net = gross
    for line in lines:
        net -= line.amount
    return replace(found, gross=gross, net=net, base=into(found.base), lines=lines, exchange=rate)


def rate_for(
    base: str, quote: str, *, on: date, rate: Decimal | None = None, source: str = ""
) -> FxQuote:
    """The rate that somebody states, with its source, or the latest published up to `on`."""
    if rate is not None:
        if not source.strip():
            raise Invalid("Say whose rate it is, such as HKMA.", field=("rate_source",))
        return FxQuote(base, quote, rate, on, source.strip())
    found = published(base, quote, on)
    if found is None:
        raise Invalid(
            f"No rate of {base} in {quote} is published up to {on}; state one.", field=("rate",)
        )
    return FxQuote(base, quote, found.rate, found.on, found.source)


@dataclass(frozen=True)
class Rulings:
    rates: Rates
    vat: Answer
    income_tax: Answer
    stamp: Answer
    about: Answer


def rulings(payment: TaxedPayment, amount: Money) -> Rulings:
    """The rates that apply, and why. Faults where the corridor is none that the rules know."""
    faults = []
    if payment.payer.jurisdiction != "CN":
        faults.append(Invalid("The payer is in the mainland: CN.", field=("payer",)))
    if payment.licensor.jurisdiction == "CN":
        faults.append(Invalid("The licensor is outside the mainland, as HK.", field=("licensor",)))
    if not 0 < amount.amount <= MOST:
        faults.append(Invalid("An amount above 0 is wanted, such as 100000.", field=("amount",)))
    refuse(faults)
    vat_rate, vat = vat_on(payment)
    tax_rate, income_tax = income_tax_on(payment)
    stamp_rate, stamp = stamp_on(payment)
    about = resting_on(
        "tax", payment.on, None, [ask("tax.transfer_concession_inbound", on=payment.on)]
    )
    return Rulings(Rates(vat_rate, tax_rate, stamp_rate), vat, income_tax, stamp, about)


def vat_on(payment: TaxedPayment) -> tuple[int, Answer]:
    rate = ask("tax.vat", on=payment.on)
    asked = [rate]
    for key in ("tax.vat_scope", "tax.vat_withholding"):
        if (found := ask(key, on=payment.on)).value is not None:
            asked.append(found)
    bp = rate.value.rate_bp if rate.value else 0
    if payment.certified:
        exemption = ask("tax.vat_exemption", on=payment.on)
        asked.append(exemption)
        if exemption.value and exemption.value.exempts:
            bp = 0
    return bp, resting_on("tax.vat", payment.on, bp, asked)


def lacking(payment: TaxedPayment, residence: str) -> dict[str, bool]:
    """Which conditions of the treaty rate the licensor is not said to fulfil."""
    licensor = payment.licensor
    until = licensor.hk_resident_certificate_until
    return {
        "residence": licensor.tax_resident != residence,
        "certificate": until is None or until < payment.on,
        "beneficial_owner": licensor.beneficial_owner is not True,
    }


def income_tax_on(payment: TaxedPayment) -> tuple[int, Answer]:
    domestic = ask("tax.withholding.domestic", on=payment.on)
    treaty = ask("tax.withholding.treaty", on=payment.on)
    conditions = ask("tax.withholding.treaty_conditions", on=payment.on)
    base = ask("tax.income_base", on=payment.on)
    near = payment.licensor.jurisdiction == "HK" or payment.licensor.tax_resident == "HK"
    if treaty.value is None or conditions.value is None or not near:
        bp = domestic.value.rate_bp if domestic.value else 0
        return bp, resting_on("tax.withholding", payment.on, bp, [domestic, base])
    missing = [
        name
        for name, lacks in lacking(payment, treaty.value.residence).items()
        if lacks and name in conditions.value.needs
    ]
    if not missing:
        bp = treaty.value.rate_bp
        return bp, resting_on("tax.withholding", payment.on, bp, [treaty, conditions, base])
    bp = domestic.value.rate_bp if domestic.value else 0
    why = [reason(f"tax.lacks.{name}", on=payment.on) for name in missing]
    asked = [domestic, conditions, base]
    return bp, resting_on("tax.withholding", payment.on, bp, asked, also=why)


def stamp_on(payment: TaxedPayment) -> tuple[int, Answer]:
    rate = ask("tax.stamp", on=payment.on)
    asked = [rate]
    if (abroad := ask("tax.stamp_abroad", on=payment.on)).value is not None:
        asked.append(abroad)
    bp = rate.value.rates_bp.get(payment.technology, 0) if rate.value else 0
    return bp, resting_on("tax.stamp", payment.on, bp, asked)


def told(found: Parts, currency: str, rules: Rulings, on: date) -> Quote:
    money: Callable[[int], Money] = lambda amount: Money(amount, currency)  # noqa: E731
    base = money(found.base)
    lines = (
        Line("vat", base, rules.rates.vat, money(found.vat), rules.vat),
        Line("income_tax", base, rules.rates.income_tax, money(found.income_tax), rules.income_tax),
        Line("stamp", base, rules.rates.stamp, money(found.stamp), rules.stamp),
    )
    answer = resting_on("tax", on, None, [rules.vat, rules.income_tax, rules.stamp])
    return Quote(
        on=on,
        gross=money(found.gross),
        net=money(found.net),
        base=base,
        lines=lines,
        status=answer.status,
        rules=answer.rules,
        reasons=(*answer.reasons, *rules.about.reasons),
    )
