from __future__ import annotations

from datetime import date
from typing import Any, TypeVar
from uuid import UUID

import graphene
from django.db.models import Model, QuerySet

from api.auth import viewer
from api.connection import PAGE_ARGUMENTS, Page, connection_of, page
from api.ids import parse_id
from api.prefetch import prefetch
from api.scalars import InvoiceState
from marketplace.core.errors import Invalid, NotFound
from marketplace.core.money import Money as Amount
from marketplace.core.territory import territory
from marketplace.invoices import models, selectors
from marketplace.invoices.policies import visible_to
from marketplace.ledger.selectors import Statement as Books
from marketplace.ledger.selectors import statement_for
from marketplace.payments.routes import Route, routes

from .types import Invoice, PaymentRoute, Statement, lookups

M = TypeVar("M", bound=Model)
InvoiceConnection = connection_of(Invoice)


class InvoiceQueries(graphene.ObjectType):
    invoice = graphene.Field(Invoice, id=graphene.ID(required=True))
    invoices = graphene.Field(
        InvoiceConnection,
        required=True,
        state=InvoiceState(),
        to_review=graphene.Boolean(description="What operators must look at; for them alone."),
        **PAGE_ARGUMENTS,
        description="Those whose books you keep, as finance of issuer or payer; newest first.",
    )
    payment_routes = graphene.List(
        graphene.NonNull(PaymentRoute),
        required=True,
        amount=graphene.BigInt(required=True, description="In minor units."),
        currency=graphene.String(required=True),
        payer_country=graphene.String(required=True),
        payee_country=graphene.String(required=True),
        recurring=graphene.Boolean(default_value=False, required=True),
        description="Every way to pay an amount, each with the reason for or against it.",
    )
    statement = graphene.Field(
        Statement,
        organisation=graphene.ID(required=True),
        start=graphene.Date(required=True),
        end=graphene.Date(required=True),
        description="For the organisation's finance; null for all others.",
    )

    @staticmethod
    def resolve_invoice(root: None, info: graphene.ResolveInfo, id: str) -> models.Invoice | None:
        return invoice_node(info, parse_id(id, "Invoice"))

    @staticmethod
    def resolve_invoices(
        root: None,
        info: graphene.ResolveInfo,
        first: int | None = None,
        after: str | None = None,
        state: str | None = None,
        to_review: bool | None = None,
    ) -> Page:
        rows = visible(info)
        if state:
            rows = rows.filter(state=state)
        if to_review:
            rows = rows.exclude(review="") if viewer(info).is_operator else rows.none()
        return page(rows, first=first, after=after)

    @staticmethod
    def resolve_payment_routes(
        root: None, info: graphene.ResolveInfo, amount: int, currency: str, **given: Any
    ) -> list[Route]:
        if amount <= 0:
            raise Invalid("An amount is above nought, such as 500.", field=("amount",))
        return routes(
            Amount(amount, currency.strip().upper()),
            payer_country=territory(given["payer_country"], field=("payer_country",)),
            payee_country=territory(given["payee_country"], field=("payee_country",)),
            recurring=given["recurring"],
        )

    @staticmethod
    def resolve_statement(
        root: None, info: graphene.ResolveInfo, organisation: str, start: date, end: date
    ) -> Books | None:
        pk = parse_id(organisation, "Organisation", field=("organisation",))
        if end < start:
            raise Invalid("It ends before it starts.", field=("end",))
        try:
            return statement_for(viewer(info), pk, start, end)
        except NotFound:
            return None


def visible(info: graphene.ResolveInfo) -> QuerySet[models.Invoice]:
    rows = visible_to(viewer(info)).select_related("issuer", "payer").prefetch_related("payments")
    return prefetch(rows, info, lookups())


def with_invoices(
    rows: QuerySet[M], info: graphene.ResolveInfo, to: str = "invoice"
) -> QuerySet[M]:
    """Rows with what is asked of the invoice of each, which is at `to`, in a fixed number of
    statements."""
    rows = rows.select_related(f"{to}__issuer", f"{to}__payer")
    below = lookups("invoice.", f"{to}__")
    return prefetch(rows, info, {"invoice": [f"{to}__payments"], **below})


def payment_node(info: graphene.ResolveInfo, pk: UUID) -> models.Payment | None:
    return selectors.payments(viewer(info)).filter(pk=pk).first()


def invoice_node(info: graphene.ResolveInfo, pk: UUID) -> models.Invoice | None:
    return visible(info).filter(pk=pk).first()
