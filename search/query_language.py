"""The language of queries is small and takes any input: words, "a phrase", -word for what must not
be there, and field:value for ipc, cpc, number and trl, each with any of the values that are named,
or with - before it with none of them; applicants all have to be there, as phrases do. What does not
parse is a word.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from marketplace.core.errors import Invalid
from marketplace.patents.ipc import parse_symbol
from marketplace.patents.numbers import looks_like_number, parse_number

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
# A number beside other words, with its office: “专利号：CN101357592A”, “(US8000000B2)”.
HELD = re.compile(
    r"(?<![A-Z0-9])(?:PCT/)?[A-Z]{2}[A-Z./]{0,3}\d[\d./]{4,}[A-Z]?\d?(?![A-Z0-9])",
    re.ASCII | re.IGNORECASE,
)
OPERATORS_WITHIN = 300  # characters; in a page of text, quotes and hyphens are only that
MINUS = ("-", "－")
LISTED = re.compile(r"[,;、]")  # between classes that are named together
LEVELS = re.compile(r"([1-9])(?:[-–~]([1-9]))?", re.ASCII)


@dataclass
class Query:
    """What a text says. `plain` are its words without operators; phrases are tokens; `filters` and
    `apart` are by facet the values that must and must not be; `numbers` are office and digits of
    the patent numbers that the text is or holds; `warnings` name what nothing can have, each with a
    right form, and the query is `impossible` where it has to be had."""

    plain: str = ""
    phrases: list[list[str]] = field(default_factory=list)
    without: list[str] = field(default_factory=list)
    without_phrases: list[list[str]] = field(default_factory=list)
    without_numbers: list[str] = field(default_factory=list)
    filters: dict[str, list[str]] = field(default_factory=dict)
    apart: dict[str, list[str]] = field(default_factory=dict)
    numbers: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    impossible: bool = False


def parsed(text: str) -> Query:
    """Never raises."""
    whole = None if text.lstrip().startswith(MINUS) else looks_like_number(text.strip())
    query = Query(numbers=[whole.key] if whole else [])
    if len(text) > OPERATORS_WITHIN:
        query.plain = unmarked(text)
        return query
    words: list[str] = []
    for part in PART.finditer(quoted(text)):
        value, out = part["phrase"] or part["word"] or "", bool(part["minus"])
        if part["name"]:
            name = part["name"].lower()
            try:
                FIELDS[name](query, name, value, out)
            except Invalid as error:  # nothing has such a value
                query.warnings.append(error.message)
                query.impossible = query.impossible or not out
        elif out:
            leave_out(query, value)
        elif part["phrase"] is not None and not IS_HAN.fullmatch(value.strip()):
            add(query.phrases, tokens(value))
        else:  # a sign in quotes too: it is no token of a phrase, which are pairs
            words.append(value)
            held = (looks_like_number(one.group()) for one in HELD.finditer(value))
            query.numbers += [one.key for one in held if one]
    query.plain = " ".join(words)
    query.numbers = list(dict.fromkeys(query.numbers))
    return query


def quoted(text: str) -> str:
    """The text with its operators in half width, as an input method may not write them, and values
    with spaces in quotes."""
    folded = unicodedata.normalize("NFKC", unmarked(text))
    return SPACED.sub(lambda found: '{}"{}"'.format(*filter(None, found.groups())), folded)


def leave_out(query: Query, value: str) -> None:
    said = tokens(value)
    if number := looks_like_number(value):
        query.without_numbers.append(number.key)
    elif len(said) > 1:  # of a phrase, or a Chinese word, each part may stand elsewhere
        query.without_phrases.append(said)
    else:
        query.without += [token for token in said if token not in query.without]


def add(phrases: list[list[str]], said: list[str]) -> None:
    if said:
        phrases.append(said)


def by_value(query: Query, name: str, value: str, out: bool) -> None:
    facet, values = VALUES[name](value)
    (query.apart if out else query.filters).setdefault(facet, []).extend(values)


def by_number(query: Query, name: str, value: str, out: bool) -> None:
    found = looks_like_number(value) or parse_number(value, field=("text",))
    (query.without_numbers if out else query.numbers).append(found.key)


def by_applicant(query: Query, name: str, value: str, out: bool) -> None:
    add(query.without_phrases if out else query.phrases, of_applicant(value))


def ipc(value: str) -> tuple[str, list[str]]:
    several = [one for one in LISTED.split(value) if one] or [value]
    return "ipc", [parse_symbol(one).text for one in several]


def trl(value: str) -> tuple[str, list[str]]:
    found = LEVELS.fullmatch(value)
    least, most = (found[1], found[2] or found[1]) if found else ("1", "0")
    if least > most:
        raise Invalid(
            f"{value[:40]!a} is no TRL; write one from trl:1 to trl:9, or several as trl:4-6.",
            field=("text",),
        )
    return "trl", [str(level) for level in range(int(least), int(most) + 1)]


# A field's facet and the values in their normal form; Invalid where it can be none.
VALUES: Mapping[str, Callable[[str], tuple[str, list[str]]]] = {"ipc": ipc, "cpc": ipc, "trl": trl}
# How each field of PART is read.
FIELDS: Mapping[str, Callable[[Query, str, str, bool], None]] = {
    **dict.fromkeys(VALUES, by_value),
    "number": by_number,
    "applicant": by_applicant,
}
