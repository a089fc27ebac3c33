from __future__ import annotations

from uuid import UUID

import graphene

from api.auth import viewer
from api.connection import PAGE_ARGUMENTS, Page, connection_of, page
from api.invoices.queries import with_invoices
from api.scalars import RefundState
from marketplace.invoices import models, selectors

from .types import Refund

RefundConnection = connection_of(Refund)


class RefundQueries(graphene.ObjectType):
    refunds = graphene.Field(
        RefundConnection,
        required=True,
        state=RefundState(),
        **PAGE_ARGUMENTS,
        description="Those of the invoices that you see; newest first.",
    )

    @staticmethod
    def resolve_refunds(
        root: None,
        info: graphene.ResolveInfo,
        first: int | None = None,
        after: str | None = None,
        state: str | None = None,
    ) -> Page:
        rows = selectors.refunds(viewer(info), state)
        return page(with_invoices(rows, info, "payment__invoice"), first=first, after=after)


def refund_node(info: graphene.ResolveInfo, pk: UUID) -> models.Refund | None:
    return selectors.refunds(viewer(info)).filter(pk=pk).first()
