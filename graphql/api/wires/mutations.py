from __future__ import annotations

from datetime import date
from typing import Any

import graphene
from django.utils import timezone

from api.auth import viewer
from api.ids import parse_id
from api.mutation import Mutation
from api.scalars import BankStatementFormat
from marketplace.core.papers import from_base64
from marketplace.invoices import bank_statement, papers, selectors, wire
from marketplace.payments import bank_accounts

from .types import BankAccount, BankLine, InvoicePaper, TaxCertificate


class RemittanceAdviceAdd(Mutation):
    """Show, as the payer, that a wire was sent: PDF, PNG or JPEG of at most 1 MB."""

    paper = graphene.Field(InvoicePaper)

    class Arguments:
        invoice = graphene.ID(required=True)
        name = graphene.String(required=True, description="Such as advice.pdf.")
        content = graphene.String(required=True, description="In base64.")

    @classmethod
    def perform(
        cls, info: graphene.ResolveInfo, invoice: str, name: str, content: str
    ) -> RemittanceAdviceAdd:
        return cls(
            paper=papers.remittance_advice_add(
                viewer=viewer(info),
                invoice_id=parse_id(invoice, "Invoice", field=("invoice",)),
                name=name,
                content=from_base64(content),
            )
        )


class TaxCertificateSubmit(Mutation):
    """Show what the tax office kept of an invoice's money, for payer or issuer: PDF, PNG or JPEG
    of at most 1 MB. It counts as payment once an operator approves it."""

    certificate = graphene.Field(TaxCertificate)

    class Arguments:
        invoice = graphene.ID(required=True)
        number = graphene.String(required=True, description="Of the certificate.")
        amount = graphene.BigInt(required=True, description="In minor units of the invoice.")
        issued_on = graphene.Date(required=True)
        name = graphene.String(required=True, description="Of the file.")
        content = graphene.String(required=True, description="In base64.")

    @classmethod
    def perform(
        cls,
        info: graphene.ResolveInfo,
        invoice: str,
        number: str,
        amount: int,
        issued_on: date,
        name: str,
        content: str,
    ) -> TaxCertificateSubmit:
        return cls(
            certificate=wire.tax_certificate_submit(
                viewer=viewer(info),
                invoice_id=parse_id(invoice, "Invoice", field=("invoice",)),
                number=number,
                amount=amount,
                issued_on=issued_on,
                name=name,
                content=from_base64(content),
            )
        )


class TaxCertificateApprove(Mutation):
    """Count a certificate as payment; for an operator other than who showed it."""

    certificate = graphene.Field(TaxCertificate)

    class Arguments:
        id = graphene.ID(required=True)

    @classmethod
    def perform(cls, info: graphene.ResolveInfo, id: str) -> TaxCertificateApprove:
        pk = parse_id(id, "TaxCertificate")
        found = wire.tax_certificate_approve(viewer=viewer(info), certificate_id=pk)
        return cls(certificate=found)


class TaxCertificateRefuse(Mutation):
    """Say why a certificate does not count; for operators."""

    certificate = graphene.Field(TaxCertificate)

    class Arguments:
        id = graphene.ID(required=True)
        reason = graphene.String(required=True)

    @classmethod
    def perform(cls, info: graphene.ResolveInfo, id: str, reason: str) -> TaxCertificateRefuse:
        pk = parse_id(id, "TaxCertificate")
        found = wire.tax_certificate_refuse(viewer=viewer(info), certificate_id=pk, reason=reason)
        return cls(certificate=found)


class BankLinesImport(Mutation):
    """Read a bank's statement of at most 1 MB; for operators. A line is kept once, and proposed
    for the invoice whose reference it names. A CSV has the head
    reference,date,amount,currency,payer,text."""

    lines = graphene.List(graphene.NonNull(BankLine))

    class Arguments:
        format = BankStatementFormat(required=True)
        content = graphene.String(required=True, description="In base64.")

    @classmethod
    def perform(cls, info: graphene.ResolveInfo, format: str, content: str) -> BankLinesImport:
        viewer(info).require_operator()  # a megabyte is parsed for nobody else
        lines = bank_statement.read(format, from_base64(content))
        kept = wire.bank_lines_import(viewer=viewer(info), lines=lines)
        rows = selectors.bank_lines(viewer(info)).filter(pk__in=[one.pk for one in kept])
        return cls(lines=rows.order_by("booked_on", "bank_reference"))


