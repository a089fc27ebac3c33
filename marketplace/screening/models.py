"""Lists of restricted parties, and the names of ours that come near one."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from marketplace.accounts.models import Organisation, User
from marketplace.core.models import Record


class RestrictedParty(Record):
    """An entry of a list, under all its names. `listed` is false once it left the list."""

    list_name = models.CharField(max_length=60)
    reference = models.CharField(max_length=120, help_text="Its number in the list.")
    names = ArrayField(models.CharField(max_length=300))
    country = models.CharField(max_length=60, blank=True)
    note = models.TextField(blank=True)
    listed = models.BooleanField(default=True)

    class Meta:
        verbose_name_plural = "restricted parties"
        constraints = [
            models.UniqueConstraint(fields=["list_name", "reference"], name="one_entry_a_reference")
        ]

    def __str__(self) -> str:
        return f"{self.names[0]} ({self.list_name} {self.reference})"


class Screened(Record):
    """When an organisation was last held against all lists."""

    organisation = models.OneToOneField(Organisation, models.CASCADE, related_name="screened")
    at = models.DateTimeField()
    entries = models.PositiveIntegerField(help_text="How many parties were listed then.")

    def __str__(self) -> str:
        return f"{self.organisation} at {self.at}"


class ScreeningHit(Record):
    """A name of an organisation that is near a listed one, until a person says what it is. With
    other names on either side it is another hit, and open again."""

    class State(models.TextChoices):
        OPEN = "open"
        CLEARED = "cleared", "cleared: another party"
        LISTED = "listed", "listed: it is this party"
        LAPSED = "lapsed", "lapsed: the list or the names changed"

    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="hits")
    party = models.ForeignKey(RestrictedParty, models.PROTECT, related_name="hits")
    fingerprint = models.CharField(max_length=64, help_text="Of the names on both sides.")
    own_name = models.CharField(max_length=300)
    listed_name = models.CharField(max_length=300)
    score = models.PositiveSmallIntegerField(help_text="Of 100.")
    reason = models.CharField(max_length=20, help_text="written or romanised")
    state = models.CharField(max_length=8, choices=State.choices, default=State.OPEN)
    decided_by = models.ForeignKey(User, models.PROTECT, related_name="+", null=True, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    note = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "party", "fingerprint"], name="one_hit_of_the_same_names"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["cleared", "listed"])
                | (Q(decided_by__isnull=False) & Q(decided_at__isnull=False) & ~Q(note="")),
                name="a_person_decides_a_hit_and_says_why",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.own_name} / {self.listed_name}: {self.score}"
