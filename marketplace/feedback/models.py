"""What buyers say of the matches that they decline."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models

from marketplace.accounts.models import User
from marketplace.core.models import Record
from marketplace.core.vocabulary import DeclineReason
from marketplace.listings.models import Listing
from marketplace.needs.models import Need


class MatchDecline(Record):
    """A listing that a buyer does not want for a need, and why. The facts are those of the day:
    what is learnt from "too early" is of the TRL that was declined, not of a later one, and who
    was no verified buyer then counts for no owner later."""

    need = models.ForeignKey(Need, models.CASCADE, related_name="declines")
    listing = models.ForeignKey(Listing, models.CASCADE, related_name="declines")
    declined_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    declined_at = models.DateTimeField()
    vouched = models.BooleanField(
        help_text="By a verified buyer without people of the owner; only such are told to owners."
    )
    reasons = ArrayField(models.CharField(max_length=24, choices=DeclineReason.choices))

    trl = models.PositiveSmallIntegerField(null=True, blank=True)
    ipr_status = models.CharField(max_length=20, blank=True)
    territories = ArrayField(models.CharField(max_length=2), default=list, blank=True)
    price_amount = models.BigIntegerField(null=True, blank=True, help_text="In minor units.")
    price_currency = models.CharField(max_length=3, blank=True)
    ipc = ArrayField(models.CharField(max_length=16), default=list, blank=True)
    words = models.CharField(max_length=64, help_text="SHA-256 of the public text.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["need", "listing"], name="one_decline_a_match"),
            models.CheckConstraint(
                condition=models.Q(reasons__len__gt=0), name="a_decline_has_a_reason"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.listing_id} for {self.need_id}: {', '.join(self.reasons)}"
