"""Reading single values of an imported row, each with the name that a refusal gives."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from marketplace.core.errors import Invalid

DAY = re.compile(r"((?:1[789]|2[01])\d{2})-?(\d{2})-?(\d{2})")  # a slip such as 9024 is no day


def text_of(row: Mapping[str, Any], name: str, most: int = 50_000) -> str:
    value = row.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise Invalid(f"A text is wanted, not {type(value).__name__}.", field=(name,))
    if len(value) > most:
        raise Invalid(f"At most {most} characters, these are {len(value)}.", field=(name,))
    return value.strip()


def list_of(row: Mapping[str, Any], name: str, most: int = 300) -> list[str]:
    """A JSON list of texts, or one text with ` | ` between them."""
    value = row.get(name)
    if value is None:
        return []
    values = value.split("|") if isinstance(value, str) else value
    if not isinstance(values, Sequence) or not all(isinstance(one, str) for one in values):
        raise Invalid('A list of texts is wanted, such as ["A61K", "A61P"].', field=(name,))
    found = [one.strip() for one in values if one.strip()]
    for one in found:
        if len(one) > most:
            raise Invalid(f"At most {most} characters each, one has {len(one)}.", field=(name,))
    return list(dict.fromkeys(found))


def day_of(row: Mapping[str, Any], name: str) -> date | None:
    value = text_of(row, name, 40)
    if not value:
        return None
    match = DAY.fullmatch(value)
    try:
        if match:
            return date(*map(int, match.groups()))
    except ValueError:
        pass
    raise Invalid(f"{value!r} is no day; write it as 2024-04-17 or 20240417.", field=(name,))


def whole_of(row: Mapping[str, Any], name: str) -> int | None:
    value = row.get(name)
    if value in (None, ""):
        return None
    if isinstance(value, str) and value.strip().isascii() and value.strip().isdigit():
        return int(value.strip()[:18])
    if isinstance(value, bool) or not isinstance(value, int):
        raise Invalid("A whole number is wanted, such as 6.", field=(name,))
    return value


def languages_of(row: Mapping[str, Any], name: str, most: int) -> dict[str, str]:
    """By `en`, `hans`, `hant` and `other`, from `title_en`, `title_zh`, `title_hant`, and from
    `title` in the language that `lang` says."""
    lang = text_of(row, "lang", 20).lower()
    traditional = lang.endswith("hant") or text_of(row, "script", 10).lower() == "hant"
    own = (
        "hant" if traditional else {"en": "en", "zh": "hans", "zh-hans": "hans"}.get(lang, "other")
    )
    found = {
        "en": text_of(row, f"{name}_en", most),
        "hans": text_of(row, f"{name}_zh", most) or text_of(row, f"{name}_hans", most),
        "hant": text_of(row, f"{name}_hant", most),
        "other": "",
    }
    plain = text_of(row, name, most)
    if plain and not found[own]:
        found[own] = plain
    return found
