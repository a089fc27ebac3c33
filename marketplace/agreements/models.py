"""Licence agreements: drawn up from an accepted offer, signed by both, active for a period."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from marketplace.accounts.models import User
from marketplace.core.models import Record
from marketplace.deals.models import Deal
from marketplace.documents.models import Document
from marketplace.listings.models import Listing


class Agreement(Record):
    class State(models.TextChoices):
        DRAWN_UP = "drawn_up", "waits for signatures"
        SIGNED = "signed", "by both, not active yet"
        ACTIVE = "active"
        SUSPENDED = "suspended"
        TERMINATED = "terminated"
        EXPIRED = "expired"
        ABANDONED = "abandoned", "given up before it was active"

    deal = models.ForeignKey(Deal, models.PROTECT, related_name="agreements")
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAWN_UP)
    terms = models.JSONField(help_text="In force or to be, as negotiation.terms has them.")
    document = models.ForeignKey(
        Document, models.PROTECT, related_name="+", help_text="Of these terms."
    )
    express = models.ForeignKey(
        "ExpressOffer", models.PROTECT, related_name="agreements", null=True, blank=True
    )
    signed_at = models.DateTimeField(null=True, blank=True, help_text="By the last party.")
    activated_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    reason = models.TextField(blank=True, help_text="Why it was suspended or terminated.")
    revision = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["deal"],
                condition=~Q(state__in=["terminated", "expired", "abandoned"]),
                name="one_live_agreement_a_deal",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["drawn_up", "abandoned"]) | Q(signed_at__isnull=False),
                name="what_is_signed_has_its_time",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["active", "suspended"]) | Q(activated_at__isnull=False),
                name="what_is_active_has_its_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.state} agreement of {self.deal_id}"


def subject(agreement: Agreement) -> str:
    """Of its documents and its invoices."""
    return f"agreement:{agreement.pk}"


class ExpressOffer(Record):
    """Fixed terms of a listing that its owner has bound itself to: whoever accepts and pays has
    the licence. A change is a new offer; nothing but `withdrawn_at` ever changes in one."""

    listing = models.ForeignKey(Listing, models.PROTECT, related_name="express_offers")
    terms = models.JSONField(help_text="As negotiation.terms has them; the period begins anew.")
    months = models.PositiveIntegerField(help_text="The period, from the acceptance on.")
    sha256 = models.CharField(max_length=64, help_text="Of terms and months.")
    signed_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    typed_name = models.CharField(max_length=120)
    signed_at = models.DateTimeField()
    address = models.GenericIPAddressField()
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["listing"],
                condition=Q(withdrawn_at=None),
                name="one_express_offer_a_listing",
            )
        ]

    def __str__(self) -> str:
        return f"express offer of {self.listing_id}"


class Amendment(Record):
    """Other terms for a running agreement; in force once both have signed."""

    class State(models.TextChoices):
        PROPOSED = "proposed"
        IN_FORCE = "in_force"
        WITHDRAWN = "withdrawn"

    agreement = models.ForeignKey(Agreement, models.PROTECT, related_name="amendments")
    number = models.PositiveIntegerField()
    state = models.CharField(max_length=9, choices=State.choices, default=State.PROPOSED)
    terms = models.JSONField()
    document = models.OneToOneField(Document, models.PROTECT, related_name="+")
    in_force_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["agreement", "number"], name="one_amendment_a_number"),
            models.UniqueConstraint(
                fields=["agreement"],
                condition=Q(state="proposed"),
                name="one_amendment_at_a_time",
            ),
        ]

    def __str__(self) -> str:
        return f"amendment {self.number} of {self.agreement_id}"
