from __future__ import annotations

from uuid import UUID

import graphene

from api.auth import viewer
from api.connection import PAGE_ARGUMENTS, Page, connection_of, page
from api.ids import parse_optional_id
from api.invoices.queries import with_invoices
from api.scalars import BankLineState, TaxCertificateState
from marketplace.invoices import models, selectors
from marketplace.payments.bank_accounts import visible_accounts
from marketplace.payments.models import BankAccount as BankAccountModel

from .types import BankAccount, BankLine, TaxCertificate

BankLineConnection = connection_of(BankLine)
TaxCertificateConnection = connection_of(TaxCertificate)
BankAccountConnection = connection_of(BankAccount)


class WireQueries(graphene.ObjectType):
    bank_lines = graphene.Field(
        BankLineConnection,
        required=True,
        state=BankLineState(),
        **PAGE_ARGUMENTS,
        description="Credits of bank statements, newest first; for operators.",
    )
    tax_certificates = graphene.Field(
        TaxCertificateConnection,
        required=True,
        state=TaxCertificateState(),
        **PAGE_ARGUMENTS,
        description="Those of the invoices that you see; newest first.",
    )
    bank_accounts = graphene.Field(
        BankAccountConnection,
        required=True,
        organisation=graphene.ID(),
        waiting=graphene.Boolean(description="Only those that nobody has decided."),
        **PAGE_ARGUMENTS,
        description="Of organisations whose books you keep; operators see all. Newest first.",
    )

    @staticmethod
    def resolve_bank_lines(
        root: None,
        info: graphene.ResolveInfo,
        first: int | None = None,
        after: str | None = None,
        state: str | None = None,
    ) -> Page:
        rows = selectors.bank_lines(viewer(info), state)
        return page(with_invoices(rows, info), first=first, after=after)

    @staticmethod
    def resolve_tax_certificates(
        root: None,
        info: graphene.ResolveInfo,
        first: int | None = None,
        after: str | None = None,
        state: str | None = None,
    ) -> Page:
        rows = selectors.tax_certificates(viewer(info), state)
        return page(with_invoices(rows, info), first=first, after=after)

    @staticmethod
    def resolve_bank_accounts(
        root: None,
        info: graphene.ResolveInfo,
        first: int | None = None,
        after: str | None = None,
        organisation: str | None = None,
        waiting: bool | None = None,
    ) -> Page:
        rows = visible_accounts(viewer(info))
        pk = parse_optional_id(organisation, "Organisation", field=("organisation",))
        if pk is not None:
            rows = rows.filter(organisation=pk)
        if waiting:
            rows = rows.filter(approved_at=None, refused="")
        return page(rows, first=first, after=after)


def bank_line_node(info: graphene.ResolveInfo, pk: UUID) -> models.BankLine | None:
    return selectors.bank_lines(viewer(info)).filter(pk=pk).first()


def tax_certificate_node(info: graphene.ResolveInfo, pk: UUID) -> models.TaxCertificate | None:
    return selectors.tax_certificates(viewer(info)).filter(pk=pk).first()


def invoice_paper_node(info: graphene.ResolveInfo, pk: UUID) -> models.InvoicePaper | None:
    return selectors.papers(viewer(info)).filter(pk=pk).first()


def bank_account_node(info: graphene.ResolveInfo, pk: UUID) -> BankAccountModel | None:
    return visible_accounts(viewer(info)).filter(pk=pk).first()
