"""What is owed, as functions of figures alone: nothing here reads a clock or the database.

**The choice of tiers** (the royalty clause says the same): a tier is reached by the sales of one
licence year, the twelve months from the licence's start and from each anniversary; they are counted
anew in the next. **Rounding**: the royalty of a year is reckoned on the year's whole sales and
rounded once, half a minor unit upwards. What a statement adds is the difference that it makes to
that sum, so however a year is split into statements, and in whichever order they come, it comes to
the same to the minor unit. **Minimum**: a closed year owes no less. **Cap**: of all years together,
minimums included.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import date, timedelta
from itertools import count, takewhile

from marketplace.core.calendar import months_after
from marketplace.core.money import BASIS_POINTS, portion
from marketplace.negotiation.terms import Royalty, RoyaltyBase

DAYS_A_YEAR = 365  # simple interest; a leap year's days count like all others


def of_a_year(royalty: Royalty, sales: int) -> int:
    """The royalty on one year's `sales`: minor units of net sales, or units. In minor units."""
    ends = [tier.above for tier in royalty.tiers[1:]] + [max(sales, royalty.tiers[-1].above)]
    brackets = sum(
        max(min(sales, end) - tier.above, 0) * tier.rate
        for tier, end in zip(royalty.tiers, ends, strict=True)
    )
    if royalty.base == RoyaltyBase.UNITS:
        return brackets
    return (2 * brackets + BASIS_POINTS) // (2 * BASIS_POINTS)


def owed(royalty: Royalty, sales: Mapping[int, int], closed: Collection[int] = ()) -> int:
    """For all years together, by the sales of each; `closed` years owe at least the minimum."""
    total = sum(
        max(of_a_year(royalty, sales.get(year, 0)), royalty.minimum_a_year if year in closed else 0)
        for year in sales.keys() | set(closed)
    )
    return total if royalty.cap is None else min(total, royalty.cap)


def licence_year(start: date, day: date) -> int:
    """The number of the year that `day` is in, from 1; `day` is not before `start`."""
    return next(n for n in count(1) if day < months_after(start, 12 * n))


def quarter_of(day: date) -> tuple[int, int]:
    return day.year, (day.month - 1) // 3


def is_one_quarter(start: date, end: date) -> bool:
    """Whether the days from `start` until the day before `end` are of one calendar quarter."""
    return quarter_of(start) == quarter_of(end - timedelta(days=1))


def late_interest(
    paid: Iterable[tuple[date, int]], *, due: date, principal: int, total: int, rate: int
) -> int:
    """Simple interest on what came after `due`: of each payment for its own days, at `rate` basis
    points a year of 365 days, rounded down. Of an invoice's `total` only the `principal` bears it:
    there is no interest on interest. In minor units."""
    amount_days = sum(amount * max((day - due).days, 0) for day, amount in paid)
    return portion(amount_days, principal * rate, total * BASIS_POINTS * DAYS_A_YEAR)


def ended_years(start: date, until: date) -> list[int]:
    """The full licence years that are over on the day `until`."""
    return list(takewhile(lambda n: months_after(start, 12 * n) <= until, count(1)))
