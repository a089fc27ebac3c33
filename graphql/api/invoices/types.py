from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import graphene
from django.db.models import Prefetch
from graphene.relay import Node

from api.accounts.types import Organisation
from api.auth import viewer
from api.refunds.types import Refund
from api.scalars import InvoiceState, Language, LineKind, Money, PaymentMethod, PaymentState, money
from api.wires.types import InvoicePaper, TaxCertificate, WireInstructions, name_of
from marketplace.accounts.viewer import Viewer
from marketplace.core.links import LIFETIME
from marketplace.core.money import Money as Amount
from marketplace.invoices import models
from marketplace.invoices.pdf import invoice_link
from marketplace.invoices.policies import actors
from marketplace.invoices.services import outstanding
from marketplace.invoices.workflow import INVOICE, OWING
from marketplace.ledger.links import statement_link
from marketplace.ledger.selectors import Statement as Books
from marketplace.ledger.selectors import StatementLine as BooksLine
from marketplace.payments.bank_accounts import collection_account
from marketplace.payments.models import BankAccount
from marketplace.payments.routes import Route, routes


def amount(found: Amount) -> Money | None:
    return money(found.amount, found.currency)


class PaymentRoute(graphene.ObjectType):
    """A way to pay, with the reason for or against it."""

    method = graphene.String(required=True, description="card, alipay, bank_wire…")
    possible = graphene.Boolean(required=True)
    reason = graphene.String(required=True)
    parts = graphene.List(
        graphene.NonNull(Money), required=True, description="The charges that it would take."
    )

    @staticmethod
    def resolve_parts(root: Route, info: graphene.ResolveInfo) -> list[Money | None]:
        return [amount(part) for part in root.parts]


class InvoiceLine(graphene.ObjectType):
    """What an invoice asks for."""

    kind = graphene.Field(LineKind, required=True)
    text = graphene.String(required=True)
    text_zh = graphene.String(required=True)
    amount = graphene.BigInt(required=True, description="In minor units of the invoice.")


class Payment(graphene.ObjectType):
    """One attempt to pay an invoice or an instalment of it."""

    class Meta:
        interfaces = (Node,)

    method = graphene.Field(PaymentMethod, required=True)
    state = graphene.Field(PaymentState, required=True)
    amount = graphene.BigInt(required=True)
    received = graphene.BigInt(required=True)
    returned = graphene.BigInt(required=True, description="By refunds and lost disputes.")
    refunds = graphene.List(graphene.NonNull(Refund), required=True)
    created_at = graphene.DateTime(required=True)

    @staticmethod
    def resolve_refunds(root: models.Payment, info: graphene.ResolveInfo) -> Any:
        return root.refunds.all()


class Review(graphene.ObjectType):
    """What made an operator look at an invoice, and what came of it."""

    found = graphene.String(required=True)
    outcome = graphene.String(required=True)
    reviewed_by = graphene.String(required=True)
    created_at = graphene.DateTime(required=True)

    @staticmethod
    def resolve_reviewed_by(root: models.Review, info: graphene.ResolveInfo) -> str | None:
        return name_of(root.reviewed_by)


class Invoice(graphene.ObjectType):
    """What a licensee owes, and how far it is paid."""

    class Meta:
        interfaces = (Node,)

    state = graphene.Field(InvoiceState, required=True)
    number = graphene.Int(description="Without gaps for each issuer; given when issued.")
    issuer = graphene.Field(Organisation, required=True)
    payer = graphene.Field(Organisation, required=True)
    agreement = graphene.String(required=True, description="Reference of the contract.")
    lines = graphene.List(graphene.NonNull(InvoiceLine), required=True)
    total = graphene.Field(Money, required=True)
    outstanding = graphene.Field(Money, required=True)
    issued_on = graphene.Date()
    due_on = graphene.Date()
    wire_reference = graphene.String(required=True, description="To be named in a bank wire.")
    wire_instructions = graphene.Field(
        WireInstructions, description="Null where nothing is owed or no account takes the currency."
    )
    papers = graphene.List(graphene.NonNull(InvoicePaper), required=True)
    tax_certificates = graphene.List(graphene.NonNull(TaxCertificate), required=True)
    pdf = graphene.String(required=True, description=f"Its path, good for {LIFETIME} seconds.")
    on_hold = graphene.Boolean(required=True, description="What is paid is not passed on.")
    review = graphene.String(description="What a person must look at; for operators.")
    reviews = graphene.List(graphene.NonNull(Review), required=True, description="For operators.")
    payments = graphene.List(graphene.NonNull(Payment), required=True)
    routes = graphene.List(
        graphene.NonNull(PaymentRoute),
        required=True,
        description="Every way to pay what is outstanding, the possible ones first.",
    )
    created_at = graphene.DateTime(required=True)
    available_actions = graphene.List(graphene.NonNull(graphene.String), required=True)

    @staticmethod
    def resolve_lines(root: models.Invoice, info: graphene.ResolveInfo) -> Any:
        return root.lines.all()

    @staticmethod
    def resolve_total(root: models.Invoice, info: graphene.ResolveInfo) -> Money | None:
        return money(root.total, root.currency)

    @staticmethod
    def resolve_outstanding(root: models.Invoice, info: graphene.ResolveInfo) -> Money | None:
        return amount(outstanding(root))

    @staticmethod
    def resolve_wire_instructions(
        root: models.Invoice, info: graphene.ResolveInfo
    ) -> WireInstructions | None:
        rest = outstanding(root)
        account = account_for(viewer(info), root.currency) if rest.amount else None
        if account is None:
            return None
        return WireInstructions(
            holder=account.holder,
            bank=account.bank,
            number=account.number,
            swift=account.swift,
            reference=root.wire_reference,
            amount=amount(rest),
        )

    @staticmethod
    def resolve_papers(root: models.Invoice, info: graphene.ResolveInfo) -> Any:
        return root.papers.all()

    @staticmethod
    def resolve_tax_certificates(root: models.Invoice, info: graphene.ResolveInfo) -> Any:
        return root.tax_certificates.all()

    @staticmethod
    def resolve_pdf(root: models.Invoice, info: graphene.ResolveInfo) -> str:
        return invoice_link(root.pk)

    @staticmethod
    def resolve_on_hold(root: models.Invoice, info: graphene.ResolveInfo) -> bool:
        return bool(root.holds)

    @staticmethod
    def resolve_review(root: models.Invoice, info: graphene.ResolveInfo) -> str | None:
        return root.review if viewer(info).is_operator else None

    @staticmethod
    def resolve_reviews(root: models.Invoice, info: graphene.ResolveInfo) -> Any:
        return root.reviews.all() if viewer(info).is_operator else []

    @staticmethod
    def resolve_payments(root: models.Invoice, info: graphene.ResolveInfo) -> Any:
        return sorted(root.payments.all(), key=lambda one: one.created_at)

    @staticmethod
    def resolve_routes(root: models.Invoice, info: graphene.ResolveInfo) -> list[Route]:
        rest = outstanding(root)
        if not rest.amount:
            return []
        return routes(
            rest, payer_country=root.payer.jurisdiction, payee_country=root.issuer.jurisdiction
        )

    @staticmethod
    def resolve_available_actions(root: models.Invoice, info: graphene.ResolveInfo) -> list[str]:
        by = actors(viewer(info), root)
        found = INVOICE.available(root.state, by=by - {"books"})
        if "payer" in by and root.state in OWING:
            found.append("pay")
        return found


