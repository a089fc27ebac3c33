"""The data files: every row read, validated, and every fault named with its file and row."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from functools import cache
from itertools import combinations
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from marketplace.core.territory import TERRITORIES

from .parameters import Texts, form_of

DATA = Path(__file__).with_name("data")
NOT_RULES = {"phrases.yaml", "places.yaml", "reasons.yaml"}


class Row(BaseModel):
    """A row as the README of the data files describes it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=80)]
    key: str
    jurisdiction: str
    valid_from: date
    valid_to: date | None = None
    status: Literal["confirmed", "unverified", "superseded"]
    source: Annotated[str, Field(min_length=1, max_length=300)]
    citation: Annotated[str, Field(min_length=1, max_length=300)]
    checked_on: date | None = None
    parameters: dict[str, Any]
    says: Texts

    @model_validator(mode="after")
    def is_right(self) -> Row:
        form = form_of(self.key)
        if form is None:
            raise ValueError(f"no key {self.key}; parameters.py lists them")
        form.model_validate(self.parameters)
        if self.jurisdiction != "any" and self.jurisdiction not in TERRITORIES:
            raise ValueError("jurisdiction is a code of WIPO ST.3 such as CN, or any")
        if self.valid_to is not None and self.valid_to < self.valid_from:
            raise ValueError("valid_to lies before valid_from")
        if self.status == "confirmed" and self.checked_on is None:
            raise ValueError("a confirmed row says when it was checked: checked_on: 2026-11-23")
        if "en" not in self.says or not {"zh-Hans", "zh-Hant"} & set(self.says):
            raise ValueError("says is in English and in Chinese: en and zh-Hans, or zh-Hant")
        return self

    def overlaps(self, other: Row) -> bool:
        return (self.valid_to is None or other.valid_from <= self.valid_to) and (
            other.valid_to is None or self.valid_from <= other.valid_to
        )


class Faulty(Exception):
    """All that is wrong with the files, one line each."""

    def __init__(self, faults: list[str]) -> None:
        self.faults = faults
        super().__init__("\n".join(faults))


def read(folder: Path = DATA) -> list[Row]:
    """Every row of every file. Faulty names all that is wrong."""
    faults: list[str] = []
    rows: list[Row] = []
    for path in sorted(folder.glob("*.yaml")):
        if path.name in NOT_RULES:
            continue
        try:
            found = yaml.safe_load(path.read_text(encoding="utf-8"))
        except yaml.YAMLError as error:
            faults.append(f"{path.name}: {' '.join(str(error).split())}")
            continue
        if not isinstance(found, list):
            faults.append(f"{path.name}: a list of rows is wanted")
            continue
        for number, one in enumerate(found, 1):
            name = f"{path.name}, row {number}"
            try:
                rows.append(Row.model_validate(one))
            except ValidationError as error:
                faults += [f"{name} ({label(one)}): {told(fault)}" for fault in error.errors()]
    faults += repeated(rows)
    if faults:
        raise Faulty(faults)
    return rows


def label(row: object) -> str:
    return str(row.get("id", "no id")) if isinstance(row, dict) else "no row"


def told(fault: Any) -> str:
    return f"{'.'.join(map(str, fault['loc'])) or 'row'}: {fault['msg']}"


def repeated(rows: list[Row]) -> Iterator[str]:
    seen: set[str] = set()
    for row in rows:
        if row.id in seen:
            yield f"{row.id} stands twice"
        seen.add(row.id)
    confirmed = [row for row in rows if row.status == "confirmed"]
    for one, other in combinations(confirmed, 2):
        same = (one.key, one.jurisdiction) == (other.key, other.jurisdiction)
        if same and one.overlaps(other):
            yield f"{one.id} and {other.id} are both confirmed and overlap"


@cache
def reasons() -> dict[str, dict[str, str]]:
    """Texts of reasons.yaml by code and language."""
    found: dict[str, dict[str, str]] = yaml.safe_load((DATA / "reasons.yaml").read_bytes())
    return found


@cache
def phrases() -> dict[str, list[re.Pattern[str]]]:
    """What of phrases.yaml points to a clause, by the clause's code."""
    found: dict[str, list[str]] = yaml.safe_load((DATA / "phrases.yaml").read_bytes())
    return {code: [re.compile(one) for one in forms] for code, forms in found.items()}


@cache
def place_names() -> dict[str, str]:
    """From a name in any script, in small letters, to the name of places.yaml."""
    found: dict[str, list[str]] = yaml.safe_load((DATA / "places.yaml").read_bytes())
    return {alias.lower(): name for name, others in found.items() for alias in (name, *others)}
