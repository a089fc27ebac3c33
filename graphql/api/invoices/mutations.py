from __future__ import annotations

import graphene
from django.utils import timezone

from api.auth import viewer
from api.ids import parse_id
from api.mutation import Mutation
from marketplace.core.calendar import day_of
from marketplace.core.errors import Conflict
from marketplace.invoices import models, payouts, services
from marketplace.invoices.paying import payment_cancel, payment_open, payment_start
from marketplace.payments.gateway import GatewayError
from marketplace.payments.stripe_gateway import stripe_gateway

from .types import Invoice, Payment


class InvoicePay(Mutation):
    """Start to pay through Stripe: with the client secret the browser does the rest. Asked again,
    it is the same payment."""

    atomic = False  # Stripe is called after the payment is kept
    invoice = graphene.Field(Invoice)
    client_secret = graphene.String(description="For Stripe's own form.")

    class Arguments:
        id = graphene.ID(required=True)
        in_parts = graphene.Boolean(description="By instalments, where one charge is too much.")

    @classmethod
    def perform(
        cls, info: graphene.ResolveInfo, id: str, in_parts: bool | None = None
    ) -> InvoicePay:
        payment = payment_start(
            viewer=viewer(info), invoice_id=parse_id(id, "Invoice"), in_parts=bool(in_parts)
        )
        try:
            opened = payment_open(payment.pk, stripe_gateway(), now=timezone.now())
        except GatewayError:
            raise Conflict(
                "The payment service does not answer; try again, or pay by bank wire with "
                f"reference {payment.invoice.wire_reference}.",
                field=("id",),
            ) from None
        return cls(invoice=payment.invoice, client_secret=opened.client_secret)


class InvoiceVoid(Mutation):
    """Take back an invoice that nobody has paid or is paying."""

    invoice = graphene.Field(Invoice)

    class Arguments:
        id = graphene.ID(required=True)

    @classmethod
    def perform(cls, info: graphene.ResolveInfo, id: str) -> InvoiceVoid:
        pk = parse_id(id, "Invoice")
        return cls(invoice=services.invoice_void(viewer=viewer(info), invoice_id=pk))


class InvoiceHold(Mutation):
    """Have nothing of what was paid passed on until operators end the hold."""

    invoice = graphene.Field(Invoice)

    class Arguments:
        id = graphene.ID(required=True)
        reason = graphene.String(required=True)

    @classmethod
    def perform(cls, info: graphene.ResolveInfo, id: str, reason: str) -> InvoiceHold:
        return cls(
            invoice=services.invoice_hold(
                viewer=viewer(info), invoice_id=parse_id(id, "Invoice"), reason=reason
            )
        )


class InvoiceHoldEnd(Mutation):
    """End what parties hold an invoice for; for operators. Disputes end by themselves."""

    invoice = graphene.Field(Invoice)

    class Arguments:
        id = graphene.ID(required=True)

    @classmethod
    def perform(cls, info: graphene.ResolveInfo, id: str) -> InvoiceHoldEnd:
        pk = parse_id(id, "Invoice")
        return cls(invoice=services.invoice_hold_end(viewer=viewer(info), invoice_id=pk))


class InvoiceWriteOff(Mutation):
    """Ask no longer for what is not paid; for operators. Money that comes all the same counts."""

    invoice = graphene.Field(Invoice)

    class Arguments:
        id = graphene.ID(required=True)
        reason = graphene.String(required=True)

    @classmethod
    def perform(cls, info: graphene.ResolveInfo, id: str, reason: str) -> InvoiceWriteOff:
        return cls(
            invoice=services.invoice_write_off(
                viewer=viewer(info),
                invoice_id=parse_id(id, "Invoice"),
                reason=reason,
                now=timezone.now(),
            )
        )


class InvoiceReviewEnd(Mutation):
    """Say what came of what had to be looked at; for operators. It holds nothing any more."""

    invoice = graphene.Field(Invoice)

    class Arguments:
        id = graphene.ID(required=True)
        outcome = graphene.String(required=True)

    @classmethod
    def perform(cls, info: graphene.ResolveInfo, id: str, outcome: str) -> InvoiceReviewEnd:
        return cls(
            invoice=services.invoice_review_end(
                viewer=viewer(info), invoice_id=parse_id(id, "Invoice"), outcome=outcome
            )
        )


class PaymentCancel(Mutation):
    """Give up a payment through Stripe that has not come in; for operators."""

    payment = graphene.Field(Payment)

    class Arguments:
        id = graphene.ID(required=True)

    @classmethod
    def perform(cls, info: graphene.ResolveInfo, id: str) -> PaymentCancel:
        pk = parse_id(id, "Payment")
        return cls(payment=payment_cancel(viewer=viewer(info), payment_id=pk))


class InvoiceRelease(Mutation):
    """Pass on what was paid to those it is for; for operators, where nothing holds it."""

    invoice = graphene.Field(Invoice)

    class Arguments:
        id = graphene.ID(required=True)

    @classmethod
    def perform(cls, info: graphene.ResolveInfo, id: str) -> InvoiceRelease:
        pk = parse_id(id, "Invoice")
        payouts.invoice_release(viewer=viewer(info), invoice_id=pk, today=day_of(timezone.now()))
        return cls(invoice=models.Invoice.objects.get(pk=pk))


class InvoiceMutations(graphene.ObjectType):
    invoice_pay = InvoicePay.Field(required=True)
    invoice_void = InvoiceVoid.Field(required=True)
    invoice_hold = InvoiceHold.Field(required=True)
    invoice_hold_end = InvoiceHoldEnd.Field(required=True)
    invoice_write_off = InvoiceWriteOff.Field(required=True)
    invoice_review_end = InvoiceReviewEnd.Field(required=True)
    payment_cancel = PaymentCancel.Field(required=True)
    invoice_release = InvoiceRelease.Field(required=True)
