"""The scope of a right in its normal form: territories, fields of use, acts, period.

Fields of use are paths in a tree, `medical/diagnostics/imaging`; who holds a field holds all below
it. Territories are single ones: a region stands for those in it.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from marketplace.core.errors import Invalid
from marketplace.core.language import to_simplified
from marketplace.core.territory import TERRITORIES, territory
from marketplace.patents.status import EPC

from .models import Act

WORLD = "WORLD"
EVERY_FIELD = ""
LONGEST_PATH = 200
Names = Mapping[str, str]  # the field that one is joined to, by its path
NO_NAMES: Names = {}
REGIONS = {WORLD: TERRITORIES, "EP": EPC}


def territories(given: Sequence[str], *, field: tuple[str, ...] = ("territories",)) -> list[str]:
    """Single territories in order; WORLD is all of ST.3 and EP the states of the European Patent
    Convention, but CN the mainland alone, without HK, MO and TW."""
    found: set[str] = set()
    for number, one in enumerate(given):
        region = REGIONS.get(one.strip().upper())
        found |= region or {territory(one, field=(*field, str(number)))}
    if not found:
        raise Invalid("Say at least one territory, such as CN or HK.", field=field)
    return sorted(found)


def plain(text: str) -> str:
    """A field of use as it is compared: small letters, simplified script, single spaces.

    Levels are parted by / or >, the widest first; empty ones and a final * say nothing. What says
    nothing at all is every field."""
    simple = to_simplified(unicodedata.normalize("NFKC", text).casefold()).replace(">", "/")
    levels = [level for part in simple.split("/") if (level := " ".join(part.split()))]
    return "/".join(levels[:-1] if levels[-1:] == ["*"] else levels)


def path(text: str, *, field: tuple[str, ...] = ("fields",)) -> str:
    """The same, or Invalid where it is too long to be kept."""
    found = plain(text)
    if "\x00" in found or len(found) > LONGEST_PATH:
        raise Invalid(
            f"A field of use is a path of at most {LONGEST_PATH} characters, such as "
            "medical/diagnostics/imaging.",
            field=field,
        )
    return found


def fields(
    given: Sequence[str], names: Names = NO_NAMES, *, field: tuple[str, ...] = ("fields",)
) -> list[str]:
    """Paths in order, by the names that operators gave them, without those that another one of
    them contains; none given: every field."""
    paths = [path(one, field=(*field, str(i))) for i, one in enumerate(given)]
    return widest(renamed(one, names) for one in paths)


def widest(paths: Iterable[str]) -> list[str]:
    found = set(paths) or {EVERY_FIELD}
    return sorted(one for one in found if not any(inside(one, of) for of in found - {one}))


def renamed(path: str, names: Names) -> str:
    """The path by its right name: of what is joined to another field the longest part first, again
    until nothing is left to rename. No name counts twice, so that it ends even in a circle."""
    left = dict(names)
    while (known := joined_part(path, left)) is not None:
        path = (left.pop(known) + path[len(known) :]).strip("/")
    return path


def joined_part(path: str, names: Names) -> str | None:
    """The longest of the fields that hold the path, itself among them, that has another name."""
    levels = path.split("/")
    parts = ("/".join(levels[:n]) for n in range(len(levels), 0, -1))
    return next((part for part in parts if part in names), None)


def inside(inner: str, outer: str) -> bool:
    """Whether a field is another one or lies below it."""
    return not outer or inner == outer or inner.startswith(f"{outer}/")


def acts(given: Sequence[str], *, field: tuple[str, ...] = ("acts",)) -> list[str]:
    unknown = [i for i, one in enumerate(given) if one not in Act.values]
    if unknown or not given:
        raise Invalid(
            f"At least one of {', '.join(Act.names)} is wanted.",
            field=(*field, *map(str, unknown[:1])),
        )
    return [act for act in Act.values if act in given]


def period(start: date, end: date | None) -> tuple[date, date | None]:
    """From the day `start` until the day before `end`; None: for good."""
    if end is not None and end <= start:
        raise Invalid(
            f"It would end on {end} before it starts on {start}; the end is the day after its "
            "last, such as 2031-01-01.",
            field=("end",),
        )
    return start, end