class BankLinePropose(Mutation):
    """Say which invoice a line pays; for operators."""

    line = graphene.Field(BankLine)

    class Arguments:
        id = graphene.ID(required=True)
        invoice = graphene.ID(required=True)

    @classmethod
    def perform(cls, info: graphene.ResolveInfo, id: str, invoice: str) -> BankLinePropose:
        return cls(
            line=wire.bank_line_propose(
                viewer=viewer(info),
                bank_line_id=parse_id(id, "BankLine"),
                invoice_id=parse_id(invoice, "Invoice", field=("invoice",)),
            )
        )


class BankLineApprove(Mutation):
    """Book a proposed line as payment; for an operator other than who proposed it."""

    line = graphene.Field(BankLine)

    class Arguments:
        id = graphene.ID(required=True)

    @classmethod
    def perform(cls, info: graphene.ResolveInfo, id: str) -> BankLineApprove:
        pk = parse_id(id, "BankLine")
        return cls(line=wire.bank_line_approve(viewer=viewer(info), bank_line_id=pk))


class BankAccountEnter(Mutation):
    """Say where an organisation takes wires in a currency; for its finance role and operators. It
    counts once an operator approves it."""

    account = graphene.Field(BankAccount)

    class Arguments:
        organisation = graphene.ID(required=True)
        currency = graphene.String(required=True)
        holder = graphene.String(required=True)
        bank = graphene.String(required=True)
        number = graphene.String(required=True, description="IBAN or account number.")
        swift = graphene.String(required=True, description="BIC, such as HSBCHKHHHKH.")

    @classmethod
    def perform(
        cls, info: graphene.ResolveInfo, organisation: str, **details: Any
    ) -> BankAccountEnter:
        pk = parse_id(organisation, "Organisation", field=("organisation",))
        return cls(
            account=bank_accounts.bank_account_enter(
                viewer=viewer(info), organisation_id=pk, **details
            )
        )


class BankAccountApprove(Mutation):
    """Have bank details count; for an operator other than who entered them."""

    account = graphene.Field(BankAccount)

    class Arguments:
        id = graphene.ID(required=True)

    @classmethod
    def perform(cls, info: graphene.ResolveInfo, id: str) -> BankAccountApprove:
        pk = parse_id(id, "BankAccount")
        return cls(
            account=bank_accounts.bank_account_approve(
                viewer=viewer(info), bank_account_id=pk, now=timezone.now()
            )
        )


class BankAccountRefuse(Mutation):
    """Say why bank details shall never count; for operators."""

    account = graphene.Field(BankAccount)

    class Arguments:
        id = graphene.ID(required=True)
        reason = graphene.String(required=True)

    @classmethod
    def perform(cls, info: graphene.ResolveInfo, id: str, reason: str) -> BankAccountRefuse:
        pk = parse_id(id, "BankAccount")
        return cls(
            account=bank_accounts.bank_account_refuse(
                viewer=viewer(info), bank_account_id=pk, reason=reason
            )
        )


class WireMutations(graphene.ObjectType):
    remittance_advice_add = RemittanceAdviceAdd.Field(required=True)
    tax_certificate_submit = TaxCertificateSubmit.Field(required=True)
    tax_certificate_approve = TaxCertificateApprove.Field(required=True)
    tax_certificate_refuse = TaxCertificateRefuse.Field(required=True)
    bank_lines_import = BankLinesImport.Field(required=True)
    bank_line_propose = BankLinePropose.Field(required=True)
    bank_line_approve = BankLineApprove.Field(required=True)
    bank_account_enter = BankAccountEnter.Field(required=True)
    bank_account_approve = BankAccountApprove.Field(required=True)
    bank_account_refuse = BankAccountRefuse.Field(required=True)
