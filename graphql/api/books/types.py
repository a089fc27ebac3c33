from __future__ import annotations

from typing import Any

import graphene

from api.accounts.types import Organisation
from api.scalars import LedgerAccount, Money, money
from marketplace.ledger import models
from marketplace.ledger.trial_balance import TrialLine as Line


class TrialLine(graphene.ObjectType):
    """An account of the books in one currency. Positive is what we own or spend."""

    account = graphene.Field(LedgerAccount, required=True)
    name = graphene.String(required=True)
    debits = graphene.Field(Money, required=True)
    credits = graphene.Field(Money, required=True)
    balance = graphene.Field(Money, required=True)

    @staticmethod
    def resolve_debits(root: Line, info: graphene.ResolveInfo) -> Money | None:
        return money(root.debits.amount, root.debits.currency)

    @staticmethod
    def resolve_credits(root: Line, info: graphene.ResolveInfo) -> Money | None:
        return money(root.credits.amount, root.credits.currency)

    @staticmethod
    def resolve_balance(root: Line, info: graphene.ResolveInfo) -> Money | None:
        return money(root.balance.amount, root.balance.currency)


class Entry(graphene.ObjectType):
    """One side of a posting."""

    account = graphene.Field(LedgerAccount, required=True)
    party = graphene.Field(Organisation)
    amount = graphene.Field(Money, required=True)

    @staticmethod
    def resolve_amount(root: models.Entry, info: graphene.ResolveInfo) -> Money | None:
        return money(root.amount, root.currency)


class Posting(graphene.ObjectType):
    """A fact as it is booked; its entries come to nought in each currency."""

    ref = graphene.String(required=True, description="The fact.")
    booked_on = graphene.Date(required=True)
    memo = graphene.String(required=True)
    balance_transaction = graphene.String(description="Stripe's, where there is one.")
    entries = graphene.List(graphene.NonNull(Entry), required=True)
    created_at = graphene.DateTime(required=True)

    @staticmethod
    def resolve_entries(root: models.Posting, info: graphene.ResolveInfo) -> Any:
        return root.entries.all()
