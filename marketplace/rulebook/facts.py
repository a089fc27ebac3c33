"""What a question is about, in small pieces that a deal maps onto. What is not known is None or
empty, and the answers say where it mattered."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from marketplace.core.language import to_simplified
from marketplace.core.vocabulary import ListingKind

from .files import place_names


def place(name: str) -> str:
    """A city or zone by the name the rules use, whatever script: 深圳市 is Shenzhen."""
    plain = to_simplified(" ".join(name.split())).lower()
    for ending in (" city", "市", " free trade zone", " ftz", "自由贸易试验区", "自贸区"):
        plain = plain.removesuffix(ending)
    return place_names().get(plain, name.strip())


@dataclass(frozen=True)
class Place:
    """`jurisdiction` of WIPO ST.3; city and zone in any script."""

    jurisdiction: str
    city: str = ""
    zone: str = ""


@dataclass(frozen=True)
class Party(Place):
    hk_macao_invested: bool | None = None
    tax_resident: str = ""
    beneficial_owner: bool | None = None
    hk_resident_certificate_until: date | None = None


class DataClass(StrEnum):
    NO_PERSONAL = "no_personal"
    PERSONAL = "personal"
    SENSITIVE = "sensitive"
    IMPORTANT = "important"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class DataFile:
    """`persons` a year; `categories` in the words of a zone's negative list; `under_gba_contract`:
    it was received under one, so it may not leave the bay area."""

    data_class: DataClass
    persons: int | None = None
    categories: tuple[str, ...] = ()
    under_gba_contract: bool = False


class GrantBack(StrEnum):
    NONE = "none"
    NON_EXCLUSIVE = "non_exclusive"
    EXCLUSIVE = "exclusive"
    ASSIGNMENT = "assignment"


@dataclass(frozen=True)
class CoveringPatent:
    number: str
    territory: str
    expires_on: date


@dataclass(frozen=True)
class TermSheet:
    """What the linter and the registers read of the terms. Dates are the last day of each;
    `special` are clauses in free words."""

    kind: ListingKind
    territories: tuple[str, ...]
    starts_on: date
    ends_on: date | None = None
    patents: tuple[CoveringPatent, ...] = ()
    know_how: bool = False
    royalty: bool = False
    royalty_until: date | None = None
    know_how_royalty_bp: int = 0
    grant_back: GrantBack = GrantBack.NONE
    grant_back_paid: bool = False
    licensor_gives_improvements: bool = False
    no_challenge: bool = False
    bans_competing: bool = False
    bans_improving: bool = False
    tied: tuple[str, ...] = ()
    limits: tuple[str, ...] = ()
    gross_up: bool | None = None
    special: str = ""
