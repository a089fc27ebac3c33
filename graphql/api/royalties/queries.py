"""Doors of `node(id)`; all else is read from the agreement's `schedule`."""

from __future__ import annotations

from typing import Any, TypeVar
from uuid import UUID

import graphene
from django.utils import timezone

from api.auth import viewer
from marketplace.deals.selectors import deals_visible_to
from marketplace.royalties.models import Audit, Milestone, RoyaltyStatement
from marketplace.royalties.policies import may_read

Row = TypeVar("Row", Milestone, RoyaltyStatement, Audit)


def milestone_node(info: graphene.ResolveInfo, pk: UUID) -> Milestone | None:
    return readable(Milestone, info, pk)


def statement_node(info: graphene.ResolveInfo, pk: UUID) -> RoyaltyStatement | None:
    return readable(RoyaltyStatement, info, pk)


def audit_node(info: graphene.ResolveInfo, pk: UUID) -> Audit | None:
    return readable(Audit, info, pk)


def readable(model: type[Row], info: graphene.ResolveInfo, pk: UUID) -> Row | None:
    deals: Any = deals_visible_to(viewer(info), timezone.now())
    rows = model._default_manager.filter(pk=pk, agreement__deal__in=deals)
    row = rows.select_related("agreement__deal__licensor", "agreement__deal__buyer").first()
    return row if row is not None and may_read(viewer(info), row.agreement) else None
