"""An active agreement with a royalty and milestones, and what its parties do under it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from marketplace.agreements.models import Agreement
from marketplace.core.outbox import drain
from marketplace.royalties.milestones import milestone_move, milestone_submit
from marketplace.royalties.models import Milestone, RoyaltyStatement
from marketplace.royalties.statements import royalty_statement_move, royalty_statement_submit
from tests.factories import (
    NOW,
    Parties,
    activate_agreement,
    make_agreement,
    make_parties,
    sign_agreement,
)

LATER = datetime(2028, 7, 1, 12, tzinfo=ZoneInfo("Asia/Hong_Kong"))
ROYALTY: dict[str, Any] = {
    "base": "net_sales",
    "tiers": [{"above": 0, "rate": 500}, {"above": 100_000, "rate": 300}],
}
PILOT: dict[str, Any] = {
    "what": "Pilot line runs",
    "evidence": "Test report",
    "due": "2027-06-30",
    "amount": 1_000_000,
}
SECOND = {**PILOT, "what": "First thousand cells", "due": "2027-12-31", "amount": 2_000_000}
Q1 = (date(2027, 1, 1), date(2027, 4, 1))
Q2 = (date(2027, 4, 1), date(2027, 7, 1))
Q3 = (date(2027, 7, 1), date(2027, 10, 1))
Q4 = (date(2027, 10, 1), date(2028, 1, 1))


def running(parties: Parties | None = None, **terms: Any) -> tuple[Parties, Agreement]:
    """Active since before 2027-01-01, without an upfront fee."""
    parties = parties or make_parties()
    agreement = make_agreement(parties, **{"upfront": 0, "royalty": ROYALTY, **terms})
    agreement = activate_agreement(parties, sign_agreement(parties, agreement))
    drain(NOW)
    return parties, agreement


def line(net_sales: int = 0, units: int = 0, **more: Any) -> dict[str, Any]:
    return {"product": "Cell", "territory": "CN", "units": units, "net_sales": net_sales, **more}


def report(
    parties: Parties,
    agreement: Agreement,
    period: tuple[date, date],
    *lines: dict[str, Any],
    now: datetime = LATER,
) -> RoyaltyStatement:
    return royalty_statement_submit(
        viewer=parties.buyer,
        agreement_id=agreement.pk,
        start=period[0],
        end=period[1],
        lines=lines,
        now=now,
    )


def move(
    parties: Parties, statement: RoyaltyStatement, name: str, who: str = "licensor", **more: Any
) -> RoyaltyStatement:
    return royalty_statement_move(
        viewer=getattr(parties, who),
        statement_id=statement.pk,
        move=name,
        **{"now": LATER, **more},
    )


def accepted(
    parties: Parties, agreement: Agreement, period: tuple[date, date], net_sales: int
) -> RoyaltyStatement:
    return move(parties, report(parties, agreement, period, line(net_sales)), "accept")


def show(parties: Parties, milestone: Milestone, who: str = "licensor", **more: Any) -> Milestone:
    return milestone_submit(
        viewer=getattr(parties, who),
        milestone_id=milestone.pk,
        **{"shown": "Report 12 of the lab.", "revision": milestone.revision, "now": NOW, **more},
    )


def move_milestone(
    parties: Parties, milestone: Milestone, name: str, who: str = "buyer", **more: Any
) -> Milestone:
    return milestone_move(
        viewer=getattr(parties, who),
        milestone_id=milestone.pk,
        move=name,
        **{"revision": milestone.revision, "now": NOW, **more},
    )
