"""The field's own words, shared by offers and needs."""

from __future__ import annotations

from django.db.models import TextChoices


class ListingKind(TextChoices):
    PATENT_LICENCE = "patent_licence"
    ASSIGNMENT = "assignment"
    KNOW_HOW = "know_how"
    SOFTWARE = "software"
    JOINT_DEVELOPMENT = "joint_development"


class IprStatus(TextChoices):
    PATENT_GRANTED = "patent_granted"
    PATENT_APPLIED = "patent_applied"
    SECRET_KNOWHOW = "secret_knowhow"  # noqa: S105 - a kind of right, no password
    COPYRIGHT = "copyright"
    DESIGN = "design"
    TRADEMARK = "trademark"
    EXCLUSIVE_RIGHTS = "exclusive_rights"
    PLANT_VARIETY = "plant_variety"
    IC_LAYOUT = "ic_layout"
    NONE = "none"


class Exclusivity(TextChoices):
    EXCLUSIVE = "exclusive", "exclusive 独占: shuts out the licensor too"
    SOLE = "sole", "sole 排他: the licensor may still use it"
    NON_EXCLUSIVE = "non_exclusive", "non-exclusive 普通"


class PriceModel(TextChoices):
    LUMP_SUM = "lump_sum"
    RUNNING_ROYALTY = "running_royalty"
    UPFRONT_AND_ROYALTY = "upfront_and_royalty"
    NEGOTIABLE = "negotiable"
    FREE = "free"


class DeclineReason(TextChoices):
    """Why an offer or an enquiry is declined: Inpart's first five, then ours."""

    TOO_EARLY = "too_early"
    BENEFIT_UNCLEAR = "benefit_unclear"
    COMMERCIAL_ROUTE_UNCLEAR = "commercial_route_unclear"
    DESCRIPTION_UNCLEAR = "description_unclear"
    SCIENTIFIC = "scientific"
    NO_STRATEGIC_FIT = "no_strategic_fit"
    IP_POSITION = "ip_position"
    PRICE = "price"
    TERRITORY = "territory"
    ALREADY_HAVE = "already_have"
    COMPLIANCE = "compliance"
    NO_CAPACITY = "no_capacity"
