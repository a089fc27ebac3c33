"""Makes marketplace/sample/ from the collections the project was given: facts of patents (numbers,
titles, classes, dates, applicants) and the NASA offers, which are in the public domain.

    python docs/make_sample.py ../shared/data
"""

from __future__ import annotations

import gzip
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

TARGET = Path(__file__).resolve().parents[1] / "marketplace" / "sample"
PATENTS = {  # file: (how many, the facts taken)
    "cn_titles_ipc_dev": 2000,
    "membrane_en": 1500,
    "tw_titles_ipc_hant": 800,
}
FACTS = ("id", "lang", "title", "ipc", "applicant", "country", "pub_number", "pub_date", "source")


def records(path: Path) -> Iterator[dict[str, Any]]:
    for line in path.read_text(encoding="utf-8").splitlines():
        yield json.loads(line)


def facts(data: Path) -> Iterator[dict[str, Any]]:
    for name, most in PATENTS.items():
        good = [r for r in records(data / "patents" / f"{name}.jsonl") if usable(r)]
        for record in good[:: max(1, len(good) // most)][:most]:
            found = {key: record[key] for key in FACTS if record.get(key)}
            yield {
                **found,
                "kind": "patent_licence",
                "applicant": found.get("applicant", "Applicant not recorded"),
            }


def usable(record: dict[str, Any]) -> bool:
    return record["lang"] in ("zh", "en", "zh-Hant") and all(len(i) >= 4 and i[-1] != "/"
                                                            for i in record["ipc"])  # fmt: skip


def offers(data: Path) -> Iterator[dict[str, Any]]:
    for record in records(data / "offers" / "nasa_t2_dev.jsonl"):
        number = record.get("pub_number", "")
        yield {
            "id": record["id"],
            "lang": "en",
            "title": record["title"],
            "abstract": record["abstract"],
            "applicant": record["applicant"],
            "country": "US",
            "owner_jurisdiction": "US",
            "fields_of_use": [record["category"]] if record.get("category") else [],
            **({"pub_number": number} if any(c.isdigit() for c in number) else {}),
        }


def write(name: str, rows: Iterator[dict[str, Any]]) -> None:
    lines = "".join(json.dumps(row, ensure_ascii=False, sort_keys=True) + "\n" for row in rows)
    with (TARGET / name).open("wb") as file, gzip.GzipFile("", "wb", 9, file, 0) as packed:
        packed.write(lines.encode())


if __name__ == "__main__":
    data = Path(sys.argv[1])
    write("patents.jsonl.gz", facts(data))
    write("nasa_offers.jsonl.gz", offers(data))
