from __future__ import annotations

from datetime import date
from decimal import Decimal

import graphene
from django.utils import timezone

from api.auth import viewer
from api.mutation import Mutation
from api.rulebook.types import ExchangeRate
from marketplace.core.calendar import day_of
from marketplace.ledger.exchange import fx_rate_enter


class FxRateEnter(Mutation):
    """Enter a rate that somebody published for a day; for operators."""

    rate = graphene.Field(ExchangeRate)

    class Arguments:
        base = graphene.String(required=True, description="Such as USD.")
        quote = graphene.String(required=True, description="Such as HKD.")
        on = graphene.Date(required=True)
        rate = graphene.Decimal(required=True, description="Units of quote for one of base.")
        source = graphene.String(required=True, description="Who published it.")

    @classmethod
    def perform(
        cls,
        info: graphene.ResolveInfo,
        base: str,
        quote: str,
        on: date,
        rate: Decimal,
        source: str,
    ) -> FxRateEnter:
        return cls(
            rate=fx_rate_enter(
                viewer=viewer(info),
                base=base,
                quote=quote,
                on=on,
                rate=rate,
                source=source,
                today=day_of(timezone.now()),
            )
        )


class BookMutations(graphene.ObjectType):
    fx_rate_enter = FxRateEnter.Field(required=True)
