"""What an index holds of a listing or a need: nothing that the anonymous public may not see."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from functools import cached_property
from typing import Any

from marketplace.core.errors import Invalid
from marketplace.patents.ipc import parse_symbol

from .ranking import CLAIMS_BOOST, FIELD_WEIGHTS
from .text import CLASS, field_of, grains, of_applicant, tokens, words

ANALYSIS = 5  # to be raised with any change of text.py, so that `search_index verify` sees it


@dataclass(frozen=True)
class Document:
    """`texts` are by field of ranking.FIELD_WEIGHTS, one string a language; `card` is what a hit
    shows; `facets` are those of request.FILTERS; documents of one `family` show as one result."""

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
    family: str = ""
    vector: Sequence[float] = ()  # of length 1, where search by meaning is on

    @property
    def kin(self) -> str:
        """What it shows as one result with: its family, or itself alone."""
        return self.family or self.id

    @cached_property
    def passages(self) -> list[list[str]]:
        """The tokens of each text, as often as its field's weight says: no phrase goes from one to
        the next."""
        return [
            found
            for name, weight in FIELD_WEIGHTS.items()
            for text in self.texts.get(name, ())
            for found in [tokens(text)] * weight
            if found
        ]

    @cached_property
    def phrases(self) -> list[list[str]]:
        """Where phrases are looked for: the passages, and names apart."""
        return [*self.passages, *map(of_applicant, self.texts.get("applicants", ()))]

    @cached_property
    def grains(self) -> list[str]:
        return [
            grain
            for name, weight in FIELD_WEIGHTS.items()
            for text in self.texts.get(name, ())
            for grain in grains(text) * weight
        ]

    @cached_property
    def classes(self) -> list[str]:
        """Tokens of its subclasses and groups."""
        return [class_token(symbol) for symbol in self.facets.get("ipc", ()) if len(symbol) >= 4]

    @cached_property
    def claim_tokens(self) -> list[str]:
        return tokens(self.claims)

    def body(self) -> list[str]:
        """All tokens proper, each field's as often as its weight says."""
        return [token for passage in self.passages for token in passage]

    @cached_property
    def frequencies(self) -> Mapping[str, float]:
        """How often each token stands there, as the weights of fields count it."""
        found: Counter[str] = Counter(self.body())
        found.update(self.grains)
        found.update(self.classes)
        for token in self.claim_tokens:
            found[token] += CLAIMS_BOOST  # type: ignore[assignment]
        return found

    @cached_property
    def lengths(self) -> Mapping[str, float]:
        """Of each field of the index, in tokens."""
        found: Counter[str] = Counter()
        for token, times in self.frequencies.items():
            found[field_of(token)] += times  # type: ignore[assignment]
        return found

    def vocabulary(self) -> set[str]:
        return {
            word
            for name in ("title", "summary")
            for text in self.texts.get(name, ())
            for word in words(text)
        }

    @cached_property
    def checksum(self) -> str:
        content = {one.name: getattr(self, one.name) for one in fields(self)}
        state = json.dumps([ANALYSIS, content], sort_keys=True, ensure_ascii=False, default=list)
        return hashlib.sha256(state.encode()).hexdigest()[:32]


def class_token(symbol: str) -> str:
    return CLASS + symbol.replace(" ", "")


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
