from __future__ import annotations

import graphene
from django.utils import timezone

from api.auth import viewer
from api.ids import parse_id
from api.mutation import Mutation
from marketplace.invoices import refunds

from .types import Refund


class RefundRequest(Mutation):
    """Give part of a payment back or all of it, for the issuer's finance and operators: the way it
    came, or by wire, which a second person confirms once it is sent."""

    refund = graphene.Field(Refund)

    class Arguments:
        payment = graphene.ID(required=True)
        amount = graphene.BigInt(required=True, description="In minor units of the invoice.")
        reason = graphene.String(required=True)
        by_wire = graphene.Boolean(default_value=False, required=True)

    @classmethod
    def perform(
        cls, info: graphene.ResolveInfo, payment: str, amount: int, reason: str, by_wire: bool
    ) -> RefundRequest:
        return cls(
            refund=refunds.refund_request(
                viewer=viewer(info),
                payment_id=parse_id(payment, "Payment", field=("payment",)),
                amount=amount,
                reason=reason,
                by_wire=by_wire,
                now=timezone.now(),
            )
        )


class RefundWireConfirm(Mutation):
    """Say that a refund was sent by wire; for an operator other than who asked for it."""

    refund = graphene.Field(Refund)

    class Arguments:
        id = graphene.ID(required=True)
        bank_reference = graphene.String(required=True)

    @classmethod
    def perform(cls, info: graphene.ResolveInfo, id: str, bank_reference: str) -> RefundWireConfirm:
        return cls(
            refund=refunds.refund_wire_confirm(
                viewer=viewer(info),
                refund_id=parse_id(id, "Refund"),
                bank_reference=bank_reference,
                now=timezone.now(),
            )
        )


class RefundWireWithdraw(Mutation):
    """Say that a refund by wire is not sent after all; for operators."""

    refund = graphene.Field(Refund)

    class Arguments:
        id = graphene.ID(required=True)

    @classmethod
    def perform(cls, info: graphene.ResolveInfo, id: str) -> RefundWireWithdraw:
        pk = parse_id(id, "Refund")
        return cls(refund=refunds.refund_wire_withdraw(viewer=viewer(info), refund_id=pk))


class RefundMutations(graphene.ObjectType):
    refund_request = RefundRequest.Field(required=True)
    refund_wire_confirm = RefundWireConfirm.Field(required=True)
    refund_wire_withdraw = RefundWireWithdraw.Field(required=True)
