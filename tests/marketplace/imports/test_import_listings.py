"""Rows of what was imported before bring it up to date."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from marketplace.accounts.models import Organisation
from marketplace.imports.listings import listing_importer
from marketplace.imports.run import run
from marketplace.listings.models import Listing
from tests.factories import (
    ADVANTAGE,
    CONTENT,
    NOW,
    make_organisation,
)

pytestmark = pytest.mark.django_db
ROW = {
    **CONTENT,
    "id": "TECH-1",
    "lang": "en",
    "title": "Solid electrolyte",
    "summary": "Stops dendrites.",
    "description": "A garnet ceramic.",
    "problem": "Dendrites.",
    "advantages": [ADVANTAGE],
    "patents": ["US8147410B2"],
}


def imported(folder: Path, row: dict[str, Any], owner: Organisation | None) -> list[list[str]]:
    """The refusals of an import of one row."""
    (folder / "rows.jsonl").write_text(json.dumps(row), encoding="utf-8")
    report = folder / "refused.csv"
    run(listing_importer(owner=owner, now=NOW), folder / "rows.jsonl", report)
    with report.open(newline="", encoding="utf-8") as file:
        return list(csv.reader(file))[1:]


def sample(**content: Any) -> dict[str, Any]:
    return {**ROW, "owner": "HKUST", "owner_jurisdiction": "HK", **content}


@pytest.mark.parametrize("by", ["another", "sample data"])
def test_nobody_takes_over_a_listing_by_its_id(tmp_path: Path, by: str) -> None:
    first = make_organisation("licensor")
    imported(tmp_path, ROW, first)
    before = Listing.objects.values().get()
    other = make_organisation("licensor") if by == "another" else None
    ((line, field, reason),) = imported(tmp_path, sample(title="Wheat harvester"), other)
    assert (line, field) == ("1", "id")
    assert reason.startswith("Somebody else's listing has this id")
    assert Listing.objects.values().get() == before
