"""A rule: what the law, or this marketplace, says on a question, from a day to a day, and who says
that it says so."""

from __future__ import annotations

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q

from marketplace.accounts.models import User


class Rule(models.Model):
    """One row. That no two confirmed rows of one key and jurisdiction overlap is held by an
    exclusion constraint (migration 0002)."""

    class Status(models.TextChoices):
        CONFIRMED = "confirmed", "confirmed: a public source was read and is named"
        UNVERIFIED = "unverified"
        SUPERSEDED = "superseded"

    class Origin(models.TextChoices):
        FILE = "file", "a data file of the repository, reviewed there"
        OPERATOR = "operator", "an operator, confirmed by a second one"

    id = models.CharField(
        max_length=80,
        primary_key=True,
        validators=[RegexValidator(r"^[a-z0-9]+(-[a-z0-9]+)*$", "Such as cn-vat-2026.")],
    )
    key = models.CharField(max_length=80, help_text="The question, such as tax.vat.")
    jurisdiction = models.CharField(max_length=3, help_text="WIPO ST.3, or any.")
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True, help_text="The last day.")
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.UNVERIFIED)
    source = models.CharField(max_length=300, help_text="What was read.")
    citation = models.CharField(max_length=300)
    checked_on = models.DateField(null=True, blank=True)
    parameters = models.JSONField(default=dict, blank=True)
    says = models.JSONField(help_text='The reason: {"en": …, "zh-Hans": …}.')
    origin = models.CharField(max_length=8, choices=Origin.choices, default=Origin.OPERATOR)
    proposed_by = models.ForeignKey(User, models.PROTECT, related_name="+", null=True, blank=True)
    confirmed_by = models.ForeignKey(User, models.PROTECT, related_name="+", null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["key", "jurisdiction", "valid_from", "id"]
        indexes = [models.Index(fields=["key", "jurisdiction", "valid_from"])]
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_to=None) | Q(valid_to__gte=F("valid_from")),
                name="a_rule_is_valid_from_to",
            ),
            models.CheckConstraint(
                condition=~Q(status="confirmed") | (Q(checked_on__isnull=False) & ~Q(source="")),
                name="a_confirmed_rule_was_checked",
            ),
            models.CheckConstraint(
                condition=Q(origin="file")
                | (
                    Q(proposed_by__isnull=False)
                    & (~Q(status="confirmed") | Q(confirmed_by__isnull=False))
                    & (Q(confirmed_by=None) | ~Q(confirmed_by=F("proposed_by")))
                ),
                name="a_rule_is_confirmed_by_a_second_person",
            ),
        ]

    def __str__(self) -> str:
        return self.id

    def overlaps(self, other: Rule) -> bool:
        """Whether both are valid on some day."""
        begins_before_end = self.valid_to is None or other.valid_from <= self.valid_to
        return begins_before_end and (other.valid_to is None or self.valid_from <= other.valid_to)
