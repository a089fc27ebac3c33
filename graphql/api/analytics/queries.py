from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import graphene
from django.utils import timezone

from api.auth import language_of, viewer
from api.ids import parse_id, parse_optional_id
from api.scalars import Language
from marketplace.analytics.selectors import figures
from marketplace.core.errors import NotFound
from marketplace.feedback.advice import advice

from .types import Analytics


class AnalyticsQueries(graphene.ObjectType):
    analytics = graphene.Field(
        Analytics,
        organisation=graphene.ID(required=True),
        listing=graphene.ID(description="Only this one."),
        weeks=graphene.Int(default_value=12, description="The last ones, at most 53."),
        language=Language(description="Of the advice; else yours."),
        description="For an owner's people and those who hold its mandate; null for all others.",
    )

    @staticmethod
    def resolve_analytics(
        root: None,
        info: graphene.ResolveInfo,
        organisation: str,
        listing: str | None = None,
        weeks: int | None = None,
        language: str | None = None,
    ) -> Any:
        try:
            found = figures(
                viewer(info),
                parse_id(organisation, "Organisation", field=("organisation",)),
                listing_id=parse_optional_id(listing, "Listing", field=("listing",)),
                weeks=12 if weeks is None else weeks,
                now=timezone.now(),
            )
        except NotFound:
            return None
        speaks = language_of(info, language)
        return SimpleNamespace(
            weeks=found.weeks,
            listings=found.listings,
            feedback=[
                SimpleNamespace(
                    listing=about,
                    reason=reason,
                    buyers=buyers,
                    advice=advice(reason, buyers, speaks),
                )
                for about, reason, buyers in found.feedback
            ],
        )
