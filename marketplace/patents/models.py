"""Patents, their families and what happened to them. A patent is shared by listings."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q

from marketplace.core.models import Record


class Family(Record):
    """Patents that belong together: simple (same priorities) or extended (INPADOC, any shared).

    The two are kept apart: a patent has at most one of each."""

    class Kind(models.TextChoices):
        SIMPLE = "simple"
        EXTENDED = "extended"

    kind = models.CharField(max_length=8, choices=Kind.choices)
    number = models.CharField(max_length=40, help_text="Its number in DOCDB or INPADOC.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "number"], name="one_family_a_number")
        ]
        verbose_name_plural = "families"

    def __str__(self) -> str:
        return f"{self.kind} family {self.number}"


class Patent(Record):
    """One application, from filing to grant. `docdb` names it, by its best known publication."""

    office = models.CharField(max_length=2, help_text="WIPO ST.3.")
    docdb = models.CharField(max_length=40, unique=True, help_text="Such as US.8000000.B2.")
    application_number = models.CharField(max_length=40, blank=True, help_text="In DOCDB form.")
    publication_numbers = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    number_keys = ArrayField(
        models.CharField(max_length=40),
        default=list,
        help_text="Each number as office and digits, for looking up.",
    )
    title_en = models.TextField(blank=True)
    title_hans = models.TextField(blank=True)
    title_hant = models.TextField(blank=True)
    title_other = models.TextField(blank=True)
    abstract_en = models.TextField(blank=True)
    abstract_hans = models.TextField(blank=True)
    abstract_hant = models.TextField(blank=True)
    claims = models.TextField(blank=True)
    applicants = ArrayField(models.CharField(max_length=300), default=list, blank=True)
    inventors = ArrayField(models.CharField(max_length=300), default=list, blank=True)
    ipc = ArrayField(models.CharField(max_length=16), default=list, blank=True)
    cpc = ArrayField(models.CharField(max_length=16), default=list, blank=True)
    priority_date = models.DateField(null=True, blank=True)
    filing_date = models.DateField(null=True, blank=True)
    publication_date = models.DateField(null=True, blank=True)
    grant_date = models.DateField(null=True, blank=True)
    simple_family = models.ForeignKey(
        Family, models.SET_NULL, related_name="simple_members", null=True, blank=True,
        limit_choices_to={"kind": Family.Kind.SIMPLE},
    )  # fmt: skip
    extended_family = models.ForeignKey(
        Family, models.SET_NULL, related_name="extended_members", null=True, blank=True,
        limit_choices_to={"kind": Family.Kind.EXTENDED},
    )  # fmt: skip
    is_sample = models.BooleanField(default=False)
    source = models.CharField(max_length=80, blank=True)

    class Meta:
        indexes = [GinIndex(fields=["number_keys"], name="patent_by_any_number")]

    def __str__(self) -> str:
        return self.docdb


class LegalEvent(Record):
    """Something that happened to a patent in one country on one day, after ST.27."""

    class Kind(models.TextChoices):
        FILED = "filed"
        PUBLISHED = "published"
        GRANTED = "granted"
        LAPSED = "lapsed"
        RESTORED = "restored"
        WITHDRAWN = "withdrawn"
        REFUSED = "refused"
        REVOKED = "revoked"
        EXPIRED = "expired"
        ASSIGNED = "assigned"

    patent = models.ForeignKey(Patent, models.CASCADE, related_name="events")
    territory = models.CharField(
        max_length=2, help_text="Where it holds: of a European patent, the state."
    )
    kind = models.CharField(max_length=10, choices=Kind.choices)
    on = models.DateField()
    source = models.CharField(max_length=80, blank=True)

    class Meta:
        ordering = ["on", "created_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["patent", "territory", "kind", "on"], name="one_event_a_day"
            ),
            models.CheckConstraint(
                condition=~Q(territory__in=["EP", "WO", "EA", "AP", "OA", "GC"])
                | Q(kind__in=["filed", "published", "withdrawn", "refused", "assigned", "granted"]),
                name="an_office_is_no_territory_in_force",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.territory} {self.on}"
