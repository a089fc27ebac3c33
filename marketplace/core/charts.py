"""Bar charts for the admin; core/charts.html draws them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Bar:
    """`width` is of 100, the longest bar of its chart; `amount` what is written beside it."""

    label: str
    amount: Any
    width: int


@dataclass(frozen=True)
class Chart:
    title: str
    bars: list[Bar]


def drawn(title: str, sums: Mapping[str, int | None], written: Callable[[int], Any]) -> Chart:
    """A bar for each of the sums; None where there is nothing to tell, which is not nought."""
    longest = max([1, *(n for n in sums.values() if n is not None)])
    return Chart(
        title,
        [
            Bar(label, "–" if n is None else written(n), max(n or 0, 0) * 100 // longest)
            for label, n in sums.items()
        ],
    )
