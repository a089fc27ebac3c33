"""What a party earned of payments in a period: brokers, the platform, and licensors alike."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from marketplace.accounts.models import Organisation
from marketplace.accounts.viewer import Viewer
from marketplace.core.language import Language
from marketplace.core.money import Money
from marketplace.core.pdf import document
from marketplace.ledger.links import answer, period_link, wanted
from marketplace.ledger.selectors import finance_party_for

from .models import Allocation

COLUMNS = {
    Language.EN: ["Released", "Invoice", "Part", "Paid", "Rate", "Amount", "Given back"],
    Language.HANS: ["发放日", "账单", "身份", "付款", "比例", "金额", "退回"],
    Language.HANT: ["發放日", "帳單", "身份", "付款", "比例", "金額", "退回"],
}
TITLES = {
    Language.EN: "Commission statement",
    Language.HANS: "佣金对账单",
    Language.HANT: "佣金對帳單",
}


@dataclass(frozen=True)
class CommissionLine:
    """`rate` in basis points, None where the party gets the remainder; `given_back` as of now."""

    released_on: date
    invoice: str
    role: str
    paid: Money
    rate: int | None
    amount: Money
    given_back: Money


@dataclass(frozen=True)
class Commissions:
    """`totals` by currency, less what was given back."""

    organisation: Organisation
    start: date
    end: date
    lines: list[CommissionLine]
    totals: dict[str, Money]


def commissions_for(viewer: Viewer, organisation_id: UUID, start: date, end: date) -> Commissions:
    """For the finance of the party and operators; NotFound for all others."""
    return commissions_of(finance_party_for(viewer, organisation_id), start, end)


def commissions_of(organisation: Organisation, start: date, end: date) -> Commissions:
    """What was released from `start` to `end`, both included."""
    released = Allocation.objects.filter(
        share__party=organisation, released_on__gte=start, released_on__lte=end
    ).select_related("payment__invoice", "share")
    lines = [line_of(one) for one in released.order_by("released_on", "created_at", "pk")]
    totals: dict[str, Money] = {}
    for line in lines:
        code = line.amount.currency
        totals[code] = totals.get(code, Money(0, code)) + line.amount - line.given_back
    return Commissions(organisation, start, end, lines, dict(sorted(totals.items())))


def line_of(one: Allocation) -> CommissionLine:
    payment, code = one.payment, one.payment.invoice.currency
    if one.released_on is None:
        raise ValueError("not released")
    return CommissionLine(
        one.released_on,
        payment.invoice.wire_reference,
        one.share.role,
        Money(payment.received - payment.excess, code),
        one.share.basis_points,
        Money(one.amount, code),
        Money(one.returned, code),
    )


def rows(found: Commissions, language: str) -> list[list[str]]:
    head = COLUMNS[Language(language)]
    return [head] + [
        [
            str(one.released_on),
            one.invoice,
            one.role,
            str(one.paid),
            "" if one.rate is None else f"{one.rate / 100:.2f} %",
            str(one.amount),
            str(one.given_back),
        ]
        for one in found.lines
    ]


def commissions_csv(found: Commissions) -> str:
    """UTF-8 with a header row."""
    out = io.StringIO()
    csv.writer(out).writerows(rows(found, Language.EN))
    return out.getvalue()


def commissions_pdf(found: Commissions, language: str = Language.EN) -> bytes:
    organisation = found.organisation
    names = " ".join(filter(None, [organisation.name, organisation.name_zh]))
    totals = " · ".join(str(one) for one in found.totals.values())
    title = f"{TITLES[Language(language)]} {found.start} – {found.end}"
    return document(title, [names, rows(found, language), totals], language=language)


def commissions_link(found: Commissions, kind: str, language: str = Language.EN) -> str:
    """The path of the statement as `kind`, csv or pdf."""
    return period_link("commissions", found, kind, language)


@require_safe
def open_commissions(request: HttpRequest, signed: str) -> HttpResponse:
    asked = wanted("commissions", signed)
    found = commissions_of(asked.organisation, asked.start, asked.end)
    csv = asked.kind == "csv"
    return answer(
        asked,
        "commissions",
        commissions_csv(found) if csv else commissions_pdf(found, asked.language),
    )
