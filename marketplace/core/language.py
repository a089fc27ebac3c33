"""The three languages of the marketplace, and the way from one Chinese script to the other."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from django.db.models import TextChoices
from opencc import OpenCC


class Language(TextChoices):
    EN = "en", "English"
    HANS = "zh-Hans", "简体中文"
    HANT = "zh-Hant", "繁體中文"


@cache
def converter(name: str) -> OpenCC:
    return OpenCC(name)


def to_simplified(text: str) -> str:
    return str(converter("t2s").convert(text))


def to_traditional(text: str) -> str:
    """Traditional as Hong Kong writes it."""
    return str(converter("s2hk").convert(text))


def worded(texts: Mapping[Any, str], language: str) -> str:
    """The text in a language; Chinese that nobody wrote in a script is converted from the other,
    and what is in neither is given in English."""
    if found := texts.get(language):
        return found
    if language == Language.HANT and (hans := texts.get(Language.HANS)):
        return to_traditional(hans)
    if language == Language.HANS and (hant := texts.get(Language.HANT)):
        return to_simplified(hant)
    return texts[Language.EN]
