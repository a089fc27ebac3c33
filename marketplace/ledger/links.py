"""Statements as files, by a link for whoever may read them."""

from __future__ import annotations

from datetime import date

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from marketplace.accounts.models import Organisation
from marketplace.core.language import Language
from marketplace.core.links import headers, link, opened

from .selectors import Statement, statement_csv, statement_of
from .statement_pdf import statement_pdf


def statement_link(found: Statement, kind: str, language: str = Language.EN) -> str:
    """The path of the statement as `kind`, csv or pdf."""
    return link(
        "statement",
        kind=kind,
        organisation=str(found.organisation.pk),
        start=str(found.start),
        end=str(found.end),
        language=language,
    )


@require_safe
def open_statement(request: HttpRequest, signed: str) -> HttpResponse:
    ticket = opened("statement", signed)
    organisation = Organisation.objects.get(pk=ticket["organisation"])
    start, end = (date.fromisoformat(ticket[name]) for name in ("start", "end"))
    found = statement_of(organisation, start, end)
    name = headers(f"statement-{start}-{end}.{ticket['kind']}")
    if ticket["kind"] == "csv":
        return HttpResponse(statement_csv(found), content_type="text/csv", headers=name)
    pdf = statement_pdf(found, ticket["language"])
    return HttpResponse(pdf, content_type="application/pdf", headers=name)
