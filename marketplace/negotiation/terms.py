"""The terms of a licence, in one shape: what an offer says and what an agreement is drawn up from.

Amounts are whole minor units of `currency`, rates are basis points, days are dates of which the
`end` is the day after the last.
"""

from __future__ import annotations

import hashlib
import json
from datetime import date
from typing import Annotated, Any
from uuid import UUID

from django.db.models import TextChoices
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)

from marketplace.core.errors import DomainError, Faults, Invalid
from marketplace.core.money import exponent
from marketplace.core.territory import territory
from marketplace.core.vocabulary import Exclusivity
from marketplace.rights import scope
from marketplace.rights.models import Act


class RoyaltyBase(TextChoices):
    NET_SALES = "net_sales"
    UNITS = "units"


class GrantBack(TextChoices):
    NONE = "none"
    NON_EXCLUSIVE = "non_exclusive"
    EXCLUSIVE = "exclusive"


class Improvements(TextChoices):
    MAKER = "maker", "whoever makes one owns it"
    JOINT = "joint", "owned jointly"
    LICENSOR = "licensor", "owned by the licensor"


class ArbitrationRules(TextChoices):
    HKIAC = "hkiac"
    SCIA = "scia"
    CIETAC = "cietac"
    ICC = "icc"
    SIAC = "siac"
    WIPO = "wipo"


class TermsLanguage(TextChoices):
    EN = "en", "English prevails"
    ZH = "zh", "Chinese prevails"
    BOTH = "both", "both are equally authentic"


def known_currency(value: str) -> str:
    found = value.strip().upper()
    if len(found) != 3 or not found.isascii() or not found.isalpha():
        raise ValueError("three letters of ISO 4217 are wanted, such as HKD")
    exponent(found)
    return found


def one_line(value: Any) -> Any:
    return " ".join(value.split()) if isinstance(value, str) else value


def by_scope(check: Any) -> AfterValidator:
    """The normal form that the rights ledger compares; its refusal in pydantic's words."""

    def normal(value: Any) -> Any:
        try:
            return check(value)
        except DomainError as error:
            raise ValueError(error.message) from None

    return AfterValidator(normal)


Line = Annotated[str, BeforeValidator(one_line), Field(min_length=1, max_length=300)]
Amount = Annotated[int, Field(ge=0, le=10**15)]
BasisPoints = Annotated[int, Field(ge=0, le=10_000)]
Currency = Annotated[str, AfterValidator(known_currency)]


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Milestone(Strict):
    """`amount` falls due when `what` is shown by `evidence`, at the latest on `due`."""

    what: Line
    evidence: Line
    due: date
    amount: Amount


class Tier(Strict):
    """From `above` on (minor units of sales, or units), the rate: basis points of sales, or minor
    units a unit."""

    above: Amount
    rate: Annotated[int, Field(ge=0, le=10**9)]


class Royalty(Strict):
    base: RoyaltyBase
    tiers: tuple[Tier, ...] = Field(min_length=1, max_length=20)
    minimum_a_year: Amount = 0
    cap: Amount | None = None

    @model_validator(mode="after")
    def tiers_ascend(self) -> Royalty:
        starts = [tier.above for tier in self.tiers]
        if starts[0] != 0 or starts != sorted(set(starts)):
            raise ValueError("tiers start at 0 and ascend, such as 0, 100000000, 500000000")
        if self.base == RoyaltyBase.NET_SALES and any(t.rate > 10_000 for t in self.tiers):
            raise ValueError("a rate of sales is at most 10000 basis points")
        if self.cap is not None and self.cap < self.minimum_a_year:
            raise ValueError("the cap is below the minimum of one year")
        return self


class Terms(Strict):
    exclusivity: Exclusivity
    patents: tuple[UUID, ...] = Field(default=(), max_length=200)
    know_how: bool
    territories: Annotated[
        tuple[str, ...], by_scope(lambda v: tuple(scope.territories(v))), Field(max_length=300)
    ]
    fields_of_use: Annotated[
        tuple[str, ...], by_scope(lambda v: tuple(scope.fields(v))), Field(max_length=50)
    ] = (scope.EVERY_FIELD,)
    acts: Annotated[tuple[Act, ...], by_scope(lambda v: tuple(map(Act, scope.acts(v))))]
    start: date
    end: date | None = None
    sublicensable: bool = False

    currency: Currency
    upfront: Amount = 0
    milestones: tuple[Milestone, ...] = Field(default=(), max_length=50)
    royalty: Royalty | None = None
    late_interest: BasisPoints = 0
    gross_up: bool = False

    improvements: Improvements = Improvements.MAKER
    grant_back: GrantBack = GrantBack.NONE
    grant_back_fee: Amount = 0
    audit: bool = True
    audit_notice_days: Annotated[int, Field(ge=0, le=365)] = 30
    challenge_allowed: bool = True
    governing_law: Annotated[str, by_scope(territory)]
    seat: Line
    rules: ArbitrationRules
    language: TermsLanguage = TermsLanguage.BOTH
    special: Annotated[str, Field(max_length=5000)] = ""

    @model_validator(mode="after")
    def agree_with_themselves(self) -> Terms:
        if self.end is not None and self.end <= self.start:
            raise ValueError("the end is the day after the last, later than the start")
        if not self.patents and not self.know_how:
            raise ValueError("a licence is of patents, of know-how, or of both")
        if self.grant_back_fee and self.grant_back == GrantBack.NONE:
            raise ValueError("a fee for a grant-back wants a grant-back")
        return self


def parse(given: dict[str, Any]) -> Terms:
    """The terms in their normal form; Faults name every field that is wrong."""
    try:
        return Terms.model_validate(given)
    except ValidationError as error:
        raise Faults(
            Invalid(
                f"{fault['msg'].removeprefix('Value error, ')}.".capitalize(),
                field=("terms", *map(str, fault["loc"])),
            )
            for fault in error.errors(include_url=False)
        ) from None


def stored(terms: Terms) -> dict[str, Any]:
    found: dict[str, Any] = terms.model_dump(mode="json")
    return found


def digest(terms: Terms) -> str:
    """The SHA-256 by which the record of the deal knows these terms."""
    return hashlib.sha256(json.dumps(stored(terms), sort_keys=True).encode()).hexdigest()
