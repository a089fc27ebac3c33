"""What an index holds of a listing or a need: nothing that the anonymous public may not see."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from marketplace.core.errors import Invalid
from marketplace.patents.ipc import parse_symbol

from .ranking import FIELD_WEIGHTS
from .text import tokens, words


@dataclass(frozen=True)
class Document:
    """`texts` are by field of ranking.FIELD_WEIGHTS, one string a language; `card` is what a hit
    shows; `facets` are those of request.FILTERS."""

    id: str
    revision: int = 1
    texts: Mapping[str, Sequence[str]] = field(default_factory=dict)
    claims: str = ""
    numbers: Sequence[str] = ()
    facets: Mapping[str, Sequence[str]] = field(default_factory=dict)
    price: int | None = None
    currency: str = ""
    published: int = 0  # milliseconds since 1970
    card: Mapping[str, Any] = field(default_factory=dict)

    def body(self) -> list[str]:
        """All tokens, each field's as often as its weight says."""
        return [
            token
            for name, weight in FIELD_WEIGHTS.items()
            for text in self.texts.get(name, ())
            for token in tokens(text) * weight
        ]

    def vocabulary(self) -> set[str]:
        return {
            word
            for name in ("title", "summary")
            for text in self.texts.get(name, ())
            for word in words(text)
        }

    def checksum(self) -> str:
        state = json.dumps(self.__dict__, sort_keys=True, ensure_ascii=False, default=list)
        return hashlib.sha256(state.encode()).hexdigest()[:32]


def ancestors(symbols: Iterable[str]) -> list[str]:
    """Each symbol and all that contain it, so that a filter by prefix is a look-up of a term."""
    found: set[str] = set()
    for text in symbols:
        try:
            one = parse_symbol(text).text
        except Invalid:
            continue
        found.update(one[:length] for length in (1, 3, 4) if len(one) >= length)
        if "/" in one:
            found.update((one, f"{one.partition('/')[0]}/00"))
    return sorted(found)


def ipc_facets(symbols: Iterable[str]) -> dict[str, list[str]]:
    every = ancestors(symbols)
    return {
        "ipc": every,
        "ipc_section": [s for s in every if len(s) == 1],
        "ipc_subclass": [s for s in every if len(s) == 4],
    }
