"""Exchanging one currency for another in the books, with the difference to the dated rate shown."""

from __future__ import annotations

from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal

from django.db import transaction
from django.db.models import QuerySet

from marketplace.accounts.viewer import Viewer
from marketplace.core.checks import checked, currency, words
from marketplace.core.errors import Conflict, Invalid
from marketplace.core.money import Money, exponent

from .models import Account, FxRate
from .services import Line

MOST, DIGITS = 10**10, 8  # what the column holds


def rate_on(base: str, quote: str, on: date) -> Decimal | None:
    """The latest rate published up to `on`; None where there is none."""
    found = published(base, quote, on)
    return found.rate if found else None


def published(base: str, quote: str, on: date) -> FxRate | None:
    """The same with its day and source."""
    return FxRate.objects.filter(base=base, quote=quote, on__lte=on).order_by("-on").first()


def published_rates(base: str, quote: str) -> QuerySet[FxRate]:
    """The newest first."""
    return FxRate.objects.filter(base=base, quote=quote).order_by("-on")


@transaction.atomic
def fx_rate_enter(
    *, viewer: Viewer, base: str, quote: str, on: date, rate: Decimal, source: str, today: date
) -> FxRate:
    """Enter what `source` published for a day; for operators. Once entered it stays, since books
    may rest on it."""
    viewer.require_operator("enter rates")
    given = checked(
        {"base": base, "quote": quote, "source": source},
        {"base": currency, "quote": currency, "source": words(80, at_least=2)},
    )
    if not (given["base"] and given["quote"] and given["base"] != given["quote"]):
        raise Invalid("Two currencies are wanted, such as USD and HKD.", field=("quote",))
    if on > today:
        raise Invalid(f"A rate is of a day up to {today}.", field=("on",))
    if not rate.is_finite() or not 0 < rate < MOST or round(rate, DIGITS) != rate:
        raise Invalid(
            f"A rate is above 0, with at most {DIGITS} digits after the point, such as 7.8123.",
            field=("rate",),
        )
    row, new = FxRate.objects.get_or_create(
        base=given["base"],
        quote=given["quote"],
        on=on,
        defaults={"rate": rate, "source": given["source"]},
    )
    if not new and row.rate != rate:
        raise Conflict(f"For {on} there is {row.rate}, by {row.source}.", field=("on",))
    return row


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
