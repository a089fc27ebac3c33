"""The three languages of the marketplace, and the way from one Chinese script to the other."""

from __future__ import annotations

from functools import cache

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
