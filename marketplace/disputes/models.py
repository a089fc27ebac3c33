"""Disputes over an agreement, inside the marketplace. Those at a card's bank are in invoices."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from marketplace.accounts.models import Organisation, User
from marketplace.agreements.models import Agreement
from marketplace.core.models import Record


class Dispute(Record):
    class State(models.TextChoices):
        RAISED = "raised", "waits for the other side's answer"
        ANSWERED = "answered"
        ESCALATED = "escalated", "before the arbitration that was agreed"
        DECIDED = "decided"
        SETTLED = "settled"
        WITHDRAWN = "withdrawn"

    agreement = models.ForeignKey(Agreement, models.PROTECT, related_name="disputes")
    raised_by = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    author = models.ForeignKey(User, models.PROTECT, related_name="+")
    state = models.CharField(max_length=9, choices=State.choices, default=State.RAISED)
    claim = models.TextField()
    answer = models.TextField(blank=True)
    case = models.CharField(max_length=120, blank=True, help_text="Number at the arbitration.")
    outcome = models.TextField(blank=True, help_text="The award, or what was settled.")
    revision = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["agreement", "raised_by"],
                condition=Q(state__in=["raised", "answered", "escalated"]),
                name="one_open_dispute_a_side",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["decided", "settled"]) | ~Q(outcome=""),
                name="what_is_over_says_how",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.state} dispute of {self.agreement_id}"
