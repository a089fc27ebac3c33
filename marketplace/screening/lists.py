"""Files of restricted parties: CSV or JSON Lines with reference, names, country, note.

In CSV several names stand in one cell with ` | ` between them. No list is shipped: the operator
takes those that bind them from their publisher.
"""

from __future__ import annotations

import csv
import io
import json
from dataclasses import dataclass
from typing import Any

from marketplace.core.errors import DomainError, Invalid, refuse

MOST_NAMES = 200


@dataclass(frozen=True)
class Entry:
    reference: str
    names: tuple[str, ...]
    country: str
    note: str


def read(data: bytes, *, jsonl: bool) -> list[Entry]:
    """Every entry. Faults name each row that is wrong; a file without entries is Invalid."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Invalid("The file is not UTF-8.") from None
    faults: list[DomainError] = []
    found: dict[str, Entry] = {}
    rows = text.splitlines() if jsonl else list(csv.DictReader(io.StringIO(text)))
    for number, row in enumerate(rows, 1 if jsonl else 2):
        if row in ("", {}):
            continue
        try:
            entry = entry_of(json.loads(row) if isinstance(row, str) else row)
            if entry.reference in found:
                raise Invalid(f"{entry.reference} stands twice.")
            found[entry.reference] = entry
        except (Invalid, ValueError) as error:
            faults.append(Invalid(f"Row {number}: {error}", field=(str(number),)))
    refuse(faults)
    if not found:
        raise Invalid("The file has no entry; an empty list would clear everybody on it.")
    return list(found.values())


def entry_of(row: Any) -> Entry:
    if not isinstance(row, dict):
        raise Invalid('An object is wanted, such as {"reference": "E-1", "names": ["X Ltd"]}.')
    names = row.get("names") or ()
    parts = names.split("|") if isinstance(names, str) else names
    if not isinstance(parts, list | tuple) or not all(isinstance(one, str) for one in parts):
        raise Invalid("names is a list of texts.")
    kept = tuple(dict.fromkeys(one.strip()[:300] for one in parts if one.strip()))
    reference = str(row.get("reference") or "").strip()
    if not reference or len(reference) > 120 or not 1 <= len(kept) <= MOST_NAMES:
        raise Invalid("A reference and 1 to 200 names are wanted.")
    country, note = (str(row.get(name) or "").strip() for name in ("country", "note"))
    return Entry(reference, kept, country[:60], note)
