"""What buyers look for."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from marketplace.accounts.models import Organisation, User
from marketplace.core.language import Language
from marketplace.core.models import Record
from marketplace.core.vocabulary import Exclusivity, IprStatus, ListingKind


class Need(Record):
    class State(models.TextChoices):
        DRAFT = "draft"
        OPEN = "open"
        CLOSED = "closed"

    class Criterion(models.TextChoices):
        """The structured wishes that can be made a must-have."""

        TRL = "trl"
        TERRITORY = "territory"
        EXCLUSIVITY = "exclusivity"
        BUDGET = "budget"
        KIND = "kind"
        IPR_STATUS = "ipr_status"
        IPC = "ipc"

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="needs")
    created_by = models.ForeignKey(User, models.PROTECT, related_name="+", null=True, blank=True)
    state = models.CharField(max_length=6, choices=State.choices, default=State.DRAFT)
    anonymous = models.BooleanField(default=False, help_text="Others do not see whose need it is.")
    language = models.CharField(max_length=8, choices=Language.choices)
    title = models.CharField(max_length=200)
    description = models.TextField(blank=True)

    must_haves = ArrayField(
        models.CharField(max_length=12, choices=Criterion.choices), default=list, blank=True
    )
    must_words = ArrayField(models.CharField(max_length=80), default=list, blank=True)
    not_of_interest = ArrayField(models.CharField(max_length=80), default=list, blank=True)
    kinds = ArrayField(
        models.CharField(max_length=20, choices=ListingKind.choices), default=list, blank=True
    )
    ipr_statuses = ArrayField(
        models.CharField(max_length=20, choices=IprStatus.choices), default=list, blank=True
    )
    trl_min = models.PositiveSmallIntegerField(null=True, blank=True)
    trl_max = models.PositiveSmallIntegerField(null=True, blank=True)
    budget_amount = models.BigIntegerField(null=True, blank=True, help_text="In minor units.")
    budget_currency = models.CharField(max_length=3, blank=True)
    territories = ArrayField(models.CharField(max_length=2), default=list, blank=True)
    exclusivity = models.CharField(max_length=14, choices=Exclusivity.choices, blank=True)
    ipc = ArrayField(models.CharField(max_length=16), default=list, blank=True)
    deadline = models.DateField(null=True, blank=True)
    revision = models.PositiveIntegerField(default=1)
    is_sample = models.BooleanField(default=False)
    source_key = models.CharField(max_length=120, unique=True, null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=(Q(trl_min=None) | Q(trl_min__range=(1, 9)))
                & (Q(trl_max=None) | Q(trl_max__range=(1, 9)))
                & (Q(trl_min=None) | Q(trl_max=None) | Q(trl_min__lte=F("trl_max"))),
                name="need_trl_is_a_range",
            ),
            models.CheckConstraint(
                condition=Q(budget_amount=None, budget_currency="")
                | (Q(budget_amount__gte=0) & ~Q(budget_currency="")),
                name="a_budget_has_a_currency",
            ),
        ]

    def __str__(self) -> str:
        return self.title


class NeedEvent(Record):
    """A move that a need made; never changed, never deleted."""

    need = models.ForeignKey(Need, models.PROTECT, related_name="events")
    move = models.CharField(max_length=20)
    source = models.CharField(max_length=6)
    target = models.CharField(max_length=6)
    actor = models.ForeignKey(User, models.PROTECT, related_name="+", null=True, blank=True)

    class Meta:
        ordering = ["created_at"]

    def __str__(self) -> str:
        return f"{self.move} to {self.target}"
