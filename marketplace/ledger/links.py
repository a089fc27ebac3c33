"""What an organisation is told of a period, as CSV and PDF, by a link for whoever may read it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Protocol

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from marketplace.accounts.models import Organisation
from marketplace.core.language import Language
from marketplace.core.links import headers, link, opened

from .selectors import Statement, statement_csv, statement_of
from .statement_pdf import statement_pdf


class OfPeriod(Protocol):
    @property
    def organisation(self) -> Organisation: ...
    @property
    def start(self) -> date: ...
    @property
    def end(self) -> date: ...


@dataclass(frozen=True)
class Wanted:
    """`kind` is csv or pdf."""

    organisation: Organisation
    start: date
    end: date
    kind: str
    language: str


def period_link(route: str, found: OfPeriod, kind: str, language: str) -> str:
    return link(
        route,
        organisation=str(found.organisation.pk),
        start=str(found.start),
        end=str(found.end),
        kind=kind,
        language=language,
    )


def wanted(route: str, signed: str) -> Wanted:
    ticket = opened(route, signed)
    organisation = Organisation.objects.get(pk=ticket["organisation"])
    start, end = (date.fromisoformat(ticket[name]) for name in ("start", "end"))
    return Wanted(organisation, start, end, ticket["kind"], ticket["language"])


def answer(asked: Wanted, name: str, content: str | bytes) -> HttpResponse:
    media_type = "text/csv" if asked.kind == "csv" else "application/pdf"
    file = headers(f"{name}-{asked.start}-{asked.end}.{asked.kind}")
    return HttpResponse(content, content_type=media_type, headers=file)


def statement_link(found: Statement, kind: str, language: str = Language.EN) -> str:
    """The path of the statement as `kind`, csv or pdf."""
    return period_link("statement", found, kind, language)


@require_safe
def open_statement(request: HttpRequest, signed: str) -> HttpResponse:
    asked = wanted("statement", signed)
    found = statement_of(asked.organisation, asked.start, asked.end)
    csv = asked.kind == "csv"
    return answer(
        asked, "statement", statement_csv(found) if csv else statement_pdf(found, asked.language)
    )
