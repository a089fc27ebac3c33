"""Rows of what was imported before bring it up to date."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from marketplace.accounts.models import Organisation
from marketplace.alerts.models import Alert
from marketplace.core.outbox import drain
from marketplace.imports.listings import listing_importer
from marketplace.imports.run import run
from marketplace.listings.models import Listing
from search.indexing import rebuild
from tests.factories import (
    ADVANTAGE,
    CONTENT,
    NOW,
    make_operator,
    make_organisation,
    make_saved_search,
    member_of,
    publish,
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


def test_what_was_published_is_a_draft_again_and_is_told_anew(tmp_path: Path) -> None:
    rebuild("listing")
    owner = make_organisation("licensor")
    make_saved_search(name="wheat", text="wheat")
    imported(tmp_path, ROW, owner)
    viewer, operator = member_of(owner), make_operator()
    before = publish(Listing.objects.get(), viewer, operator)
    drain()
    imported(tmp_path, {**ROW, "title": "Wheat harvester"}, owner)
    listing = Listing.objects.get()
    assert (listing.state, listing.revision) == ("draft", before.revision + 1)
    event = listing.events.get(move="import")
    assert (event.source, event.target) == ("published", "draft")
    publish(listing, viewer, operator)
    drain()
    assert list(Alert.objects.values_list("saved_search__name", flat=True)) == ["wheat"]


def test_sample_data_that_says_something_new_is_told(tmp_path: Path) -> None:
    rebuild("listing")
    make_saved_search(name="wheat", text="wheat")
    imported(tmp_path, sample(), None)
    drain()
    imported(tmp_path, sample(title="Wheat harvester"), None)
    drain()
    assert list(Alert.objects.values_list("saved_search__name", flat=True)) == ["wheat"]


def test_the_original_may_be_in_another_language(tmp_path: Path) -> None:
    owner = make_organisation("licensor")
    imported(tmp_path, ROW, owner)
    chinese = {"lang": "zh-Hans", "title": "", "title_zh": "固态电解质"}
    assert imported(tmp_path, {**ROW, **chinese}, owner) == []
    texts = Listing.objects.get().texts.order_by("language").values_list("language", "status")
    assert list(texts) == [("en", "human"), ("zh-Hans", "original")]


def test_a_patent_that_is_named_no_more_is_taken_off(tmp_path: Path) -> None:
    owner = make_organisation("licensor")
    imported(tmp_path, ROW, owner)
    imported(tmp_path, {**ROW, "patents": ["US9000000B2"]}, owner)
    imported(tmp_path, {**ROW, "patents": []}, owner)
    named = Listing.objects.get().patents.values_list("docdb", flat=True)
    assert list(named) == ["US.9000000.B2"]
