"""Saved searches, and what they found: each listing once."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q

from marketplace.accounts.models import User
from marketplace.core.models import Record
from marketplace.listings.models import Listing
from marketplace.needs.models import Need


class SavedSearch(Record):
    """What a person wants to hear of: listings that a search finds, or that answer a need."""

    class Frequency(models.TextChoices):
        IMMEDIATE = "immediate"
        DAILY = "daily", "daily, at eight in the subscriber's time zone"
        WEEKLY = "weekly", "weekly, on Monday at eight in the subscriber's time zone"

    class Channel(models.TextChoices):
        EMAIL = "email"
        WEBHOOK = "webhook"

    user = models.ForeignKey(User, models.CASCADE, related_name="saved_searches")
    name = models.CharField(max_length=120)
    text = models.CharField(max_length=300, blank=True, help_text="Every word has to be there.")
    filters = models.JSONField(
        default=dict, blank=True, help_text="By name of search.request.FILTERS, and `price`."
    )
    need = models.ForeignKey(
        Need, models.CASCADE, related_name="saved_searches", null=True, blank=True
    )
    frequency = models.CharField(
        max_length=9, choices=Frequency.choices, default=Frequency.IMMEDIATE
    )
    channel = models.CharField(max_length=7, choices=Channel.choices, default=Channel.EMAIL)
    webhook_url = models.URLField(max_length=500, blank=True)
    paused_at = models.DateTimeField(null=True, blank=True, help_text="Since when it is silent.")
    next_at = models.DateTimeField(
        null=True, blank=True, help_text="When what waits goes out; empty: nothing waits."
    )
    keys = ArrayField(
        models.TextField(),
        default=list,
        blank=True,
        help_text="A listing has one of these or is not found; see search/percolation.py.",
    )
    keys_version = models.CharField(max_length=40, blank=True)
    demand = models.JSONField(
        default=dict, blank=True, help_text="What it asks of a listing; see search/demand.py."
    )

    class Meta:
        verbose_name_plural = "saved searches"
        indexes = [
            GinIndex(fields=["keys"], name="saved_search_by_key"),
            models.Index(fields=["keys_version"], name="saved_search_by_version"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["user", "need"], name="one_saved_search_a_need"),
            models.CheckConstraint(
                condition=Q(need=None) | Q(text="", filters={}), name="a_need_says_it_all"
            ),
            models.CheckConstraint(
                condition=Q(channel="email", webhook_url="")
                | (Q(channel="webhook") & ~Q(webhook_url="")),
                name="a_webhook_has_its_address",
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)  # heads pages of the admin; what somebody looks for is theirs alone


class Alert(Record):
    """A listing that a saved search found. One for ever, so that nobody is told twice."""

    saved_search = models.ForeignKey(
        SavedSearch,
        models.CASCADE,
        related_name="alerts",
        db_index=False,  # the constraint below begins with it
    )
    listing = models.ForeignKey(Listing, models.CASCADE, related_name="+")
    delivery = models.BigIntegerField(
        null=True, blank=True, help_text="The outbox message that it goes out with."
    )
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["saved_search", "listing"], name="one_alert_a_search_and_listing"
            )
        ]

    def __str__(self) -> str:
        return f"{self.saved_search}: {self.listing}"


class Percolated(models.Model):
    """What of a published listing was last held against the saved searches."""

    listing = models.OneToOneField(Listing, models.CASCADE, primary_key=True, related_name="+")
    revision = models.PositiveIntegerField()
    fingerprint = models.CharField(max_length=32, help_text="Of what a search can find.")

    def __str__(self) -> str:
        return f"{self.listing_id} at {self.revision}"
