from __future__ import annotations

from datetime import date
from uuid import UUID

import graphene

from api.auth import viewer
from api.connection import PAGE_ARGUMENTS, Page, connection_of, page
from api.ids import parse_id, parse_optional_id
from api.invoices.queries import with_invoices
from api.scalars import AllocationState
from marketplace.core.errors import Invalid, NotFound
from marketplace.invoices import models, selectors
from marketplace.invoices.commissions import Commissions, commissions_for
from marketplace.payments.payout_accounts import PayoutStatus as Status
from marketplace.payments.payout_accounts import payout_status

from .types import Allocation, CommissionStatement, PayoutStatus

AllocationConnection = connection_of(Allocation)


class PayoutQueries(graphene.ObjectType):
    payouts = graphene.Field(
        AllocationConnection,
        required=True,
        party=graphene.ID(),
        state=AllocationState(),
        **PAGE_ARGUMENTS,
        description="What parties get of payments, whose books you keep; newest first.",
    )
    payout_status = graphene.Field(
        PayoutStatus,
        organisation=graphene.ID(required=True),
        currency=graphene.String(required=True),
        description="For the organisation's finance and operators; null for all others.",
    )
    commission_statement = graphene.Field(
        CommissionStatement,
        organisation=graphene.ID(required=True),
        start=graphene.Date(required=True),
        end=graphene.Date(required=True),
        description="For the organisation's finance and operators; null for all others.",
    )

    @staticmethod
    def resolve_payouts(
        root: None,
        info: graphene.ResolveInfo,
        first: int | None = None,
        after: str | None = None,
        party: str | None = None,
        state: str | None = None,
    ) -> Page:
        rows = selectors.allocations(viewer(info), state)
        pk = parse_optional_id(party, "Organisation", field=("party",))
        if pk is not None:
            rows = rows.filter(share__party=pk)
        return page(with_invoices(rows, info, "payment__invoice"), first=first, after=after)

    @staticmethod
    def resolve_payout_status(
        root: None, info: graphene.ResolveInfo, organisation: str, currency: str
    ) -> Status | None:
        pk = parse_id(organisation, "Organisation", field=("organisation",))
        try:
            return payout_status(viewer(info), pk, currency.strip().upper())
        except NotFound:
            return None

    @staticmethod
    def resolve_commission_statement(
        root: None, info: graphene.ResolveInfo, organisation: str, start: date, end: date
    ) -> Commissions | None:
        pk = parse_id(organisation, "Organisation", field=("organisation",))
        if end < start:
            raise Invalid("It ends before it starts.", field=("end",))
        try:
            return commissions_for(viewer(info), pk, start, end)
        except NotFound:
            return None


def allocation_node(info: graphene.ResolveInfo, pk: UUID) -> models.Allocation | None:
    return selectors.allocations(viewer(info)).filter(pk=pk).first()
