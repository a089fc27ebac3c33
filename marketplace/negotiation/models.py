"""Talks over terms: offers that answer one another until one is accepted."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from marketplace.accounts.models import Organisation, User
from marketplace.core.models import Record
from marketplace.deals.models import Deal, Mandate


class Negotiation(Record):
    class State(models.TextChoices):
        TALKING = "talking"
        ACCEPTED = "accepted", "agreed in principle, the rights locked for the buyer"
        LAPSED = "lapsed", "the exclusivity ended without an agreement"
        CONCLUDED = "concluded", "there is an agreement"

    deal = models.OneToOneField(Deal, models.PROTECT, related_name="negotiation")
    state = models.CharField(max_length=9, choices=State.choices, default=State.TALKING)
    accepted = models.ForeignKey("Offer", models.PROTECT, related_name="+", null=True, blank=True)
    locked_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state="talking", accepted=None, locked_until=None)
                | (~Q(state="talking") & Q(accepted__isnull=False, locked_until__isnull=False)),
                name="accepted_is_an_offer_and_locks",
            )
        ]

    def __str__(self) -> str:
        return f"{self.state} of {self.deal_id}"


class Offer(Record):
    """A version of the term sheet, as one side proposes it; never changed."""

    class Side(models.TextChoices):
        LICENSOR = "licensor"
        BUYER = "buyer"

    negotiation = models.ForeignKey(Negotiation, models.PROTECT, related_name="offers")
    number = models.PositiveIntegerField()
    side = models.CharField(max_length=8, choices=Side.choices)
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    author = models.ForeignKey(User, models.PROTECT, related_name="+")
    mandate = models.ForeignKey(Mandate, models.PROTECT, related_name="+", null=True, blank=True)
    terms = models.JSONField(help_text="As terms.Terms has them.")
    sha256 = models.CharField(max_length=64, help_text="Of the terms.")
    message = models.TextField(blank=True)
    made_at = models.DateTimeField()

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["negotiation", "number"], name="one_offer_a_number")
        ]

    def __str__(self) -> str:
        return f"{self.side} {self.number}"


class Comment(Record):
    negotiation = models.ForeignKey(Negotiation, models.PROTECT, related_name="comments")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    author = models.ForeignKey(User, models.PROTECT, related_name="+")
    text = models.TextField()
    made_at = models.DateTimeField()

    class Meta:
        ordering = ["made_at", "pk"]

    def __str__(self) -> str:
        return self.text[:60]
