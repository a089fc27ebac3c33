"""Exchanging one currency for another in the books, with the difference to the dated rate shown."""

from __future__ import annotations

from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal

from marketplace.core.money import Money, exponent

from .models import Account, FxRate
from .services import Line


def rate_on(base: str, quote: str, on: date) -> Decimal | None:
    """The latest rate published up to `on`; None where there is none."""
    found = published(base, quote, on)
    return found.rate if found else None


def published(base: str, quote: str, on: date) -> FxRate | None:
    """The same with its day and source."""
    return FxRate.objects.filter(base=base, quote=quote, on__lte=on).order_by("-on").first()


def converted(money: Money, quote: str, rate: Decimal) -> Money:
    """`money` in `quote`, rounded half to even to its minor unit."""
    scale = Decimal(10) ** (exponent(quote) - exponent(money.currency))
    amount = (money.amount * rate * scale).quantize(Decimal(1), ROUND_HALF_EVEN)
    return Money(int(amount), quote)


def exchange_lines(given: Money, got: Money, on: date) -> list[Line]:
    """Lines that turn `given` into `got`; none where the currency is the same.

    The exchange account takes both sides at the dated rate; what was really got beyond that or
    short of it is an exchange difference. Without a dated rate the real one counts.
    """
    if given.currency == got.currency:
        return []
    rate = rate_on(given.currency, got.currency, on)
    fair = converted(given, got.currency, rate) if rate is not None else got
    return [
        Line(Account.FX, given.amount, given.currency),
        Line(Account.FX, -fair.amount, fair.currency),
        Line(Account.FX_DIFFERENCE, fair.amount - got.amount, got.currency),
    ]
