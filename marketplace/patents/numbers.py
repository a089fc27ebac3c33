"""Numbers of patents: parsed from any usual form, checked, and normalised as DOCDB has them.

A publication is country, number without leading zeros, and kind: `US.8000000.B2`. An application
is country and number: `CN.200310100002`; the serials of the United States keep their stroke and
those of Britain their check digit, since a publication may have the same digits. Sources: WIPO
ST.6, ST.13 and ST.16; the check digit of the Chinese office is the weighted sum of its twelve
digits modulo 11. Of the eight digits it gave until 2003 only the form is checked.
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
EXAMPLES = {
    "CN": "CN101357592A, ZL201610070690.7 or CN200310100002.X",
    "EP": "EP2626258A1 or EP22150287.5",
    "HK": "HK1234567A1, HK40012345A or HK17100069.7",
    "US": "US 8,000,000 B2, US20120139329A1 or US 10/825,795",
    "WO": "WO2020123456A1 or PCT/CN2020/123456",
}


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
    right = check_digit(digits)
    if check and check != right:
        raise Invalid(
            f"The check digit of CN{digits} is {right}, not {check}; write CN{digits}.{right}."
        )
    return application("CN", digits)


def pct_application(match: re.Match[str]) -> PatentNumber:
    serial = match["serial"].lstrip("0").zfill(6)
    return application("WO", f"{full_year(match['year'])}{match['receiver']}{serial}")


def international_publication(match: re.Match[str]) -> PatentNumber:
    number = f"{full_year(match['year'])}{int(match['serial']):06d}"
    return PatentNumber("WO", number, match["kind"] or "")


def full_year(year: str) -> str:
    """Two digits were written from 1978, when the PCT began, until 2004."""
    if len(year) == 4:
        return year
    return ("19" if int(year) >= 78 else "20") + year


def american_application(match: re.Match[str]) -> PatentNumber:
    return application("US", f"{match['series']}/{match['serial']}")


def american_publication(match: re.Match[str]) -> PatentNumber:
    number = f"{match['year']}{int(match['serial']):07d}"  # DOCDB itself writes six digits
    return PatentNumber("US", number, match["kind"] or "")


def korean_publication(match: re.Match[str]) -> PatentNumber:
    return PatentNumber("KR", match["number"], match["kind"] or "")


def digits_alone(match: re.Match[str]) -> PatentNumber:
    return application(match["office"], match["number"])


def publication(match: re.Match[str]) -> PatentNumber:
    number = match["number"].lstrip("0")
    if not number.strip("0/"):
        raise Invalid(f"A number is not zero; {RIGHT_FORM}.")
    return PatentNumber(match["office"], number, match["kind"] or "")


def application(office: str, number: str) -> PatentNumber:
    return PatentNumber(office, number, stage="application")


PCT_YEAR = r"(?P<year>(?:19|20)\d{2}|7[89]|[89]\d|0[0-4])"
KIND = r"(?:\.?(?P<kind>[A-Z]\d?))?"
ZL = r"(?:CNZL|ZL|CN)"
Builder = Callable[[re.Match[str]], PatentNumber]
# From the particular to the general: the first that fits decides. Spaces, commas, dashes and the
# dot or stroke after the office are gone by then, so that each form is written once.
FORMS: Sequence[tuple[re.Pattern[str], Builder]] = [
    (re.compile(form, re.ASCII), build)
    for form, build in (
        (rf"(?:WO|[A-Z]{{2}})?PCT/?(?P<receiver>[A-Z]{{2}}){PCT_YEAR}/?(?P<serial>\d{{5,6}})",
         pct_application),
        (r"WO(?P<year>\d{4})(?P<receiver>[A-Z]{2})(?P<serial>\d{6})", pct_application),
        (rf"WO{PCT_YEAR}/?(?P<serial>\d{{5,6}}){KIND}", international_publication),
        (rf"{ZL}?(?P<digits>(?:19|20)\d{{2}}[12389]\d{{7}})\.(?P<check>[\dX])[A-Z]?",
         chinese_application),
        (rf"{ZL}(?P<digits>(?:19|20)\d{{2}}[12389]\d{{7}})(?P<check>[\dX])?[AU]?",
         chinese_application),
        (rf"{ZL}(?P<number>(?:8[5-9]|9\d|0[0-3])[12389]\d{{5}})(?:\.[\dX])?",
         lambda match: application("CN", match["number"])),
        (rf"(?P<office>CN)(?P<number>[1-3]\d{{6}}|[1-3]\d{{8}}|[89]\d{{7}}){KIND}", publication),
        (r"(?:US)?(?P<series>\d{2})/(?P<serial>\d{6})", american_application),
        (r"US(?P<series>29|3[5-9]|6\d)(?P<serial>\d{6})", american_application),
        (r"US(?:19|20)\d{2}(?P<series>\d{2})(?P<serial>\d{6})[AP]", american_application),
        (rf"US(?P<year>20\d{{2}})/?(?P<serial>\d{{6,7}}){KIND}", american_publication),
        (rf"(?P<office>US)(?P<number>(?:D|PP|RE|RX|AI|T|H|X)?0?[01]?\d{{1,7}}){KIND}", publication),
        (r"(?P<office>HK)(?P<number>(?:9[7-9]|[01]\d)[12]\d{5}|[2-4]20\d{8})(?:\.\d)?",
         digits_alone),
        (r"(?P<number>(?:0[4-9]|1\d)1[0-2]\d{4})\.\d",  # those of the EPO go on 15
         lambda match: application("HK", match["number"])),
        (rf"(?P<office>HK)(?P<number>1\d{{6}}|[2-4]\d{{7}}){KIND}", publication),
        (r"(?P<office>EP)(?P<number>\d{8})(?:\.\d)?A?", digits_alone),
        (rf"(?P<office>EP)(?P<number>0?\d{{1,7}}){KIND}", publication),
        (r"(?:GB)?(?P<office>GB)(?P<number>\d{7}\.\d)A?", digits_alone),
        (r"(?:DE)?(?P<office>DE)(?P<number>[1-9]\d{7,11})\.\d[AU]?", digits_alone),
        (rf"KR10(?P<number>(?:19|20)\d{{2}}\d{{7}}){KIND}", korean_publication),
        (rf"(?P<office>(?!CN|US|HK|EP|WO)[A-Z]{{2}})"
         rf"(?P<number>(?:[A-Z]{{1,4}}\d|0*[1-9])\d{{2,13}}[A-Z]??"
         rf"|[1-9]\d{{2,3}}[A-Z]{{2,5}}\d{{4,5}}){KIND}",
         publication),
        (r"(?P<office>(?!CN|US|HK|EP|WO)[A-Z]{2})"
         r"(?P<number>[A-Z]{0,2}\d{1,6}/(?:\d{2,6}|[A-Z]{2,5}/\d{4}))A?", digits_alone),
    )
]  # fmt: skip
MOST = 60  # characters, with all spaces and signs that people put in


def parse_number(text: str, *, field: tuple[str, ...] = ("number",)) -> PatentNumber:
    """The number in `text`. Invalid says what is wrong and shows a right form."""
    try:
        return parsed(text)
    except Invalid as error:
        raise Invalid(error.message, field=field) from None


def parsed(text: str) -> PatentNumber:
    shown = ascii(text[:40])
    if len(text) > MOST:
        raise Invalid(f"A patent number has at most {MOST} characters; {RIGHT_FORM}.")
    cleaned = re.sub(r"[\s,‐-―−-]+", "", unicodedata.normalize("NFKC", text).upper())
    cleaned = re.sub(r"^([A-Z]{2})[./]", r"\1", cleaned)
    for form, build in FORMS:
        match = form.fullmatch(cleaned)
        if match is None:
            continue
        found = build(match)
        if found.office not in OFFICES:
            raise Invalid(f"{found.office} is no office of WIPO ST.3; {RIGHT_FORM}.")
        letters = KIND_LETTERS.get(found.office)
        if found.kind and letters and found.kind[0] not in letters:
            raise Invalid(
                f"{found.kind} is no kind of document at {found.office}; "
                f"write it as {EXAMPLES[found.office]}."
            )
        return found
    if cleaned.isdigit():
        raise Invalid(f"{shown} does not say its office; {RIGHT_FORM}.")
    office = "CN" if cleaned.startswith("ZL") else cleaned[:2]
    right_form = f"write it as {EXAMPLES[office]}" if office in EXAMPLES else RIGHT_FORM
    raise Invalid(f"{shown} is no patent number; {right_form}.")


AMERICAN_HABIT = re.compile(r"\d{1,2},\d{3},\d{3}(?:\s*[A-Z]\d?)?", re.ASCII)


def looks_like_number(text: str) -> PatentNumber | None:
    """What a search box should take for a number: it has digits enough, and it parses."""
    if len(text) > MOST or sum(c.isdigit() for c in text) < 5:
        return None
    if AMERICAN_HABIT.fullmatch(text.strip().upper()):
        text = f"US{text}"
    try:
        return parse_number(text)
    except Invalid:
        return None


KIND_LETTERS = {"CN": "ABCDESUY", "EP": "ABC", "WO": "ABC"}
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
    "HK": {"A": "request published", "B": "patent granted"},
    "JP": {
        "A": "application published",
        "B1": "patent granted, not published before",
        "B2": "patent granted, published before",
        "U": "utility model",
    },
    "KR": {"A": "application published", "B1": "patent granted", "U": "utility model published"},
    "TW": {"A": "application published", "B": "patent granted"},
    "DE": {"A1": "application published", "B": "patent granted", "U1": "utility model"},
    "GB": {"A": "application published", "B": "patent granted"},
    "FR": {"A1": "application published", "B1": "patent granted"},
    "RU": {"A": "application published", "C": "patent granted", "U1": "utility model"},
}


def kind_meaning(office: str, kind: str) -> str:
    """What an ST.16 code says at that office; empty where we do not know."""
    table = KINDS.get(office, {})
    return table.get(kind) or table.get(kind[:1], "")
