"""Technology offers: what is offered, on which terms, in which languages, how far it has come."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q

from marketplace.accounts.models import Organisation, User
from marketplace.core.language import Language
from marketplace.core.models import Record
from marketplace.core.vocabulary import Exclusivity, IprStatus, ListingKind, PriceModel
from marketplace.patents.models import Patent


class Listing(Record):
    class State(models.TextChoices):
        DRAFT = "draft"
        SUBMITTED = "submitted"
        IN_REVIEW = "in_review"
        PUBLISHED = "published"
        EXPIRED = "expired"
        WITHDRAWN = "withdrawn"

    owner = models.ForeignKey(Organisation, models.PROTECT, related_name="listings")
    created_by = models.ForeignKey(User, models.PROTECT, related_name="+", null=True, blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFT)
    kind = models.CharField(max_length=20, choices=ListingKind.choices)
    anonymous = models.BooleanField(
        default=False, help_text="The public sees no owner, brand or patent number."
    )
    original_language = models.CharField(max_length=8, choices=Language.choices)
    trl = models.PositiveSmallIntegerField(
        "technology readiness level", null=True, blank=True, help_text="1 to 9, as in ISO 16290."
    )
    ipr_status = models.CharField(max_length=20, choices=IprStatus.choices, blank=True)
    fields_of_use = ArrayField(models.CharField(max_length=120), default=list, blank=True)
    ipc = ArrayField(
        models.CharField(max_length=16),
        default=list,
        blank=True,
        help_text="IPC or CPC of what has no patent yet; those of the patents come by themselves.",
    )
    sdgs = ArrayField(models.PositiveSmallIntegerField(), default=list, blank=True)
    industry = models.CharField(max_length=5, blank=True, help_text="GB/T 4754, such as C39.")

    contact_name = models.CharField(
        max_length=120, blank=True, help_text="For buyers whose enquiry was accepted."
    )
    contact_email = models.EmailField(blank=True)

    patents = models.ManyToManyField(Patent, related_name="listings", blank=True)

    exclusivity = ArrayField(
        models.CharField(max_length=14, choices=Exclusivity.choices), default=list, blank=True
    )
    territories = ArrayField(
        models.CharField(max_length=2), default=list, blank=True, help_text="WIPO ST.3 codes."
    )
    period_months = models.PositiveIntegerField(null=True, blank=True)
    price_model = models.CharField(max_length=20, choices=PriceModel.choices, blank=True)
    price_amount = models.BigIntegerField(
        null=True, blank=True, help_text="Indicative, in minor units of the currency."
    )
    price_currency = models.CharField(max_length=3, blank=True)

    published_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    revision = models.PositiveIntegerField(default=1)
    is_sample = models.BooleanField(default=False)
    source_key = models.CharField(
        max_length=120, unique=True, null=True, blank=True, help_text="Its id where it came from."
    )

    class Meta:
        indexes = [models.Index(fields=["-published_at", "-id"], name="listings_newest_first")]
        constraints = [
            models.CheckConstraint(
                condition=Q(trl=None) | Q(trl__range=(1, 9)), name="trl_from_1_to_9"
            ),
            models.CheckConstraint(
                condition=Q(price_amount=None, price_currency="")
                | (Q(price_amount__gte=0) & ~Q(price_currency="")),
                name="a_price_has_a_currency",
            ),
            models.CheckConstraint(
                condition=~Q(state="published")
                | Q(published_at__isnull=False, expires_at__isnull=False),
                name="published_has_its_dates",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"


class ListingText(Record):
    """The words of a listing in one language."""

    class Status(models.TextChoices):
        ORIGINAL = "original"
        HUMAN = "human"
        MACHINE_CONVERTED = "machine_converted"

    listing = models.ForeignKey(Listing, models.CASCADE, related_name="texts")
    language = models.CharField(max_length=8, choices=Language.choices)
    status = models.CharField(max_length=18, choices=Status.choices)
    title = models.CharField(max_length=300)
    summary = models.CharField(max_length=140, blank=True, help_text="One line.")
    description = models.TextField(blank=True)
    problem = models.TextField(blank=True, help_text="The problem it solves.")
    confidential = models.TextField(blank=True, help_text="For buyers with an NDA in force.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["listing", "language"], name="one_text_a_language"),
            models.UniqueConstraint(
                fields=["listing"], condition=Q(status="original"), name="one_original_text"
            ),
        ]

    def __str__(self) -> str:
        return self.title


class TextSignature(models.Model):
    """What tells a listing's text from others, as likeness.py makes it."""

    text = models.OneToOneField(
        ListingText, models.CASCADE, primary_key=True, related_name="signature"
    )
    signed_at = models.DateTimeField(help_text="The text's `updated_at` when it was signed.")
    runs = models.PositiveIntegerField()
    least = ArrayField(models.IntegerField())
    bands = ArrayField(models.BigIntegerField())

    class Meta:
        indexes = [GinIndex(fields=["bands"], name="texts_that_may_be_alike")]

    def __str__(self) -> str:
        return str(self.text)


class Advantage(Record):
    """A benefit in figures: `metric` is `value` `unit`, against `comparator`."""

    listing = models.ForeignKey(Listing, models.CASCADE, related_name="advantages")
    metric = models.CharField(max_length=120)
    value = models.DecimalField(max_digits=20, decimal_places=6)
    unit = models.CharField(max_length=40)
    comparator = models.CharField(max_length=200)

    def __str__(self) -> str:
        return f"{self.metric}: {self.value} {self.unit} against {self.comparator}"


class Disclosure(Record):
    """How far an organisation that is not the owner sees into a listing."""

    class Level(models.IntegerChoices):
        PUBLIC = 0, "what all see"
        ENQUIRY = 1, "owner, contact and patents: its enquiry was accepted"
        NDA = 2, "what is confidential too: both signed an NDA"

    listing = models.ForeignKey(Listing, models.CASCADE, related_name="disclosures")
    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="disclosures")
    level = models.PositiveSmallIntegerField(choices=Level.choices)
    nda_until = models.DateTimeField(
        null=True, blank=True, help_text="Then level NDA falls back to ENQUIRY."
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["listing", "organisation"], name="one_disclosure_an_organisation"
            ),
            models.CheckConstraint(
                condition=~Q(level=2) | Q(nda_until__isnull=False), name="an_nda_has_its_end"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organisation}: {self.get_level_display()}"


class ListingEvent(Record):
    """A move that a listing made; never changed, never deleted."""

    listing = models.ForeignKey(Listing, models.PROTECT, related_name="events")
    move = models.CharField(max_length=20)
    source = models.CharField(max_length=10)
    target = models.CharField(max_length=10)
    actor = models.ForeignKey(User, models.PROTECT, related_name="+", null=True, blank=True)
    reason = models.TextField(blank=True)

    class Meta:
        ordering = ["created_at"]

    def __str__(self) -> str:
        return f"{self.move} to {self.target}"
