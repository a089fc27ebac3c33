from __future__ import annotations

from typing import Any
from uuid import UUID

import graphene
from django.db.models import QuerySet
from django.utils import timezone

from api.auth import viewer
from api.connection import PAGE_ARGUMENTS, Page, connection_of, page
from api.ids import parse_id, parse_optional_id
from api.prefetch import prefetch
from api.scalars import DealState, Language, MandateState
from marketplace.core.language import Language as Languages
from marketplace.deals import models
from marketplace.deals.questions import QUESTIONS, Question
from marketplace.deals.selectors import deals_visible_to, mandates_visible_to

from .types import MANDATE_PREFETCH, PREFETCH, Deal, Mandate

DealConnection = connection_of(Deal)
MandateConnection = connection_of(Mandate)


class EnquiryQuestion(graphene.ObjectType):
    """One of the standard questions that an enquiry answers."""

    name = graphene.String(required=True, description="Of the field in enquirySend.")
    text = graphene.String(
        required=True, language=Language(default_value=Languages.EN.value, required=True)
    )
    limit = graphene.Int(required=True, description="In characters.")

    @staticmethod
    def resolve_text(root: Question, info: graphene.ResolveInfo, language: str) -> str:
        return root.text[language]


class DealQueries(graphene.ObjectType):
    deal = graphene.Field(Deal, id=graphene.ID(required=True))
    deals = graphene.Field(
        DealConnection,
        required=True,
        listing=graphene.ID(),
        state=DealState(),
        **PAGE_ARGUMENTS,
        description="Those you may see, newest first.",
    )
    mandate = graphene.Field(Mandate, id=graphene.ID(required=True))
    mandates = graphene.Field(
        MandateConnection,
        required=True,
        state=MandateState(),
        **PAGE_ARGUMENTS,
        description="Those your organisations gave or hold, newest first.",
    )
    enquiry_questions = graphene.List(graphene.NonNull(EnquiryQuestion), required=True)

    @staticmethod
    def resolve_deal(root: None, info: graphene.ResolveInfo, id: str) -> models.Deal | None:
        return deal_node(info, parse_id(id, "Deal"))

    @staticmethod
    def resolve_deals(
        root: None,
        info: graphene.ResolveInfo,
        first: int | None = None,
        after: str | None = None,
        **chosen: Any,
    ) -> Page:
        rows = visible(info)
        listing = parse_optional_id(chosen.get("listing"), "Listing", field=("listing",))
        if listing:
            rows = rows.filter(listing=listing)
        if chosen.get("state"):
            rows = rows.filter(state=chosen["state"])
        return page(rows, first=first, after=after)

    @staticmethod
    def resolve_mandate(root: None, info: graphene.ResolveInfo, id: str) -> models.Mandate | None:
        return mandate_node(info, parse_id(id, "Mandate"))

    @staticmethod
    def resolve_mandates(
        root: None,
        info: graphene.ResolveInfo,
        first: int | None = None,
        after: str | None = None,
        state: str | None = None,
    ) -> Page:
        rows = prefetch(mandates_visible_to(viewer(info)), info, MANDATE_PREFETCH)
        return page(rows.filter(state=state) if state else rows, first=first, after=after)

    @staticmethod
    def resolve_enquiry_questions(root: None, info: graphene.ResolveInfo) -> tuple[Question, ...]:
        return QUESTIONS


def visible(info: graphene.ResolveInfo) -> QuerySet[models.Deal]:
    rows = deals_visible_to(viewer(info), timezone.now()).prefetch_related("ndas")
    return prefetch(rows, info, PREFETCH)


def deal_node(info: graphene.ResolveInfo, pk: UUID) -> models.Deal | None:
    return visible(info).filter(pk=pk).first()


def mandate_node(info: graphene.ResolveInfo, pk: UUID) -> models.Mandate | None:
    return mandates_visible_to(viewer(info)).filter(pk=pk).first()


def nda_node(info: graphene.ResolveInfo, pk: UUID) -> models.Nda | None:
    deals = deals_visible_to(viewer(info), timezone.now())
    return models.Nda.objects.filter(deal__in=deals, pk=pk).first()
