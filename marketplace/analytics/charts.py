"""An owner's figures by week, as bars for the admin."""

from __future__ import annotations

from collections.abc import Callable

from marketplace.core.charts import Chart, drawn
from marketplace.core.vocabulary import DeclineReason

from .selectors import Figures, Week

BY_WEEK: dict[str, Callable[[Week], int | None]] = {
    "Impressions": lambda week: week.impressions,
    "Opens": lambda week: week.opens,
    "Enquiries": lambda week: week.enquiries,
    "Median hours to answer": lambda week: week.median_answer_hours,
    "Reasons of three buyers and more": lambda week: sum(one.buyers for one in week.declines),
}


def charts(found: Figures) -> list[Chart]:
    """One chart for each figure, by week, and one for the reasons for which buyers declined."""
    weeks = [
        drawn(title, {f"{week.starts_on:%G week %V}": value(week) for week in found.weeks}, int)
        for title, value in BY_WEEK.items()
    ]
    reasons = {DeclineReason(reason).label: buyers for reason, buyers in found.reasons.items()}
    return [*weeks, drawn("Why buyers declined, of all time", reasons, int)]
