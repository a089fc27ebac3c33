import json
from pathlib import Path
from typing import Any

import pytest

from marketplace.imports.models import ImportRun
from marketplace.imports.patents import patent_importer
from marketplace.imports.run import run
from marketplace.patents.models import LegalEvent, Patent

pytestmark = pytest.mark.django_db
GOOD = {"pub_number": "RU2601690C2", "lang": "en", "title": "Aircraft power unit"}


def imported(folder: Path, *lines: bytes | dict[str, Any], again: bool = False) -> ImportRun:
    file = folder / "patents.jsonl"
    raw = [one if isinstance(one, bytes) else json.dumps(one).encode() for one in lines]
    file.write_bytes(b"\n".join(raw))
    return run(patent_importer(is_sample=False), file, folder / "refused.csv", again=again)


def test_a_broken_row_is_refused_and_not_the_file(tmp_path: Path) -> None:
    broken = [
        b"\xff\xfe",
        b'{"pub_number": "US8000000B2", "title": "nul \\u0000"}',
        b'{"pub_number": "US8000000B2", "title": "half \\ud800"}',
        b"[" * 100_000,
        b'{"pub_number": 8000000, "title": "a number"}',
        {**GOOD, "pub_number": "CN200310100002.1"},
        {**GOOD, "pub_date": "2024-02-30"},
        {**GOOD, "filing_date": "9024-02-03"},
        {**GOOD, "title": "x" * 100_000},
        b'{"pub_number": "US80',
    ]

    found = imported(tmp_path, GOOD, *broken)

    assert (found.accepted, found.refused) == (1, len(broken))
    assert [p.docdb for p in Patent.objects.all()] == ["RU.2601690.C2"]
    report = (tmp_path / "refused.csv").read_text(encoding="utf-8").splitlines()
    assert sorted({int(line.split(",")[0]) for line in report[1:]}) == list(range(2, 12))


def test_a_second_run_changes_nothing(tmp_path: Path) -> None:
    imported(tmp_path, GOOD)
    before = Patent.objects.values().get()

    imported(tmp_path, GOOD)
    assert Patent.objects.values().get() == before

    imported(tmp_path, GOOD, again=True)
    after = Patent.objects.values().get()
    assert {**after, "updated_at": None} == {**before, "updated_at": None}


def test_one_language_does_not_wipe_out_another(tmp_path: Path) -> None:
    event = {"territory": "RU", "kind": "granted", "on": "2016-11-10"}

    imported(tmp_path, {**GOOD, "pub_date": "20161110", "events": [event]})
    imported(
        tmp_path, {**GOOD, "lang": "zh", "title": "飞机动力装置"}, {**GOOD, "ipc": ["F03H1/00"]}
    )

    patent = Patent.objects.get()
    assert (patent.title_en, patent.title_hans) == ("Aircraft power unit", "飞机动力装置")
    assert (str(patent.publication_date), patent.ipc) == ("2016-11-10", ["F03H 1/00"])
    assert LegalEvent.objects.count() == 1
