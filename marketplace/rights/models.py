"""The rights ledger: who holds which right to which asset, where, for what, until when.

PostgreSQL itself refuses a second occupation of the same right, by one exclusion constraint. Its
index is that of ranges, which every PostgreSQL has: lists of words become ranges of text in which
`medical` contains `medical/imaging` (rights_span), and the exclusivities become ranges that overlap
where one shuts the other out (rights_slot). Both are defined in migration 0001.
"""

from __future__ import annotations

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, DateRangeField, DateTimeRangeField
from django.db import models
from django.db.models import F, Func, Q, Value

from marketplace.accounts.models import Organisation, User
from marketplace.core.models import Record
from marketplace.core.vocabulary import Exclusivity
from marketplace.listings.models import Listing
from marketplace.patents.models import Patent


class Act(models.TextChoices):
    MAKE = "make"
    USE = "use"
    SELL = "sell"
    OFFER = "offer", "offer for sale"
    IMPORT = "import"
    SUBLICENSE = "sublicense"


class Asset(models.Model):
    """What can be licensed: a patent or application, or what a listing has besides its patents.

    A patent is one asset whoever lists it, so that two owners cannot both grant it. Its id is a
    number because the constraint below needs one."""

    class Kind(models.TextChoices):
        PATENT = "patent", "patent or application"
        KNOW_HOW = "know_how"
        SOFTWARE = "software"

    kind = models.CharField(max_length=8, choices=Kind.choices)
    patent = models.OneToOneField(Patent, models.PROTECT, null=True, blank=True)
    listing = models.OneToOneField(Listing, models.PROTECT, null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="patent", patent__isnull=False, listing=None)
                | Q(~Q(kind="patent"), patent=None, listing__isnull=False),
                name="an_asset_is_a_patent_or_of_a_listing",
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.patent_id or self.listing_id}"


class FieldName(Record):
    """A path that means the same field of use as another: `battery` is joined to `batteries`.

    Every path is a field by being written; operators only join those that are one."""

    path = models.CharField(max_length=200, unique=True)
    joined_to = models.CharField(max_length=200)
    joined_by = models.ForeignKey(User, models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return f"{self.path} = {self.joined_to}"


def span(column: str) -> Func:
    return Func(F(column), function="rights_span")


class Occupation(Record):
    """One asset's rights taken: every act in every field in every territory, for a period.

    It stands in others' way while its `live` holds; a release ends that and nothing is deleted."""

    class Kind(models.TextChoices):
        GRANT = "grant"
        OPTION = "option"
        LOCK = "lock", "exclusivity in negotiation"
        RESERVATION = "reservation", "kept by the owner"

    asset = models.ForeignKey(Asset, models.PROTECT, related_name="occupations")
    owner = models.ForeignKey(Organisation, models.PROTECT, related_name="rights_given")
    holder = models.ForeignKey(Organisation, models.PROTECT, related_name="rights_held")
    kind = models.CharField(max_length=11, choices=Kind.choices)
    exclusivity = models.CharField(max_length=14, choices=Exclusivity.choices)
    territories = ArrayField(models.CharField(max_length=2), help_text="WIPO ST.3, no regions.")
    fields = ArrayField(
        models.CharField(max_length=200, blank=True),
        help_text="Such as medical/imaging, with all below it; an empty one is every field.",
    )
    acts = ArrayField(models.CharField(max_length=10, choices=Act.choices))
    period = DateRangeField(help_text="Days of the right itself, the last one excluded.")
    live = DateTimeRangeField(help_text="From when to when it stands in the way of others.")
    subject = models.CharField(max_length=120, help_text="Its cause, such as agreement:<uuid>.")

    class Meta:
        indexes = [models.Index(fields=["subject"], name="occupations_of_a_subject")]
        constraints = [
            ExclusionConstraint(
                name="no_right_is_granted_twice",
                index_type="gist",
                expressions=[
                    (Func(F("asset"), F("asset"), Value("[]"), function="int8range"), "&&"),
                    (span("territories"), "&&"),
                    (span("fields"), "&&"),
                    (span("acts"), "&&"),
                    (F("period"), "&&"),
                    (F("live"), "&&"),
                    (Func(F("id"), F("kind"), F("exclusivity"), function="rights_slot"), "&&"),
                ],
            ),
            models.CheckConstraint(
                condition=Q(
                    territories__len__gte=1,
                    fields__len__gte=1,
                    acts__len__gte=1,
                    period__isempty=False,
                    period__lower_inf=False,
                    live__lower_inf=False,
                ),
                name="an_occupation_occupies_something",
            ),
            models.CheckConstraint(
                condition=~Q(kind="reservation") | Q(holder=F("owner")),
                name="a_reservation_is_the_owners",
            ),
            models.CheckConstraint(
                condition=~Q(kind="reservation", exclusivity="sole"),
                name="a_reservation_keeps_out_all_or_none",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.exclusivity} {self.kind} of {self.subject}"
