"""What must be true before a technology and its money cross the border, gathered for one deal."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from marketplace.accounts.models import Organisation, User
from marketplace.core.models import Record
from marketplace.deals.models import Deal


class Dossier(Record):
    """Parties, technology and terms in the form that the rule book asks about. Those of a deal
    follow the deal (from_deals.py); without one they are as the parties say."""

    class State(models.TextChoices):
        OPEN = "open"
        ACTIVE = "active", "the agreement is in effect"

    deal = models.OneToOneField(Deal, models.PROTECT, related_name="dossier", null=True, blank=True)
    licensor = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    licensee = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    title = models.CharField(max_length=200)
    technology = models.TextField(help_text="What the technology is, in words to classify it by.")
    amount = models.BigIntegerField(
        null=True, blank=True, help_text="Fixed payments, in minor units; empty: none is fixed."
    )
    currency = models.CharField(max_length=3, blank=True)
    terms = models.JSONField(help_text="A TermSheet of rulebook/facts.py.")
    licensor_tax = models.JSONField(default=dict, help_text="Residence, certificate, ownership.")
    files = models.JSONField(default=list, help_text="Data class of each file of the data room.")
    effective_on = models.DateField(null=True, blank=True)
    first_royalty_on = models.DateField(null=True, blank=True)
    state = models.CharField(max_length=6, choices=State.choices, default=State.OPEN)
    revision = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(licensor=F("licensee")), name="a_dossier_has_two_parties"
            ),
            models.CheckConstraint(
                condition=Q(state="open") | Q(effective_on__isnull=False),
                name="an_active_dossier_has_a_day_of_effect",
            ),
        ]

    def __str__(self) -> str:
        return self.title


class Classification(Record):
    """What a catalogue says of the technology on its way in one direction, as a person decided."""

    class State(models.TextChoices):
        OPEN = "open"
        FREE = "free"
        RESTRICTED = "restricted", "a licence is still wanted"
        LICENSED = "licensed", "restricted, and licensed"
        PROHIBITED = "prohibited"

    class Cause(models.TextChoices):
        LICENCE = "licence", "the licence itself"
        GRANT_BACK = "grant_back", "improvements that come back"

    dossier = models.ForeignKey(Dossier, models.CASCADE, related_name="classifications")
    direction = models.CharField(max_length=12)
    cause = models.CharField(max_length=10, choices=Cause.choices)
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    code = models.CharField(max_length=10, blank=True)
    note = models.TextField(blank=True)
    licence_number = models.CharField(max_length=60, blank=True)
    licence_expires_on = models.DateField(null=True, blank=True)
    decided_by = models.ForeignKey(User, models.PROTECT, related_name="+", null=True, blank=True)

    class Meta:
        ordering = ["direction", "cause"]
        constraints = [
            models.UniqueConstraint(
                fields=["dossier", "direction", "cause"], name="one_classification_a_way"
            ),
            models.CheckConstraint(
                condition=Q(state="open") | (Q(decided_by__isnull=False) & ~Q(note="")),
                name="a_person_classifies_and_says_why",
            ),
            models.CheckConstraint(
                condition=~Q(state="licensed")
                | (~Q(licence_number="") & Q(licence_expires_on__isnull=False)),
                name="licensed_by_number_and_expiry",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.direction}: {self.state}"


class RegisterTask(Record):
    """A register to be told, by when and by whom."""

    class State(models.TextChoices):
        OPEN = "open"
        DONE = "done"
        WAIVED = "waived"

    dossier = models.ForeignKey(Dossier, models.CASCADE, related_name="tasks")
    register = models.CharField(max_length=20, help_text="Last word of the rule's key.")
    rule = models.CharField(max_length=80)
    responsible = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    compulsory = models.BooleanField()
    documents = ArrayField(models.CharField(max_length=40))
    due_on = models.DateField(null=True, blank=True, help_text="Empty: does not run yet.")
    state = models.CharField(max_length=6, choices=State.choices, default=State.OPEN)
    reminded = ArrayField(models.DateField(), default=list)

    class Meta:
        ordering = ["register"]
        constraints = [
            models.UniqueConstraint(fields=["dossier", "register"], name="one_task_a_register")
        ]

    def __str__(self) -> str:
        return f"{self.register} by {self.due_on}"


class Paper(Record):
    """What a register or the bank asks for, or a certificate of either."""

    dossier = models.ForeignKey(Dossier, models.CASCADE, related_name="papers")
    kind = models.CharField(max_length=40, help_text="Such as contract or mofcom_certificate.")
    number = models.CharField(max_length=120, blank=True)
    issued_on = models.DateField(null=True, blank=True)
    name = models.CharField(max_length=200)
    media_type = models.CharField(max_length=40)
    sha256 = models.CharField(max_length=64)
    content = models.BinaryField(help_text="At most a megabyte; papers, not data rooms.")
    uploaded_by = models.ForeignKey(User, models.PROTECT, related_name="+")

    class Meta:
        ordering = ["created_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["dossier", "kind", "sha256"], name="one_copy_of_a_paper"
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind}: {self.name}"


class Assessment(Record):
    """The joint risk assessment: the checks as they stood, by the digest that both sides sign."""

    dossier = models.ForeignKey(Dossier, models.CASCADE, related_name="assessments")
    on = models.DateField()
    checks = models.JSONField()
    digest = models.CharField(max_length=64)

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(fields=["dossier", "digest"], name="one_assessment_a_digest")
        ]

    def __str__(self) -> str:
        return f"{self.dossier} on {self.on}"


class SignOff(Record):
    """One side's reviewer takes the assessment as it stands."""

    assessment = models.ForeignKey(Assessment, models.CASCADE, related_name="sign_offs")
    side = models.CharField(max_length=8, help_text="licensor or licensee")
    user = models.ForeignKey(User, models.PROTECT, related_name="+")

    class Meta:
        ordering = ["created_at"]
        constraints = [
            models.UniqueConstraint(fields=["assessment", "side"], name="one_sign_off_a_side"),
            models.UniqueConstraint(
                fields=["assessment", "user"], name="nobody_signs_for_both_sides"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.side}: {self.user}"


class Override(Record):
    """A check that stops activation is passed over: one person says why, another agrees."""

    assessment = models.ForeignKey(Assessment, models.CASCADE, related_name="overrides")
    check_name = models.CharField(max_length=40)
    reason = models.TextField()
    asked_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    agreed_by = models.ForeignKey(User, models.PROTECT, related_name="+", null=True, blank=True)

    class Meta:
        ordering = ["created_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["assessment", "check_name"], name="one_override_a_check"
            ),
            models.CheckConstraint(
                condition=Q(agreed_by=None) | ~Q(agreed_by=F("asked_by")),
                name="an_override_needs_two_persons",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="an_override_has_a_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.check_name}: {self.reason}"
