"""CEPA certificates of organisations, and the programmes they take part in."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from marketplace.accounts.models import Organisation, User
from marketplace.core.models import Record


class ReviewState(models.TextChoices):
    SUBMITTED = "submitted"
    APPROVED = "approved"
    REJECTED = "rejected"
    ENDED = "ended"


class SupplierCertificate(Record):
    """A certificate of Hong Kong service supplier under CEPA, for one sector, until a day."""

    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="supplier_certificates"
    )
    sector = models.CharField(max_length=120)
    number = models.CharField(max_length=60, unique=True)
    expires_on = models.DateField()
    evidence = models.CharField(max_length=300, help_text="Where the document is.")
    state = models.CharField(
        max_length=9, choices=ReviewState.choices, default=ReviewState.SUBMITTED
    )
    submitted_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    decided_by = models.ForeignKey(User, models.PROTECT, related_name="+", null=True, blank=True)
    note = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state="submitted")
                | (Q(decided_by__isnull=False) & ~Q(decided_by=F("submitted_by"))),
                name="a_supplier_certificate_is_reviewed_by_another",
            )
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.sector}"


class ProgrammeApplication(Record):
    """An organisation's way into a programme of the rule book (`programme.*`)."""

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="applications")
    programme = models.CharField(max_length=60, help_text="Last word of the rule's key.")
    state = models.CharField(
        max_length=9, choices=ReviewState.choices, default=ReviewState.SUBMITTED
    )
    facts = models.JSONField(help_text="What was said and what was known when it was sent.")
    rules = ArrayField(models.CharField(max_length=80), help_text="What eligibility rested on.")
    starts_on = models.DateField(null=True, blank=True)
    ends_on = models.DateField(null=True, blank=True)
    submitted_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    decided_by = models.ForeignKey(User, models.PROTECT, related_name="+", null=True, blank=True)
    note = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "programme"],
                condition=Q(state__in=["submitted", "approved"]),
                name="one_live_application_a_programme",
            ),
            models.CheckConstraint(
                condition=Q(state="submitted")
                | (Q(decided_by__isnull=False) & ~Q(decided_by=F("submitted_by"))),
                name="an_application_is_reviewed_by_another",
            ),
            models.CheckConstraint(
                condition=~Q(state="approved") | Q(starts_on__lte=F("ends_on")),
                name="an_approval_is_from_to",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organisation}: {self.programme}"
