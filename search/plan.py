"""From the text of a query to what the engines look for: the same for both.

The language of queries is small and takes any input: words, "a phrase", -word for what must not
be there, and field:value for ipc, applicant, number and trl. What does not parse is a word.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from marketplace.core.errors import Invalid
from marketplace.patents.ipc import parse_symbol
from marketplace.patents.numbers import looks_like_number

from . import lexicon
from .ranking import MOST_TERMS
from .text import script, tokens

PART = re.compile(
    r"""(?P<minus>(?<!\S)[-－])?(?:(?P<name>ipc|cpc|applicant|number|trl)[:：]\s?)?"""
    r"""(?:["“”„](?P<phrase>[^"“”„]*)["“”„]|(?P<word>[^\s"“”„]+))""",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Concept:
    """One thing asked for: any of its alternatives will do, each for what it is worth."""

    source: str
    alternatives: tuple[lexicon.Alternative, ...]
    times: int = 1  # how often it stands in the query, which counts that much more for it


@dataclass(frozen=True)
class Plan:
    concepts: Sequence[Concept] = ()
    phrases: Sequence[Sequence[str]] = ()
    without: Sequence[str] = ()
    number: str = ""  # office and digits, where the text is or holds a patent number
    filters: Mapping[str, Sequence[str]] = field(default_factory=dict)
    language: str = "en"
    impossible: bool = False  # asks for what cannot be, such as trl:12

    @property
    def empty(self) -> bool:
        return not (self.concepts or self.phrases or self.number)


MOST_TIMES = 10  # a word repeated more often tells nothing more
Rarity = Callable[[Sequence[str]], Mapping[str, int]]


def plan(text: str, rarity: Rarity) -> Plan:
    """Never raises. `rarity` tells in how many documents tokens stand; long texts ask it."""
    words: list[str] = []
    phrases: list[list[str]] = []
    without: list[str] = []
    filters: dict[str, list[str]] = {}
    number = looks_like_number(text.strip())
    key = number.key if number else ""
    impossible = False
    for part in PART.finditer(text):
        name, value = (part["name"] or "").lower(), part["phrase"] or part["word"] or ""
        if name in ("ipc", "cpc", "trl") and not part["minus"]:
            try:
                filters.setdefault(*VALUE[name](value))
            except Invalid:
                impossible = True
        elif name == "number":
            found = looks_like_number(value)
            key, impossible = (found.key, impossible) if found else (key, True)
        elif name == "applicant":
            phrases.append(tokens(value))
        elif part["minus"]:
            without += tokens(value)
        elif part["phrase"] is not None:
            phrases.append(tokens(value))
        else:
            words.append(part["word"])
    language = script(text)
    counted = Counter(tokens(" ".join(words)))
    found_tokens = list(counted)
    if len(found_tokens) > MOST_TERMS:
        counts = rarity(found_tokens)
        telling = sorted(found_tokens, key=lambda t: counts.get(t, 0) or 10**9)[:MOST_TERMS]
        found_tokens = [t for t in found_tokens if t in set(telling)]
    others = lexicon.expand(found_tokens, language)
    return Plan(
        concepts=[
            Concept(
                t,
                (lexicon.Alternative(t, 1.0, "word"), *others.get(t, ())),
                min(counted[t], MOST_TIMES),
            )
            for t in found_tokens
        ],
        phrases=[p for p in phrases if p],
        without=list(dict.fromkeys(without)),
        number=key,
        filters=filters,
        language=language,
        impossible=impossible,
    )


def trl(value: str) -> tuple[str, list[str]]:
    if not (len(value) == 1 and value in "123456789"):
        raise Invalid("trl is 1 to 9", field=("text",))
    return "trl", [value]


VALUE: Mapping[str, Callable[[str], tuple[str, list[str]]]] = {
    "ipc": lambda value: ("ipc", [parse_symbol(value).text]),
    "cpc": lambda value: ("ipc", [parse_symbol(value).text]),
    "trl": trl,
}
