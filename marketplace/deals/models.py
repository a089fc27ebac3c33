"""A deal: one buyer and one licensor over one listing, from the enquiry to the agreement."""

from __future__ import annotations

from uuid import UUID

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from marketplace.accounts.models import Organisation, User
from marketplace.core.models import Record
from marketplace.core.vocabulary import DeclineReason
from marketplace.documents.models import Document
from marketplace.listings.models import Listing
from marketplace.needs.models import Need


class Mandate(Record):
    """`centre` may do `acts` for `principal` over `listings` (none: all) within the dates."""

    class Act(models.TextChoices):
        ENQUIRE = "enquire", "send and withdraw enquiries"
        ANSWER = "answer", "accept and decline enquiries"
        DISCLOSE = "disclose", "open data rooms and grant access"
        NEGOTIATE = "negotiate", "make and answer offers"

    class State(models.TextChoices):
        OFFERED = "offered"
        ACCEPTED = "accepted"
        REFUSED = "refused"
        REVOKED = "revoked"

    principal = models.ForeignKey(Organisation, models.PROTECT, related_name="mandates_given")
    centre = models.ForeignKey(Organisation, models.PROTECT, related_name="mandates_held")
    state = models.CharField(max_length=8, choices=State.choices, default=State.OFFERED)
    acts = ArrayField(models.CharField(max_length=12, choices=Act.choices))
    listings = models.ManyToManyField(Listing, related_name="+", blank=True)
    starts_on = models.DateField()
    ends_on = models.DateField(help_text="The last day.")
    commission_bp = models.PositiveIntegerField(
        help_text="Of what the licensor receives, in basis points: 500 is 5 %."
    )
    given_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    revision = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on")), name="mandate_ends_after_its_start"
            ),
            models.CheckConstraint(
                condition=Q(commission_bp__lte=10_000), name="commission_at_most_all"
            ),
            models.CheckConstraint(
                condition=~Q(principal=F("centre")), name="no_mandate_to_oneself"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.centre} for {self.principal}"


class Deal(Record):
    class State(models.TextChoices):
        ENQUIRED = "enquired"
        STALE = "stale"
        DECLINED = "declined"
        WITHDRAWN = "withdrawn"
        OPEN = "open"
        AGREED = "agreed"
        ENDED = "ended"

    listing = models.ForeignKey(Listing, models.PROTECT, related_name="deals")
    licensor = models.ForeignKey(Organisation, models.PROTECT, related_name="deals_out")
    buyer = models.ForeignKey(Organisation, models.PROTECT, related_name="deals_in")
    need = models.ForeignKey(Need, models.PROTECT, related_name="deals", null=True, blank=True)
    state = models.CharField(max_length=9, choices=State.choices, default=State.ENQUIRED)
    revision = models.PositiveIntegerField(
        default=0, help_text="The number of its last event; every change adds one."
    )

    application = models.TextField(help_text="What for, in which product and market?")
    fit = models.TextField(help_text="What must it do that is not done today?")
    plan = models.TextField(help_text="Who decides, by when, what is the next step?")
    enquired_at = models.DateTimeField()
    due_at = models.DateTimeField(help_text="When the answer is wanted; then it is stale.")
    reminded_at = models.DateTimeField(null=True, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    decline_reason = models.CharField(max_length=24, choices=DeclineReason.choices, blank=True)
    note = models.TextField(blank=True, help_text="Of who declined or ended it, for the other.")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["listing", "buyer"],
                condition=Q(state__in=["enquired", "stale", "open"]),
                name="one_live_deal_a_listing_and_buyer",
            ),
            models.CheckConstraint(
                condition=Q(state="declined", decline_reason__gt="")
                | (~Q(state="declined") & Q(decline_reason="")),
                name="declined_for_a_reason",
            ),
            models.CheckConstraint(
                condition=~Q(licensor=F("buyer")), name="nobody_deals_with_themselves"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.buyer} and {self.licensor}"

    @property
    def parties(self) -> dict[str, Organisation]:
        """By their side, in the words of the workflow's table."""
        return {"licensor": self.licensor, "buyer": self.buyer}

    def party(self, organisation_id: UUID) -> Organisation | None:
        return next((one for one in self.parties.values() if one.pk == organisation_id), None)


class DealEvent(Record):
    """What happened to a deal; each holds the hash of the one before. See evidence.py."""

    deal = models.ForeignKey(Deal, models.PROTECT, related_name="events")
    number = models.PositiveIntegerField()
    kind = models.CharField(max_length=40, help_text="Such as enquiry.accept.")
    at = models.DateTimeField()
    user = models.ForeignKey(User, models.PROTECT, related_name="+", null=True, blank=True)
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="+", null=True, blank=True, help_text="For whom."
    )
    mandate = models.ForeignKey(Mandate, models.PROTECT, related_name="+", null=True, blank=True)
    facts = models.JSONField(default=dict)
    previous = models.CharField(max_length=64)
    sha256 = models.CharField(max_length=64)

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["deal", "number"], name="one_event_a_number")
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.kind}"


class Nda(Record):
    """A promise of both sides to keep secret what they learn, for a purpose and a term."""

    deal = models.ForeignKey(Deal, models.PROTECT, related_name="ndas")
    document = models.OneToOneField(Document, models.PROTECT, related_name="+")
    template_version = models.PositiveIntegerField()
    purpose = models.TextField()
    term_months = models.PositiveIntegerField()
    signed_at = models.DateTimeField(null=True, blank=True, help_text="By the last party.")
    ends_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(signed_at=None, ends_at=None)
                | Q(signed_at__isnull=False, ends_at__isnull=False),
                name="a_signed_nda_has_its_end",
            )
        ]

    def __str__(self) -> str:
        return f"NDA of {self.deal}"