def lookups(path: str = "", prefix: str = "") -> dict[str, Sequence[Any]]:
    """What the lists below an invoice need, for `prefetch`; an invoice below something else is at
    `path` in the document and at `prefix` for Django."""
    papers = models.InvoicePaper.objects.defer("content")
    refunds = models.Refund.objects.select_related(
        "payment__invoice", "requested_by", "confirmed_by"
    ).order_by("created_at")
    reviews = models.Review.objects.select_related("reviewed_by")
    certificates = models.TaxCertificate.objects.select_related(
        "paper", "submitted_by", "approved_by"
    ).defer("paper__content")
    return {
        f"{path}payments.refunds": [Prefetch(f"{prefix}payments__refunds", refunds)],
        f"{path}reviews": [Prefetch(f"{prefix}reviews", reviews)],
        f"{path}lines": [f"{prefix}lines"],
        f"{path}papers": [Prefetch(f"{prefix}papers", papers)],
        f"{path}taxCertificates": [Prefetch(f"{prefix}tax_certificates", certificates)],
    }


def account_for(viewer: Viewer, currency: str) -> BankAccount | None:
    """Where wires go; looked up once a request and currency."""
    key = f"collection:{currency}"
    if key not in viewer.memo:
        viewer.memo[key] = collection_account(currency)
    found: BankAccount | None = viewer.memo[key]
    return found


class StatementLine(graphene.ObjectType):
    """A booking of a party's account."""

    booked_on = graphene.Date(required=True)
    ref = graphene.String(required=True, description="The fact it comes from.")
    memo = graphene.String(required=True)
    amount = graphene.Field(Money, required=True, description="Positive: owed to the party.")
    balance = graphene.Field(Money, required=True)

    @staticmethod
    def resolve_amount(root: BooksLine, info: graphene.ResolveInfo) -> Money | None:
        return amount(root.amount)

    @staticmethod
    def resolve_balance(root: BooksLine, info: graphene.ResolveInfo) -> Money | None:
        return amount(root.balance)


class Statement(graphene.ObjectType):
    """What was credited and paid to an organisation in a period."""

    organisation = graphene.Field(Organisation, required=True)
    start = graphene.Date(required=True)
    end = graphene.Date(required=True)
    opening = graphene.List(graphene.NonNull(Money), required=True)
    lines = graphene.List(graphene.NonNull(StatementLine), required=True)
    closing = graphene.List(graphene.NonNull(Money), required=True)
    csv = graphene.String(required=True, description=f"Its path, good for {LIFETIME} seconds.")
    pdf = graphene.String(
        required=True,
        language=Language(default_value="en"),
        description=f"Its path, good for {LIFETIME} seconds.",
    )

    @staticmethod
    def resolve_opening(root: Books, info: graphene.ResolveInfo) -> list[Money | None]:
        return [amount(one) for one in root.opening.values()]

    @staticmethod
    def resolve_closing(root: Books, info: graphene.ResolveInfo) -> list[Money | None]:
        return [amount(one) for one in root.closing.values()]

    @staticmethod
    def resolve_csv(root: Books, info: graphene.ResolveInfo) -> str:
        return statement_link(root, "csv")

    @staticmethod
    def resolve_pdf(root: Books, info: graphene.ResolveInfo, language: str) -> str:
        return statement_link(root, "pdf", language)
