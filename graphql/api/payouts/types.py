from __future__ import annotations

from typing import Any

import graphene
from graphene.relay import Node

from api.accounts.types import Organisation
from api.auth import viewer
from api.scalars import AllocationState, Language, Money, PaymentMethod, ShareRole, money
from api.wires.types import INVOICE, BankAccount, name_of
from marketplace.core.links import LIFETIME
from marketplace.invoices import models
from marketplace.invoices.commissions import CommissionLine as Line
from marketplace.invoices.commissions import Commissions, commissions_link
from marketplace.invoices.policies import actors
from marketplace.payments.payout_accounts import PayoutStatus as Status


class PayoutStatus(graphene.ObjectType):
    """How a party is paid in a currency, and what is still missing for that."""

    organisation = graphene.Field(Organisation, required=True)
    currency = graphene.String(required=True)
    rail = graphene.String(required=True, description="stripe_transfer or bank_wire.")
    reason = graphene.String(required=True)
    can_be_paid = graphene.Boolean(required=True)
    missing = graphene.List(graphene.NonNull(graphene.String), required=True)
    country = graphene.String(description="Of the account at Stripe.")
    stripe_account = graphene.String()
    transfers_enabled = graphene.Boolean(required=True)

    @staticmethod
    def resolve_can_be_paid(root: Status, info: graphene.ResolveInfo) -> bool:
        return not root.missing

    @staticmethod
    def resolve_country(root: Status, info: graphene.ResolveInfo) -> str | None:
        return root.account.country if root.account else None

    @staticmethod
    def resolve_stripe_account(root: Status, info: graphene.ResolveInfo) -> str | None:
        return root.account.stripe_account if root.account else None

    @staticmethod
    def resolve_transfers_enabled(root: Status, info: graphene.ResolveInfo) -> bool:
        return bool(root.account and root.account.transfers_enabled)


class Allocation(graphene.ObjectType):
    """A party's share of one payment, on its way to the party."""

    class Meta:
        interfaces = (Node,)

    state = graphene.Field(AllocationState, required=True)
    role = graphene.Field(ShareRole, required=True)
    party = graphene.Field(Organisation, required=True)
    method = graphene.Field(PaymentMethod, required=True, description="Of the payment.")
    amount = graphene.Field(Money, required=True)
    returned = graphene.Field(Money, required=True, description="By refunds and lost disputes.")
    sent = graphene.Field(Money, required=True)
    released_on = graphene.Date()
    bank_reference = graphene.String(required=True, description="Of the wire, once it is said.")
    bank_account = graphene.Field(BankAccount, description="That the wire goes to.")
    proposed_by = graphene.String()
    failure = graphene.String(required=True)
    invoice = graphene.Field(INVOICE, description="Null unless you see it.")
    created_at = graphene.DateTime(required=True)

    @staticmethod
    def resolve_role(root: models.Allocation, info: graphene.ResolveInfo) -> str:
        return root.share.role

    @staticmethod
    def resolve_party(root: models.Allocation, info: graphene.ResolveInfo) -> Any:
        return root.share.party

    @staticmethod
    def resolve_method(root: models.Allocation, info: graphene.ResolveInfo) -> str:
        return root.payment.method

    @staticmethod
    def resolve_amount(root: models.Allocation, info: graphene.ResolveInfo) -> Money | None:
        return money(root.amount, root.payment.invoice.currency)

    @staticmethod
    def resolve_returned(root: models.Allocation, info: graphene.ResolveInfo) -> Money | None:
        return money(root.returned, root.payment.invoice.currency)

    @staticmethod
    def resolve_sent(root: models.Allocation, info: graphene.ResolveInfo) -> Money | None:
        return money(root.sent_amount, root.payment.invoice.currency)

    @staticmethod
    def resolve_proposed_by(root: models.Allocation, info: graphene.ResolveInfo) -> str | None:
        return name_of(root.proposed_by) if viewer(info).is_operator else None

    @staticmethod
    def resolve_invoice(root: models.Allocation, info: graphene.ResolveInfo) -> Any:
        invoice = root.payment.invoice
        return invoice if actors(viewer(info), invoice) else None


class CommissionLine(graphene.ObjectType):
    """What a party earned of one payment."""

    released_on = graphene.Date(required=True)
    invoice = graphene.String(required=True, description="Its reference.")
    role = graphene.Field(ShareRole, required=True)
    paid = graphene.Field(Money, required=True)
    rate = graphene.Int(description="In basis points; null for who gets the remainder.")
    amount = graphene.Field(Money, required=True)
    given_back = graphene.Field(Money, required=True, description="As of now.")

    @staticmethod
    def resolve_paid(root: Line, info: graphene.ResolveInfo) -> Money | None:
        return money(root.paid.amount, root.paid.currency)

    @staticmethod
    def resolve_amount(root: Line, info: graphene.ResolveInfo) -> Money | None:
        return money(root.amount.amount, root.amount.currency)

    @staticmethod
    def resolve_given_back(root: Line, info: graphene.ResolveInfo) -> Money | None:
        return money(root.given_back.amount, root.given_back.currency)


class CommissionStatement(graphene.ObjectType):
    """What a party earned of the payments released in a period."""

    organisation = graphene.Field(Organisation, required=True)
    start = graphene.Date(required=True)
    end = graphene.Date(required=True)
    lines = graphene.List(graphene.NonNull(CommissionLine), required=True)
    totals = graphene.List(
        graphene.NonNull(Money), required=True, description="Less what was given back."
    )
    csv = graphene.String(required=True, description=f"Its path, good for {LIFETIME} seconds.")
    pdf = graphene.String(
        required=True,
        language=Language(default_value="en"),
        description=f"Its path, good for {LIFETIME} seconds.",
    )

    @staticmethod
    def resolve_totals(root: Commissions, info: graphene.ResolveInfo) -> list[Money | None]:
        return [money(one.amount, one.currency) for one in root.totals.values()]

    @staticmethod
    def resolve_csv(root: Commissions, info: graphene.ResolveInfo) -> str:
        return commissions_link(root, "csv")

    @staticmethod
    def resolve_pdf(root: Commissions, info: graphene.ResolveInfo, language: str) -> str:
        return commissions_link(root, "pdf", language)
