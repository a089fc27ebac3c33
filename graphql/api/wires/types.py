from __future__ import annotations

from typing import Any

import graphene
from graphene.relay import Node

from api.accounts.types import Organisation
from api.scalars import (
    BankLineState,
    InvoicePaperKind,
    Money,
    TaxCertificateState,
    money,
)
from marketplace.accounts.models import User
from marketplace.core.links import LIFETIME
from marketplace.invoices import models
from marketplace.invoices.papers import paper_link
from marketplace.payments.models import BankAccount as BankAccountModel

INVOICE = "api.invoices.types.Invoice"


def name_of(user: User | None) -> str | None:
    return None if user is None else user.name or user.email


class WireInstructions(graphene.ObjectType):
    """Where and how to pay an invoice by wire."""

    holder = graphene.String(required=True)
    bank = graphene.String(required=True)
    number = graphene.String(required=True, description="IBAN or account number.")
    swift = graphene.String(required=True)
    reference = graphene.String(
        required=True, description="To be written into the remittance information."
    )
    amount = graphene.Field(Money, required=True)


class InvoicePaper(graphene.ObjectType):
    """What a party showed for an invoice."""

    class Meta:
        interfaces = (Node,)

    kind = graphene.Field(InvoicePaperKind, required=True)
    name = graphene.String(required=True)
    media_type = graphene.String(required=True)
    sha256 = graphene.String(required=True)
    created_at = graphene.DateTime(required=True)
    link = graphene.String(
        required=True, description=f"Path of the paper, good for {LIFETIME} seconds."
    )

    @staticmethod
    def resolve_link(root: models.InvoicePaper, info: graphene.ResolveInfo) -> str:
        return paper_link(root.pk)


class TaxCertificate(graphene.ObjectType):
    """What the tax office kept of an invoice's money; approved, it counts as payment."""

    class Meta:
        interfaces = (Node,)

    state = graphene.Field(TaxCertificateState, required=True)
    number = graphene.String(required=True)
    amount = graphene.Field(Money, required=True)
    issued_on = graphene.Date(required=True)
    paper = graphene.Field(InvoicePaper, required=True)
    refused = graphene.String(required=True, description="Why it does not count.")
    submitted_by = graphene.String(required=True)
    approved_by = graphene.String()
    invoice = graphene.Field(INVOICE, required=True)
    created_at = graphene.DateTime(required=True)

    @staticmethod
    def resolve_amount(root: models.TaxCertificate, info: graphene.ResolveInfo) -> Money | None:
        return money(root.amount, root.invoice.currency)

    @staticmethod
    def resolve_submitted_by(root: models.TaxCertificate, info: graphene.ResolveInfo) -> Any:
        return name_of(root.submitted_by)

    @staticmethod
    def resolve_approved_by(root: models.TaxCertificate, info: graphene.ResolveInfo) -> Any:
        return name_of(root.approved_by)


class BankLine(graphene.ObjectType):
    """A credit of a bank statement."""

    class Meta:
        interfaces = (Node,)

    state = graphene.Field(BankLineState, required=True)
    bank_reference = graphene.String(required=True)
    booked_on = graphene.Date(required=True)
    amount = graphene.Field(Money, required=True)
    payer = graphene.String(required=True)
    text = graphene.String(required=True)
    invoice = graphene.Field(INVOICE, description="That it is said to pay.")
    proposed_by = graphene.String()
    approved_by = graphene.String()
    created_at = graphene.DateTime(required=True)

    @staticmethod
    def resolve_amount(root: models.BankLine, info: graphene.ResolveInfo) -> Money | None:
        return money(root.amount, root.currency)

    @staticmethod
    def resolve_proposed_by(root: models.BankLine, info: graphene.ResolveInfo) -> Any:
        return name_of(root.proposed_by)

    @staticmethod
    def resolve_approved_by(root: models.BankLine, info: graphene.ResolveInfo) -> Any:
        return name_of(root.approved_by)


class BankAccount(graphene.ObjectType):
    """Where an organisation takes wires in one currency; the newest approved one counts."""

    class Meta:
        interfaces = (Node,)

    organisation = graphene.Field(Organisation, required=True)
    currency = graphene.String(required=True)
    holder = graphene.String(required=True)
    bank = graphene.String(required=True)
    number = graphene.String(required=True)
    swift = graphene.String(required=True)
    entered_by = graphene.String(required=True)
    approved_by = graphene.String()
    approved_at = graphene.DateTime()
    refused = graphene.String(required=True, description="Why it never counts.")
    created_at = graphene.DateTime(required=True)

    @staticmethod
    def resolve_entered_by(root: BankAccountModel, info: graphene.ResolveInfo) -> Any:
        return name_of(root.entered_by)

    @staticmethod
    def resolve_approved_by(root: BankAccountModel, info: graphene.ResolveInfo) -> Any:
        return name_of(root.approved_by)
