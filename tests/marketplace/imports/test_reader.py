"""Files as they come: too long, cut off, with line breaks, read again from the middle."""

from __future__ import annotations

import gzip
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.imports import reader, run
from marketplace.imports.listings import listing_importer
from marketplace.imports.models import ImportRun
from marketplace.imports.patents import patent_importer
from marketplace.imports.reader import Refusal, rows
from marketplace.listings.models import Listing
from marketplace.patents.models import Patent
from tests.factories import NOW, make_organisation

CSV = (
    "id,owner,owner_jurisdiction,kind,title_en,summary_en,trl\n"
    "HKU-1,Example University,HK,know_how,A coating,Keeps water out,6\n"
)


def read(folder: Path, name: str, content: bytes) -> list[reader.Row]:
    file = folder / name
    file.write_bytes(content)
    return list(rows(file))


def test_a_line_too_long_is_refused_and_the_next_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reader, "MAX_LINE", 20)
    long = b'{"a": "' + b"x" * 70 + b'"}\n'
    found = read(tmp_path, "a.jsonl", b'{"a": 1}\n' + long + b'{"a": 2}')
    assert [(n, row) for n, row in found if not isinstance(row, Refusal)] == [
        (1, {"a": 1}),
        (3, {"a": 2}),
    ]
    assert [n for n, row in found if isinstance(row, Refusal)] == [2]


def test_a_packed_file_that_is_cut_off_says_where(tmp_path: Path) -> None:
    whole = gzip.compress(b"".join(b'{"a": %d}\n' % n for n in range(10_000)), mtime=0)
    found = read(tmp_path, "a.jsonl.gz", whole[: len(whole) // 2])
    *good, (last, refusal) = found
    assert [row for _, row in good] == [{"a": n} for n in range(len(good))]
    assert isinstance(refusal, Refusal)
    assert "broken from here on" in refusal.reason
    assert last == len(good) + 1
    for broken in (b"no gzip at all", whole[:15]):
        assert [type(row) for _, row in read(tmp_path, "b.jsonl.gz", broken)] == [Refusal]


def test_lines_of_csv_are_counted_as_an_editor_counts_them(tmp_path: Path) -> None:
    content = b'a,b\n1,2\n\xff,3\n"four\nlines",5\n6\n7,8\n'
    found = read(tmp_path, "a.csv", content)
    assert [(n, row) for n, row in found if not isinstance(row, Refusal)] == [
        (2, {"a": "1", "b": "2"}),
        (5, {"a": "four\nlines", "b": "5"}),
        (7, {"a": "7", "b": "8"}),
    ]
    assert [n for n, row in found if isinstance(row, Refusal)] == [3, 6]


@given(content=st.binary(max_size=200), name=st.sampled_from(["a.csv", "a.jsonl", "a.jsonl.gz"]))
def test_no_bytes_break_the_reader(
    content: bytes, name: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    numbers = [n for n, _ in read(tmp_path_factory.mktemp("bytes"), name, content)]
    assert numbers == sorted(numbers)


@pytest.mark.django_db
def test_a_run_that_was_stopped_goes_on_where_it_stopped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run, "BATCH", 2)
    file, report = tmp_path / "patents.jsonl", tmp_path / "refused.csv"
    lines = [
        f'{{"pub_number": "US{8_000_000 + n}B2", "title": "t", "lang": "en"}}' for n in range(5)
    ]
    lines[1] = lines[3] = '{"pub_number": "nonsense"}'
    file.write_text("\n".join(lines))
    whole = patent_importer(is_sample=False)
    seen: list[int] = []

    def stopped(batch: Sequence[Any]) -> None:
        seen.append(len(batch))
        whole.save(batch)
        if len(seen) == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run.run(replace(whole, save=stopped), file, report)
    assert Patent.objects.count() == ImportRun.objects.get().line - 1 == 1

    found = run.run(whole, file, report)
    assert (found.accepted, found.refused, found.line) == (3, 2, 5)
    assert Patent.objects.count() == 3
    said = report.read_text(encoding="utf-8").splitlines()
    assert list(dict.fromkeys(line.split(",")[0] for line in said)) == ["line", "2", "4"]


@pytest.mark.django_db
def test_listings_come_from_csv_once(tmp_path: Path) -> None:
    file, report = tmp_path / "listings.csv", tmp_path / "refused.csv"
    file.write_text(CSV + "HKU-2,Example University,HK,know_how,Second,,12\n", encoding="utf-8")
    importer = listing_importer(owner=make_organisation("licensor"), now=NOW)
    for _ in range(2):
        found = run.run(importer, file, report, again=True)
        assert (found.accepted, found.refused) == (1, 1)
        listing = Listing.objects.get()
        assert (listing.source_key, listing.trl) == ("HKU-1", 6)
        assert [text.title for text in listing.texts.all()] == ["A coating"]
    assert "trl" in report.read_text(encoding="utf-8")
