from __future__ import annotations

from typing import Any

import graphene
from graphene.relay import Node

from api.scalars import Money, RefundState, money
from api.wires.types import INVOICE, name_of
from marketplace.invoices import models


class Refund(graphene.ObjectType):
    """Money on its way back to the payer."""

    class Meta:
        interfaces = (Node,)

    state = graphene.Field(RefundState, required=True)
    amount = graphene.Field(Money, required=True)
    reason = graphene.String(required=True)
    by_wire = graphene.Boolean(required=True)
    bank_reference = graphene.String(required=True, description="Of the wire, once it is sent.")
    requested_by = graphene.String()
    confirmed_by = graphene.String()
    invoice = graphene.Field(INVOICE, required=True)
    created_at = graphene.DateTime(required=True)

    @staticmethod
    def resolve_amount(root: models.Refund, info: graphene.ResolveInfo) -> Money | None:
        return money(root.amount, root.payment.invoice.currency)

    @staticmethod
    def resolve_requested_by(root: models.Refund, info: graphene.ResolveInfo) -> str | None:
        return name_of(root.requested_by)

    @staticmethod
    def resolve_confirmed_by(root: models.Refund, info: graphene.ResolveInfo) -> str | None:
        return name_of(root.confirmed_by)

    @staticmethod
    def resolve_invoice(root: models.Refund, info: graphene.ResolveInfo) -> Any:
        return root.payment.invoice
