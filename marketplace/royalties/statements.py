"""Royalty statements: sales reported by one side, accepted by the other, invoiced once; corrected
by another statement of the same days. How an amount is reckoned stands in reckoning.py.

A statement takes the royalty in force when its days are first reported and keeps it: an amendment
holds for what is reported after it, and a correction is reckoned as what it corrects was.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import Sum

from marketplace.accounts.viewer import Viewer
from marketplace.agreements.models import Agreement
from marketplace.agreements.services import agreement_for
from marketplace.core.calendar import day_of
from marketplace.core.checks import checked, text, whole, words
from marketplace.core.errors import Conflict, DomainError, Faults, Forbidden, Invalid
from marketplace.core.outbox import publish
from marketplace.core.territory import territory
from marketplace.deals.evidence import Act, record
from marketplace.negotiation.terms import Royalty, RoyaltyBase, Terms

from .dues import Kind, charge, charged, closed_years, must_have_run
from .models import RoyaltyStatement, SalesLine
from .policies import actors, parties, side
from .reckoning import is_one_quarter, licence_year, owed
from .selectors import row_for
from .workflow import NEEDS_A_REASON, STATEMENT

S = RoyaltyStatement.State
MOST = 10**15  # minor units or units, as of every amount of the terms
MOST_LINES = 500
FIGURES = ("units", "net_sales")
Sales = Sequence[Mapping[str, Any]]


@transaction.atomic
def royalty_statement_submit(
    *,
    viewer: Viewer,
    agreement_id: UUID,
    start: date,
    end: date,
    lines: Sales,
    note: str = "",
    now: datetime,
) -> RoyaltyStatement:
    """Report the sales from `start` until the day before `end`, days of one calendar quarter and
    one licence year, each day once. A line has product, territory, units, and net sales in minor
    units; no lines: nothing was sold."""
    agreement = statement_agreement(viewer, agreement_id, now)
    name, by = side(viewer, agreement)
    if name != "licensee":
        raise Forbidden("Only the licensee reports its sales.", field=("agreement",))
    terms = Terms.model_validate(agreement.terms)
    if terms.royalty is None:
        raise Conflict("The agreement has no royalty.", field=("agreement",))
    check_period(agreement, terms, start, end, day_of(now))
    return keep(
        RoyaltyStatement(
            agreement=agreement,
            period=DateRange(start, end),
            year=licence_year(terms.start, start),
            royalty=terms.royalty.model_dump(mode="json"),
            currency=terms.currency,
            submitted_by_id=parties(agreement)[name],
        ),
        lines,
        terms.territories,
        note,
        by,
        now,
    )


@transaction.atomic
def royalty_statement_correct(
    *, viewer: Viewer, statement_id: UUID, lines: Sales, note: str, now: datetime
) -> RoyaltyStatement:
    """Report all sales of an accepted statement's days anew, for the other side to accept; the
    licensor may do so too, after an audit. The difference is invoiced, or taken off the next."""
    wrong = statement_for(viewer, statement_id, now=now)
    name, by = side(viewer, wrong.agreement)
    if wrong.state != S.ACCEPTED:
        raise Conflict(f"It is {wrong.state}; an accepted statement is corrected.", field=("id",))
    why = checked({"note": note}, {"note": words(2000)})["note"]
    territories = Terms.model_validate(wrong.agreement.terms).territories
    sold_in = {line.territory for line in wrong.lines.all()}
    return keep(
        RoyaltyStatement(
            agreement=wrong.agreement,
            period=wrong.period,
            year=wrong.year,
            royalty=wrong.royalty,
            currency=wrong.currency,
            corrects=wrong,
            submitted_by_id=parties(wrong.agreement)[name],
        ),
        lines,
        {*territories, *sold_in},
        why,
        by,
        now,
    )


@transaction.atomic
def royalty_statement_move(
    *, viewer: Viewer, statement_id: UUID, move: str, reason: str = "", now: datetime
) -> RoyaltyStatement:
    """Accept, dispute with a reason, or withdraw. What is accepted is invoiced at once, after
    credits that wait; where that comes to nothing there is no invoice."""
    statement = statement_for(viewer, statement_id, now=now)
    agreement = statement.agreement
    side(viewer, agreement)
    by = actors(viewer, agreement, statement.submitted_by_id)
    source = statement.state
    target = STATEMENT.move(source, move, by=by)
    given = checked({"reason": reason}, {"reason": text(2000)})["reason"]
    if move in NEEDS_A_REASON and not given:
        raise Invalid("Say why, for the other side to read.", field=("reason",))
    if move == "accept":
        statement.amount = difference(statement)
        if (wrong := statement.corrects) is not None:
            wrong.state = STATEMENT.move(wrong.state, "supersede", by={"system"})
            wrong.save()
        statement.charge = charge(
            agreement,
            Kind.CORRECTION if wrong else Kind.ROYALTY,
            f"statement:{statement.pk}",
            statement.amount,
            statement.currency,
            texts(statement),
            now=now,
        )
    statement.state, statement.reason = target, given or statement.reason
    statement.save()
    actor = min(STATEMENT.moves[source, move].by & by.keys())
    record(
        agreement.deal,
        f"royalty_statement.{move}",
        by=by[actor],
        now=now,
        statement=str(statement.pk),
        **({"amount": statement.amount} if move == "accept" else {}),
        **({"reason": given} if given else {}),
    )
    publish(f"royalty_statement.{move}", statement.pk, not_before=now)
    return statement


def keep(
    statement: RoyaltyStatement,
    lines: Sales,
    territories: Sequence[str] | set[str],
    note: str,
    by: Act,
    now: datetime,
) -> RoyaltyStatement:
    rows = checked_lines(lines, territories)
    for figure in FIGURES:
        setattr(statement, figure, sum(row[figure] for row in rows))
    statement.note = checked({"note": note}, {"note": text(2000)})["note"]
    statement.amount = difference(statement)
    largest = max(statement.units, statement.net_sales, abs(statement.amount))
    if largest > MOST:
        raise Invalid(
            f"It comes to {largest}, more than the {MOST} there can be.", field=("lines",)
        )
    try:
        with transaction.atomic():
            statement.save()
    except IntegrityError:
        raise Conflict(
            "It has a correction already; correct that one."
            if statement.corrects
            else "Some of these days are reported already; correct that statement.",
        ) from None
    SalesLine.objects.bulk_create(
        SalesLine(statement=statement, position=position, **row)
        for position, row in enumerate(rows, 1)
    )
    record(
        statement.agreement.deal,
        "royalty_statement.correct" if statement.corrects else "royalty_statement.submit",
        by=by,
        now=now,
        statement=str(statement.pk),
        start=statement.period.lower.isoformat(),
        end=statement.period.upper.isoformat(),
        lines=rows,
        **({"corrects": str(statement.corrects_id)} if statement.corrects else {}),
    )
    publish("royalty_statement.submit", statement.pk, not_before=now)
    return statement


def difference(statement: RoyaltyStatement) -> int:
    """What accepting it now would add to all royalties owed, or take off; minor units."""
    agreement, currency = statement.agreement, statement.currency
    royalty = Royalty.model_validate(statement.royalty)
    before = sales_by_year(agreement, currency, royalty.base)
    after = Counter(before)
    after[statement.year] += sales_of(statement, royalty.base)
    if statement.corrects is not None:
        after[statement.year] -= sales_of(statement.corrects, royalty.base)
    closed = closed_years(agreement, currency)
    found = owed(royalty, after, closed) - owed(royalty, before, closed)
    if royalty.cap is None:
        return found
    return min(found, max(royalty.cap - charged(agreement, currency), 0))  # amended in between


def sales_of(statement: RoyaltyStatement, base: str) -> int:
    return statement.units if base == RoyaltyBase.UNITS else statement.net_sales


def sales_by_year(agreement: Agreement, currency: str, base: str) -> Mapping[int, int]:
    """By licence year, what was reported and accepted."""
    figure = "units" if base == RoyaltyBase.UNITS else "net_sales"
    accepted = agreement.royalty_statements.filter(state=S.ACCEPTED, currency=currency)
    sums = accepted.order_by().values_list("year").annotate(Sum(figure))
    return {year: int(total) for year, total in sums}


def check_period(agreement: Agreement, terms: Terms, start: date, end: date, today: date) -> None:
    ended = agreement.ended_at and day_of(agreement.ended_at) + timedelta(days=1)
    ends = [one for one in (terms.end, ended) if one is not None]
    if end <= start:
        raise Invalid("The end is the day after the last, such as 2027-04-01.", field=("end",))
    if end > today:
        raise Invalid("These days are not over yet.", field=("end",))
    if start < terms.start or any(end > one for one in ends):
        until = f" until {min(ends)}" if ends else ""
        raise Invalid(f"The licence runs from {terms.start}{until}.", field=("start",))
    if not is_one_quarter(start, end):
        raise Invalid(
            "A statement is of one calendar quarter or a part of it, such as 2027-01-01 until "
            "2027-04-01.",
            field=("end",),
        )
    if licence_year(terms.start, start) != licence_year(terms.start, end - timedelta(days=1)):
        raise Invalid(
            "A new licence year begins within these days: report those before and after apart.",
            field=("end",),
        )


def checked_lines(lines: Sales, territories: Sequence[str] | set[str]) -> list[dict[str, Any]]:
    """Their normal form; Faults name every figure that is wrong."""
    if len(lines) > MOST_LINES:
        raise Invalid(f"At most {MOST_LINES} lines.", field=("lines",))
    faults: list[DomainError] = []
    rows: list[dict[str, Any]] = []
    for number, line in enumerate(lines):
        try:
            row = checked({name: line.get(name) for name in LINE}, LINE)
        except Faults as found:
            faults += found.errors
            for one in found.errors:
                one.field = ("lines", str(number), *one.field)
            continue
        if row["territory"] not in territories:
            faults.append(
                Invalid(
                    f"The licence is for {', '.join(territories)}, not {row['territory']}.",
                    field=("lines", str(number), "territory"),
                )
            )
        rows.append(row)
    seen = Counter((row["product"], row["territory"]) for row in rows)
    faults += [
        Invalid(f"{product} in {where} stands there twice; add them up.", field=("lines",))
        for (product, where), times in seen.items()
        if times > 1
    ]
    if faults:
        raise Faults(faults)
    return rows


LINE = {
    "product": words(200),
    "territory": lambda value, field: territory(str(value or ""), field=field),
    "units": lambda value, field: whole(0, MOST, "A number of units")(value, field) or 0,
    "net_sales": lambda value, field: whole(0, MOST, "An amount in minor units")(value, field) or 0,
}


def texts(statement: RoyaltyStatement) -> tuple[str, str]:
    first, last = statement.period.lower, statement.period.upper - timedelta(days=1)
    if statement.corrects is not None:
        return f"Correction of the royalty of {first} to {last}", f"提成费更正：{first}至{last}"
    return f"Royalty of {first} to {last}", f"提成费：{first}至{last}"


def statement_agreement(viewer: Viewer, agreement_id: UUID, now: datetime) -> Agreement:
    agreement = agreement_for(viewer, agreement_id, now=now, lock=True)
    must_have_run(agreement)
    return agreement


def statement_for(viewer: Viewer, statement_id: UUID, *, now: datetime) -> RoyaltyStatement:
    rows = RoyaltyStatement.objects.select_related("corrects")
    return row_for(viewer, rows, statement_id, now=now)
