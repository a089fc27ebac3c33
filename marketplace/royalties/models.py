"""What an agreement asks for after its upfront fee. Amounts are minor units of `currency`."""

from __future__ import annotations

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField
from django.db import models
from django.db.models import F, Func, Q

from marketplace.accounts.models import Organisation
from marketplace.agreements.models import Agreement
from marketplace.core.models import Record
from marketplace.invoices.models import Invoice
from marketplace.rooms.models import RoomFile


class Due(Record):
    """An amount that one fact made due, or took off, once; an invoice collects several."""

    class Kind(models.TextChoices):
        MILESTONE = "milestone"
        ROYALTY = "royalty"
        MINIMUM = "minimum"
        INTEREST = "interest"
        CORRECTION = "correction"

    agreement = models.ForeignKey(Agreement, models.PROTECT, related_name="dues")
    cause = models.CharField(
        max_length=100, unique=True, help_text="The fact, such as milestone:<uuid>."
    )
    kind = models.CharField(max_length=12, choices=Kind.choices)
    year = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="The licence year that a minimum closes."
    )
    text = models.CharField(max_length=300)
    text_zh = models.CharField(max_length=300)
    amount = models.BigIntegerField(help_text="Below nought: taken off the next invoice.")
    currency = models.CharField(max_length=3)
    invoice = models.ForeignKey(Invoice, models.PROTECT, related_name="dues", null=True, blank=True)

    class Meta:
        ordering = ["created_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="minimum", year__isnull=False) | ~Q(kind="minimum"),
                name="a_minimum_is_of_a_year",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.cause} {self.currency} {self.amount}"


class Milestone(Record):
    """A milestone of the terms in force, known by its `what`."""

    class State(models.TextChoices):
        OPEN = "open"
        SUBMITTED = "submitted", "shown, waits for the other side"
        DISPUTED = "disputed"
        ACCEPTED = "accepted"
        DROPPED = "dropped", "taken out of the terms by an amendment"

    agreement = models.ForeignKey(Agreement, models.PROTECT, related_name="milestones")
    what = models.CharField(max_length=300)
    nth = models.PositiveSmallIntegerField(default=1, help_text="Of those with this `what`.")
    evidence = models.CharField(max_length=300, help_text="By which it is shown, as agreed.")
    due = models.DateField()
    amount = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    state = models.CharField(max_length=9, choices=State.choices, default=State.OPEN)
    submitted_by = models.ForeignKey(
        Organisation, models.PROTECT, related_name="+", null=True, blank=True
    )
    shown = models.TextField(blank=True, help_text="What the submitter says.")
    file = models.ForeignKey(RoomFile, models.PROTECT, related_name="+", null=True, blank=True)
    reason = models.TextField(blank=True, help_text="Why it was disputed.")
    reminded_at = models.DateTimeField(null=True, blank=True)
    charge = models.OneToOneField(Due, models.PROTECT, null=True, blank=True)
    revision = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["due", "created_at"]
        constraints = [
            models.UniqueConstraint(fields=["agreement", "what", "nth"], name="one_milestone"),
            models.CheckConstraint(
                condition=Q(state="accepted", charge__isnull=False)
                | ~Q(state="accepted") & Q(charge=None),
                name="what_is_accepted_is_charged_for",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["submitted", "disputed", "accepted"])
                | Q(submitted_by__isnull=False) & ~Q(shown=""),
                name="what_is_submitted_is_shown",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.state} milestone {self.what}"


class RoyaltyStatement(Record):
    """Sales of some days, reported by one side for the other to accept; a correction is another
    one of the same days. Its content never changes."""

    class State(models.TextChoices):
        SUBMITTED = "submitted", "waits for the other side"
        DISPUTED = "disputed"
        ACCEPTED = "accepted"
        WITHDRAWN = "withdrawn"
        SUPERSEDED = "superseded", "by its correction"

    agreement = models.ForeignKey(Agreement, models.PROTECT, related_name="royalty_statements")
    period = DateRangeField(help_text="Days, the last one excluded.")
    year = models.PositiveSmallIntegerField(help_text="Licence year, from 1.")
    royalty = models.JSONField(help_text="As negotiation.terms has it, when first reported.")
    currency = models.CharField(max_length=3)
    units = models.BigIntegerField()
    net_sales = models.BigIntegerField()
    amount = models.BigIntegerField(
        help_text="Due for it; foreseen until it is accepted. Of a correction, the difference."
    )
    state = models.CharField(max_length=10, choices=State.choices, default=State.SUBMITTED)
    submitted_by = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    corrects = models.ForeignKey(
        "self", models.PROTECT, related_name="corrections", null=True, blank=True
    )
    note = models.TextField(blank=True)
    reason = models.TextField(blank=True, help_text="Why it was disputed.")
    charge = models.OneToOneField(Due, models.PROTECT, null=True, blank=True)

    class Meta:
        ordering = ["-period", "-created_at"]
        constraints = [
            ExclusionConstraint(
                name="no_day_is_reported_twice",
                index_type="gist",
                expressions=[
                    (Func(F("agreement"), function="royalties_of"), "&&"),
                    (F("period"), "&&"),
                ],
                condition=Q(state="accepted")
                | Q(state__in=["submitted", "disputed"], corrects=None),
            ),
            models.UniqueConstraint(
                fields=["corrects"],
                condition=~Q(state="withdrawn"),
                name="one_correction_of_a_statement",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["accepted", "superseded"], charge__isnull=False)
                | ~Q(state__in=["accepted", "superseded"]) & Q(charge=None),
                name="an_accepted_statement_is_charged_for",
            ),
            models.CheckConstraint(
                condition=Q(units__gte=0, net_sales__gte=0), name="no_negative_sales"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.state} statement of {self.period}"


class SalesLine(models.Model):
    """What was sold of one product in one territory."""

    statement = models.ForeignKey(RoyaltyStatement, models.CASCADE, related_name="lines")
    position = models.PositiveSmallIntegerField()
    product = models.CharField(max_length=200)
    territory = models.CharField(max_length=2)
    units = models.BigIntegerField()
    net_sales = models.BigIntegerField()

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(
                fields=["statement", "product", "territory"], name="one_line_a_product"
            ),
            models.CheckConstraint(
                condition=Q(units__gte=0, net_sales__gte=0), name="no_negative_line"
            ),
        ]


class Audit(Record):
    """The licensor has the books looked at, where the terms grant that."""

    class State(models.TextChoices):
        REQUESTED = "requested", "the notice runs"
        UNDER_WAY = "under_way"
        CLOSED = "closed"
        WITHDRAWN = "withdrawn"

    agreement = models.ForeignKey(Agreement, models.PROTECT, related_name="audits")
    state = models.CharField(max_length=9, choices=State.choices, default=State.REQUESTED)
    period = DateRangeField(help_text="Days whose books are looked at, the last one excluded.")
    auditor = models.CharField(max_length=200, help_text="Who will come.")
    requested_on = models.DateField()
    begins_on = models.DateField(help_text="After the notice that the terms want.")
    findings = models.TextField(blank=True)

    class Meta:
        ordering = ["-requested_on", "-created_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["agreement"],
                condition=Q(state__in=["requested", "under_way"]),
                name="one_audit_at_a_time",
            ),
            models.CheckConstraint(
                condition=~Q(state="closed") | ~Q(findings=""), name="a_closed_audit_has_findings"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.state} audit of {self.agreement_id}"
