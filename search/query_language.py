"""The language of queries is small and takes any input: words, "a phrase", -word for what must not
be there, and field:value for ipc, cpc, applicant, number and trl, each with any of the values that
are named, or with - before it with none of them. What does not parse is a word.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from marketplace.core.errors import Invalid
from marketplace.patents.ipc import parse_symbol
from marketplace.patents.numbers import looks_like_number

from .text import IS_HAN, of_applicant, tokens, unmarked

PART = re.compile(
    r"""(?P<minus>(?<!\S)[-－])?(?:(?P<name>ipc|cpc|applicant|number|trl)[:：]\s?)?"""
    r"""(?:["“”„](?P<phrase>[^"“”„]*)["“”„]|(?P<word>[^\s"“”„]+))""",
    re.IGNORECASE,
)
SPACED = re.compile(  # values that are written with spaces, and need no quotes
    r"""\b((?:ipc|cpc)[:：])\s?([A-H]\d\d[A-Z]\s\d{1,4}/\d{2,6})(?!\S)|"""
    r"""\b(number[:：])\s?([A-Z]{2}\s?\d[\d,./]*(?:\s?[A-Z]\d?)?)(?!\S)""",
    re.IGNORECASE,
)
OPERATORS_WITHIN = 300  # characters; in a page of text, quotes and hyphens are only that


@dataclass
class Query:
    """What a text says. `plain` are its words without operators; phrases are tokens; `filters` and
    `apart` are by facet the values that must and must not be; `number` is office and digits, where
    the text is or holds a patent number; `impossible` asks for what cannot be, such as trl:12."""

    plain: str = ""
    phrases: list[list[str]] = field(default_factory=list)
    without: list[str] = field(default_factory=list)
    without_phrases: list[list[str]] = field(default_factory=list)
    without_numbers: list[str] = field(default_factory=list)
    filters: dict[str, list[str]] = field(default_factory=dict)
    apart: dict[str, list[str]] = field(default_factory=dict)
    number: str = ""
    impossible: bool = False


def parsed(text: str) -> Query:
    """Never raises."""
    number = looks_like_number(text.strip())
    query = Query(number=number.key if number else "")
    if len(text) > OPERATORS_WITHIN:
        query.plain = text
        return query
    words: list[str] = []
    for part in PART.finditer(quoted(text)):
        value, out = part["phrase"] or part["word"] or "", bool(part["minus"])
        if part["name"]:
            name = part["name"].lower()
            FIELDS[name](query, name, value, out)
        elif out:
            leave_out(query, tokens(value))
        elif part["phrase"] is not None and not IS_HAN.fullmatch(value.strip()):
            add(query.phrases, tokens(value))
        else:  # a sign in quotes too: it is no token of a phrase, which are pairs
            words.append(value)
    query.plain = " ".join(words)
    return query


def quoted(text: str) -> str:
    """The text with its operators in half width, as an input method may not write them, and values
    with spaces in quotes."""
    folded = unicodedata.normalize("NFKC", unmarked(text))
    return SPACED.sub(lambda found: '{}"{}"'.format(*filter(None, found.groups())), folded)


def leave_out(query: Query, said: list[str]) -> None:
    if len(said) > 1:  # of a phrase, or a Chinese word, each part may stand elsewhere
        query.without_phrases.append(said)
    else:
        query.without += [token for token in said if token not in query.without]


def add(phrases: list[list[str]], said: list[str]) -> None:
    if said:
        phrases.append(said)


def by_value(query: Query, name: str, value: str, out: bool) -> None:
    try:
        facet, one = VALUE[name](value)
    except Invalid:  # nothing has such a value
        query.impossible = query.impossible or not out
    else:
        (query.apart if out else query.filters).setdefault(facet, []).append(one)


def by_number(query: Query, name: str, value: str, out: bool) -> None:
    found = looks_like_number(value)
    if out:
        query.without_numbers += [found.key] if found else []
    elif found:
        query.number = found.key
    else:
        query.impossible = True


def by_applicant(query: Query, name: str, value: str, out: bool) -> None:
    add(query.without_phrases if out else query.phrases, of_applicant(value))


def trl(value: str) -> tuple[str, str]:
    if not (len(value) == 1 and value in "123456789"):
        raise Invalid("trl is 1 to 9", field=("text",))
    return "trl", value


# A field's facet and the value in its normal form; Invalid where it can be none.
VALUE: Mapping[str, Callable[[str], tuple[str, str]]] = {
    "ipc": lambda value: ("ipc", parse_symbol(value).text),
    "cpc": lambda value: ("ipc", parse_symbol(value).text),
    "trl": trl,
}
# How each field of PART is read.
FIELDS: Mapping[str, Callable[[Query, str, str, bool], None]] = {
    **dict.fromkeys(VALUE, by_value),
    "number": by_number,
    "applicant": by_applicant,
}
