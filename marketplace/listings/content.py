"""What may stand in each field of a listing, as a table of checks, and what submitting asks for."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from marketplace.core.checks import (
    Check,
    choice,
    choices,
    currency,
    email,
    lines,
    territories,
    text,
    whole,
    yes_or_no,
)
from marketplace.core.errors import DomainError, Faults, Invalid
from marketplace.core.vocabulary import Exclusivity, IprStatus, ListingKind, PriceModel
from marketplace.patents.ipc import symbols

from .models import Advantage, Listing, ListingText

INDUSTRY = re.compile(r"[A-T]\d{0,4}")
MAX_WORDS = {
    "title": 300,
    "summary": 140,
    "description": 50_000,
    "problem": 10_000,
    "confidential": 50_000,
}


def industry(value: str, field: tuple[str, ...]) -> str:
    found = value.strip().upper()
    if found and not INDUSTRY.fullmatch(found):
        raise Invalid("A code of GB/T 4754 is wanted, such as C39 or I6513.", field=field)
    return found


def goal(value: Any, field: tuple[str, ...]) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= 17:
        raise Invalid("A sustainable development goal is a number from 1 to 17.", field=field)
    return value


def sdgs(value: Sequence[int], field: tuple[str, ...]) -> list[int]:
    return sorted({goal(one, (*field, str(i))) for i, one in enumerate(value or ())})


CHECKS: Mapping[str, Check] = {
    "kind": choice(ListingKind),
    "anonymous": yes_or_no,
    "trl": whole(1, 9, "a technology readiness level"),
    "ipr_status": choice(IprStatus, blank=True),
    "fields_of_use": lines(120),
    "ipc": symbols,
    "sdgs": sdgs,
    "industry": industry,
    "exclusivity": choices(Exclusivity),
    "territories": territories,
    "period_months": whole(1, 1200, "a number of months"),
    "price_model": choice(PriceModel, blank=True),
    "price_amount": whole(0, 10**15, "an amount in minor units"),
    "price_currency": currency,
    "contact_name": text(120),
    "contact_email": email,
}


def contradictions(listing: Listing) -> Iterable[DomainError]:
    """What cannot be true together."""
    if (listing.price_amount is None) != (listing.price_currency == ""):
        yield Invalid(
            "An amount and its currency go together, such as 500000 and HKD.",
            field=("price_amount",),
        )
    if listing.price_model == PriceModel.FREE and listing.price_amount:
        yield Invalid("What is free has no price.", field=("price_amount",))
    if listing.kind == ListingKind.ASSIGNMENT and listing.exclusivity not in (
        [],
        [Exclusivity.EXCLUSIVE],
    ):
        yield Invalid(
            "An assignment leaves nothing to others: its exclusivity is EXCLUSIVE.",
            field=("exclusivity",),
        )


def missing(
    listing: Listing, texts: Iterable[ListingText], advantages: Iterable[Advantage]
) -> Iterable[DomainError]:
    """Everything that submitting asks for and is not there."""
    original = next((t for t in texts if t.status == ListingText.Status.ORIGINAL), None)
    asked: list[tuple[str, bool, str]] = [
        (name, bool(original and getattr(original, name).strip()), f"Write the {what}.")
        for name, what in (
            ("title", "title"),
            ("summary", "one-line summary, at most 140 characters"),
            ("description", "description"),
            ("problem", "problem that it solves"),
        )
    ]
    asked += [
        (
            "advantages",
            any(True for _ in advantages),
            "Give at least one advantage in figures: metric, value, unit, comparator.",
        ),
        ("trl", listing.trl is not None, "Say the technology readiness level, 1 to 9."),
        ("ipr_status", bool(listing.ipr_status), "Say the status of the right."),
        ("fields_of_use", bool(listing.fields_of_use), "Name at least one field of use."),
        ("industry", bool(listing.industry), "Say the industry by GB/T 4754, such as C39."),
        ("exclusivity", bool(listing.exclusivity), "Say which exclusivity is offered."),
        ("territories", bool(listing.territories), "Say the territories offered, such as CN."),
        ("period_months", listing.period_months is not None or not licensed(listing),
         "Say the period offered, in months."),
        ("price_model", bool(listing.price_model), "Say the price model, or NEGOTIABLE."),
        ("price_amount",
         listing.price_amount is not None or listing.price_model not in PRICED,
         "Give an indicative price in minor units with its currency."),
    ]  # fmt: skip
    yield from (Invalid(message, field=(name,)) for name, there, message in asked if not there)


PRICED = {PriceModel.LUMP_SUM, PriceModel.UPFRONT_AND_ROYALTY}


def licensed(listing: Listing) -> bool:
    return listing.kind in {ListingKind.PATENT_LICENCE, ListingKind.KNOW_HOW, ListingKind.SOFTWARE}


def checked_text(words: Mapping[str, str], field: tuple[str, ...]) -> dict[str, str]:
    """The words within their lengths; Faults name the path."""
    faults = [
        Invalid(
            f"At most {limit} characters, these are {len(words.get(name) or '')}.",
            field=(*field, name),
        )
        for name, limit in MAX_WORDS.items()
        if len(words.get(name) or "") > limit
    ]
    if not (words.get("title") or "").strip():
        faults.append(Invalid("A text needs its title.", field=(*field, "title")))
    if faults:
        raise Faults(faults)
    return {name: (words.get(name) or "").strip().replace("\x00", "") for name in MAX_WORDS}


def checked_advantage(given: Mapping[str, Any], field: tuple[str, ...]) -> dict[str, Any]:
    faults: list[DomainError] = []
    try:
        value = Decimal(str(given["value"]))
        if not value.is_finite() or abs(value) >= Decimal(10) ** 14:
            raise InvalidOperation
    except InvalidOperation:
        faults.append(Invalid("A figure is wanted, such as 35 or 0.5.", field=(*field, "value")))
    for name, limit, example in (
        ("metric", 120, "energy density"),
        ("unit", 40, "Wh/kg"),
        ("comparator", 200, "graphite anodes"),
    ):
        text = str(given.get(name) or "").strip()
        if not text or len(text) > limit:
            faults.append(
                Invalid(
                    f"1 to {limit} characters are wanted, such as {example}.", field=(*field, name)
                )
            )
    if faults:
        raise Faults(faults)
    return {
        "value": value,
        **{name: str(given[name]).strip() for name in ("metric", "unit", "comparator")},
    }
