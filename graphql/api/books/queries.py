from __future__ import annotations

from datetime import date

import graphene
from django.utils import timezone

from api.auth import viewer
from api.connection import MAX_PAGE, PAGE_ARGUMENTS, Page, connection_of, page
from api.rulebook.types import ExchangeRate
from api.scalars import LedgerAccount
from marketplace.core.calendar import day_of
from marketplace.ledger import models
from marketplace.ledger.exchange import published_rates
from marketplace.ledger.trial_balance import TrialLine as Line
from marketplace.ledger.trial_balance import postings, trial_balance

from .types import Posting, TrialLine

PostingConnection = connection_of(Posting)


class BookQueries(graphene.ObjectType):
    trial_balance = graphene.List(
        graphene.NonNull(TrialLine),
        on=graphene.Date(description="Today unless given."),
        description="All accounts of the books; null unless you are an operator.",
    )
    postings = graphene.Field(
        PostingConnection,
        required=True,
        account=LedgerAccount(),
        **PAGE_ARGUMENTS,
        description="The newest first; for operators.",
    )
    fx_rates = graphene.List(
        graphene.NonNull(ExchangeRate),
        required=True,
        base=graphene.String(required=True),
        quote=graphene.String(required=True),
        description=f"The last {MAX_PAGE} published rates, the newest first.",
    )

    @staticmethod
    def resolve_trial_balance(
        root: None, info: graphene.ResolveInfo, on: date | None = None
    ) -> list[Line] | None:
        who = viewer(info)
        return trial_balance(who, on or day_of(timezone.now())) if who.is_operator else None

    @staticmethod
    def resolve_postings(
        root: None,
        info: graphene.ResolveInfo,
        first: int | None = None,
        after: str | None = None,
        account: str | None = None,
    ) -> Page:
        return page(postings(viewer(info), account), first=first, after=after)

    @staticmethod
    def resolve_fx_rates(
        root: None, info: graphene.ResolveInfo, base: str, quote: str
    ) -> list[models.FxRate]:
        return list(published_rates(base.upper(), quote.upper())[:MAX_PAGE])
