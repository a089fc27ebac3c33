"""Checks of single values, each giving the normal form or an Invalid that shows the right one."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db.models import TextChoices

from .errors import DomainError, Faults, Invalid
from .territory import territory

Path = tuple[str, ...]
Check = Callable[[Any, Path], Any]
CURRENCY = re.compile(r"[A-Z]{3}")


def whole(low: int, high: int, what: str) -> Callable[[Any, Path], int | None]:
    def check(value: Any, field: Path) -> int | None:
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise Invalid(f"{what} is a whole number from {low} to {high}.", field=field)
        return value

    return check


def choice(of: type[TextChoices], *, blank: bool = False) -> Callable[[Any, Path], str]:
    def check(value: Any, field: Path) -> str:
        if value in of.values or (blank and not value):
            return str(value or "")
        raise Invalid(f"One of {', '.join(of.names)} is wanted.", field=field)

    return check


def choices(of: type[TextChoices]) -> Callable[[Any, Path], list[str]]:
    one = choice(of)

    def check(values: Sequence[Any], field: Path) -> list[str]:
        return sorted({one(value, (*field, str(i))) for i, value in enumerate(values or ())})

    return check


def lines(limit: int, most: int = 50) -> Callable[[Any, Path], list[str]]:
    """Up to `most` short texts, without repeats, in their order."""

    def check(values: Sequence[str], field: Path) -> list[str]:
        if len(values or ()) > most:
            raise Invalid(f"At most {most} of them.", field=field)
        for i, value in enumerate(values or ()):
            if not 0 < len(value.strip()) <= limit:
                raise Invalid(f"1 to {limit} characters are wanted.", field=(*field, str(i)))
        return list(dict.fromkeys(value.strip() for value in values or ()))

    return check


def currency(value: str, field: Path) -> str:
    found = (value or "").strip().upper()
    if found and not CURRENCY.fullmatch(found):
        raise Invalid("Three letters of ISO 4217 are wanted, such as HKD.", field=field)
    return found


def territories(values: Sequence[str], field: Path) -> list[str]:
    return sorted({territory(one, field=(*field, str(i))) for i, one in enumerate(values or ())})


def text(limit: int) -> Check:
    def check(value: str, field: Path) -> str:
        if len(value or "") > limit:
            raise Invalid(f"At most {limit} characters, these are {len(value)}.", field=field)
        return (value or "").strip()

    return check


def words(limit: int, *, at_least: int = 1) -> Check:
    """A text that must say something."""
    within = text(limit)

    def check(value: str, field: Path) -> str:
        found: str = within(value, field)
        if len(found) < at_least:
            raise Invalid(f"{at_least} to {limit} characters are wanted.", field=field)
        return found

    return check


def email(value: str, field: Path) -> str:
    found = (value or "").strip()
    if found:
        try:
            validate_email(found)
        except ValidationError:
            raise Invalid(
                "An e-mail address is wanted, such as li@example.com.", field=field
            ) from None
    return found


def yes_or_no(value: Any, field: Path) -> bool:
    return bool(value)


def checked(changes: Mapping[str, Any], table: Mapping[str, Check]) -> dict[str, Any]:
    """The changes in the normal form that `table` gives; Faults name every field that is wrong."""
    faults: list[DomainError] = []
    good: dict[str, Any] = {}
    for name, value in changes.items():
        try:
            good[name] = table[name](value, (name,))
        except Invalid as error:
            faults.append(error)
    if faults:
        raise Faults(faults)
    return good
