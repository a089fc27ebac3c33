"""How often listings were seen. Of whom nothing is kept."""

from __future__ import annotations

from django.db import models

from marketplace.listings.models import Listing


class ListingDay(models.Model):
    """One day of a listing, in Hong Kong: how often it stood in a list of results or matches, and
    how often it was opened, by others than its owner, who brokers it and the operators."""

    listing = models.ForeignKey(Listing, models.CASCADE, related_name="days")
    day = models.DateField()
    impressions = models.PositiveBigIntegerField(default=0)
    opens = models.PositiveBigIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["listing", "day"], name="one_row_a_listing_and_day")
        ]

    def __str__(self) -> str:
        return f"{self.listing_id} on {self.day}"
