"""The books: double entry, append-only, balanced by the database itself.

Amounts are signed minor units: what we own and spend is positive, what we owe and earn negative.
The triggers of migration 0002 hold the sum of a posting at nought in each currency and refuse
UPDATE, DELETE and TRUNCATE; a mistake is mended by a reverse posting.
"""

from __future__ import annotations

from django.db import models

from marketplace.accounts.models import Organisation
from marketplace.core.models import Record


class Account(models.TextChoices):
    STRIPE = "stripe", "Balance at Stripe"
    BANK = "bank", "Bank"
    FUNDS_HELD = "funds_held", "Received for an invoice, not yet released"
    PAYABLE = "payable", "Owed to a party"
    REVENUE_FEE = "revenue_fee", "Platform fees"
    STRIPE_FEE = "stripe_fee", "Stripe's fees"
    RECEIVABLE_DISPUTE = "receivable_dispute", "Taken back by a bank, not yet decided"
    LOSS = "loss", "Losses"
    WITHHOLDING_TAX = "withholding_tax", "Tax kept by payers, against certificates"
    UNMATCHED = "unmatched", "Received, belongs to no invoice yet"
    WRITTEN_OFF = "written_off", "Claims that issuers gave up; not our money"
    CLAIMS = "claims", "Against them"
    FX = "fx", "Exchanged"
    FX_DIFFERENCE = "fx_difference", "Exchange differences"


class Posting(Record):
    """One fact, booked once: `ref` names it, such as charge:ch_1."""

    ref = models.CharField(max_length=200, unique=True)
    booked_on = models.DateField(db_index=True)
    memo = models.CharField(max_length=300, blank=True)
    balance_transaction = models.CharField(
        max_length=80, null=True, blank=True, unique=True, help_text="Stripe's, where there is one."
    )
    reverses = models.OneToOneField(
        "self", models.PROTECT, related_name="reversed_by", null=True, blank=True
    )

    def __str__(self) -> str:
        return self.ref


class Entry(models.Model):
    posting = models.ForeignKey(Posting, models.PROTECT, related_name="entries")
    account = models.CharField(max_length=24, choices=Account.choices)
    party = models.ForeignKey(Organisation, models.PROTECT, related_name="+", null=True, blank=True)
    subject = models.CharField(max_length=60, blank=True, help_text="Id of the invoice.")
    currency = models.CharField(max_length=3)
    amount = models.BigIntegerField(help_text="Signed minor units.")

    class Meta:
        indexes = [
            models.Index(
                fields=["account", "party", "subject", "currency"],
                include=["amount"],
                name="ledger_balance",
            )
        ]
        constraints = [
            models.CheckConstraint(condition=~models.Q(amount=0), name="an_entry_moves_money"),
            models.CheckConstraint(
                condition=models.Q(currency__regex=r"^[A-Z]{3}$"), name="an_entry_has_a_currency"
            ),
            models.CheckConstraint(
                condition=~models.Q(account="payable") | models.Q(party__isnull=False),
                name="a_payable_has_a_party",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.account} {self.currency} {self.amount}"


class FxRate(models.Model):
    """`rate` units of `quote` for one of `base`, as published for a day by `source`."""

    base = models.CharField(max_length=3)
    quote = models.CharField(max_length=3)
    on = models.DateField()
    rate = models.DecimalField(max_digits=18, decimal_places=8)
    source = models.CharField(max_length=80)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["base", "quote", "on"], name="one_rate_a_day"),
            models.CheckConstraint(condition=models.Q(rate__gt=0), name="a_rate_is_above_nought"),
        ]

    def __str__(self) -> str:
        return f"{self.base}/{self.quote} {self.on} {self.rate}"
