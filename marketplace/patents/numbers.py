"""Numbers of patents: parsed from any usual form, checked, and normalised as DOCDB has them.

A publication is country, number without leading zeros, and kind: `US.8000000.B2`. An application
is country and number: `CN.200310100002`. Sources: WIPO ST.6, ST.13 and ST.16; the check digit of
the Chinese office is the weighted sum of its twelve digits modulo 11.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from marketplace.core.errors import Invalid
from marketplace.core.territory import OFFICES

WEIGHTS = (2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5)
RIGHT_FORM = "write it as US 8,000,000 B2, CN200310100002.X or PCT/CN2020/123456"


@dataclass(frozen=True)
class PatentNumber:
    """`kind` is the ST.16 code, or empty where none was said."""

    office: str
    number: str
    kind: str = ""
    stage: Literal["application", "publication"] = "publication"

    @property
    def docdb(self) -> str:
        return ".".join(part for part in (self.office, self.number, self.kind) if part)

    @property
    def key(self) -> str:
        """Office and number without kind: what all publications of one number share."""
        return f"{self.office}{self.number}"

    def __str__(self) -> str:
        return f"{self.office}{self.number}{self.kind}"


def check_digit(twelve: str) -> str:
    """The last sign of a Chinese application number; 10 is written X."""
    rest = sum(int(d) * w for d, w in zip(twelve, WEIGHTS, strict=True)) % 11
    return "X" if rest == 10 else str(rest)


def chinese_application(match: re.Match[str]) -> PatentNumber:
    digits, check = match["digits"], match["check"]
    if len(digits) == 12 and check and check_digit(digits) != check:
        raise Invalid(
            f"The check digit of CN{digits} is {check_digit(digits)}, not {check}.",
            field=("number",),
        )
    return PatentNumber("CN", digits, stage="application")


def pct_application(match: re.Match[str]) -> PatentNumber:
    year = match["year"] if len(match["year"]) == 4 else century(match["year"])
    serial = match["serial"].lstrip("0").zfill(6)
    return PatentNumber("WO", f"{year}{match['office']}{serial}", stage="application")


def international_publication(match: re.Match[str]) -> PatentNumber:
    year = match["year"] if len(match["year"]) == 4 else century(match["year"])
    return PatentNumber("WO", f"{year}{int(match['serial']):06d}", match["kind"] or "")


def century(two: str) -> str:
    return ("19" if int(two) >= 78 else "20") + two  # the PCT began in 1978


def american_application(match: re.Match[str]) -> PatentNumber:
    return PatentNumber("US", f"{int(match['series'])}{match['serial']}", stage="application")


def american_publication(match: re.Match[str]) -> PatentNumber:
    return PatentNumber("US", f"{match['year']}{match['serial']}", match["kind"] or "")


def hong_kong_application(match: re.Match[str]) -> PatentNumber:
    return PatentNumber("HK", match["digits"], stage="application")


def publication(match: re.Match[str]) -> PatentNumber:
    number = match["number"].lstrip("0")
    if not number.strip("0"):
        raise Invalid(f"A number without digits; {RIGHT_FORM}.", field=("number",))
    return PatentNumber(match["office"], number, match["kind"] or "")


KIND = r"(?P<kind>[A-Z]\d?)?"
Builder = Callable[[re.Match[str]], PatentNumber]
# From the particular to the general: the first that fits decides. Spaces, commas and dashes are
# gone by then, so that each form is written once.
FORMS: Sequence[tuple[re.Pattern[str], Builder]] = [
    (re.compile(rf), build)
    for rf, build in (
        (r"PCT/?(?P<office>[A-Z]{2})(?P<year>\d{4}|\d{2})/?(?P<serial>\d{5,6})", pct_application),
        (r"WO(?P<year>\d{4}|\d{2})/?(?P<serial>\d{5,6})" + KIND, international_publication),
        (r"(?:CN|ZL|CNZL)(?P<digits>(?:19|20)\d{2}[1-9]\d{7})\.?(?P<check>[\dX])?",
         chinese_application),
        (r"(?P<digits>(?:19|20)\d{2}[123589]\d{7})\.(?P<check>[\dX])", chinese_application),
        (r"(?:CN|ZL|CNZL)(?P<digits>(?:8[5-9]|9\d|0[0-3])[1238]\d{5})\.(?P<check>[\dX])",
         chinese_application),
        (r"(?:US)?(?P<series>\d{2})/(?P<serial>\d{6})", american_application),
        (r"US(?P<year>(?:19|20)\d{2})/?(?P<serial>\d{7})" + KIND, american_publication),
        (r"HK(?P<digits>\d{8})\.(?P<check>\d)", hong_kong_application),
        (r"(?P<office>[A-Z]{2})(?P<number>[A-Z]{0,4}\d[\dA-Z/.]{0,18}?)\.?" + KIND, publication),
    )
]  # fmt: skip


def parse_number(text: str, *, field: tuple[str, ...] = ("number",)) -> PatentNumber:
    """The number in `text`. Invalid says what is wrong and shows a right form."""
    cleaned = re.sub(r"[\s,‐-―-]+", "", unicodedata.normalize("NFKC", text).upper())
    if not 4 <= len(cleaned) <= 30 or not cleaned.isascii():
        raise Invalid(f"{text[:40]!r} is no patent number; {RIGHT_FORM}.", field=field)
    for form, build in FORMS:
        match = form.fullmatch(cleaned)
        if match is None:
            continue
        try:
            found = build(match)
        except Invalid as error:
            raise Invalid(error.message, field=field) from None
        if found.office not in OFFICES:
            break
        return found
    raise Invalid(f"{text[:40]!r} is no patent number; {RIGHT_FORM}.", field=field)


def looks_like_number(text: str) -> PatentNumber | None:
    """What a search box should take for a number: it has digits enough, and it parses."""
    if sum(c.isdigit() for c in text) < 5 or len(text) > 40:
        return None
    try:
        return parse_number(text)
    except Invalid:
        return None


KINDS: dict[str, dict[str, str]] = {
    "CN": {
        "A": "application published",
        "B": "patent granted",
        "C": "patent granted, until 2010",
        "U": "utility model granted",
        "Y": "utility model, until 2010",
        "S": "design granted",
        "D": "design, until 2010",
    },
    "US": {
        "A": "patent granted, until 2000",
        "A1": "application published",
        "A2": "application published again",
        "B1": "patent granted, not published before",
        "B2": "patent granted, published before",
        "S1": "design granted",
        "E1": "reissued",
    },
    "EP": {
        "A1": "application with search report",
        "A2": "application without search report",
        "A3": "search report",
        "A4": "supplementary search report",
        "B1": "patent granted",
        "B2": "patent amended",
        "B3": "patent limited",
    },
    "WO": {
        "A1": "application with search report",
        "A2": "application without search report",
        "A3": "search report",
    },
    "HK": {"A": "request published", "A1": "request published", "B": "patent granted"},
}


def kind_meaning(office: str, kind: str) -> str:
    """What an ST.16 code says at that office; empty where we do not know."""
    table = KINDS.get(office, {})
    return table.get(kind) or table.get(kind[:1], "")
