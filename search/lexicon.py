"""Other words for a word: the door through which translations and synonyms come in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Alternative:
    """A token to look for instead, what it is worth beside the word itself, and whence it comes."""

    token: str
    weight: float
    origin: Literal["word", "translation", "synonym", "similar", "prefix"]


def expand(tokens: Sequence[str], language: str) -> dict[str, list[Alternative]]:
    """For tokens of a query in `language` (`en` or `zh`), their alternatives; none is no entry."""
    return {}
