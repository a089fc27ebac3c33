"""How surely a near-same text is recognised: altered copies found, and others taken for copies.

`make bench-duplicates` runs it on the abstracts of the sample offers, or on a file of JSON Lines
with `title`, `abstract` and `lang` that is named. It prints, by way of altering and by threshold,
the share of copies that are found as the database finds them (one band in common, then the
likeness), and the pairs of different documents above the threshold, to be judged by eye.
"""

from __future__ import annotations

import gzip
import json
import random
import re
import sys
from collections import defaultdict
from collections.abc import Callable, Mapping
from pathlib import Path

from marketplace.core.language import to_traditional
from marketplace.listings.likeness import bands, likeness, signature, words

SAMPLE = Path(__file__).resolve().parents[2] / "marketplace" / "sample" / "nasa_offers.jsonl.gz"
ASKED = 600
THRESHOLDS = (0.3, 0.4, 0.5)
chance = random.Random(7)


def read(path: Path) -> list[tuple[str, str]]:
    """Titles with abstracts worth comparing, and their languages."""
    packed = path.read_bytes()
    plain = gzip.decompress(packed) if path.suffix == ".gz" else packed
    rows = [json.loads(line) for line in plain.decode().splitlines()]
    return [
        (f"{row['title']}\n{row['abstract']}", row["lang"])
        for row in rows
        if len(row.get("abstract") or "") > 60
    ]


def sentences(text: str) -> list[str]:
    return re.findall(r"[^。；;.]+[。；;.]*\s*", text)


def reordered(text: str, language: str) -> str:
    parts = sentences(text)
    chance.shuffle(parts)
    return "".join(parts)


def cut(text: str, language: str) -> str:
    parts = sentences(text)
    parts.pop(chance.randrange(len(parts)))
    return "".join(parts) or text[: len(text) * 3 // 4]


def reworded(text: str, language: str) -> str:
    """A tenth of the words replaced by others of the same text."""
    said = words(text)
    for place in chance.sample(range(len(said)), max(1, len(said) // 10)):
        said[place] = chance.choice(said)
    return (" " if language == "en" else "").join(said)


WAYS: Mapping[str, Callable[[str, str], str]] = {
    "script_or_case": lambda text, language: to_traditional(text).upper(),
    "reordered": reordered,
    "sentence_cut": cut,
    "tenth_reworded": reworded,
}


def run(texts: list[tuple[str, str]]) -> dict[str, object]:
    signed = [signature(text) for text, _ in texts]
    filed: dict[int, set[int]] = defaultdict(set)
    for number, one in enumerate(signed):
        for band in bands(one):
            filed[band].add(number)

    def found(one: list[int]) -> dict[int, float]:
        near = set().union(*(filed.get(band, set()) for band in bands(one)))
        return {number: likeness(one, signed[number]) for number in near}

    asked = chance.sample(range(len(texts)), min(ASKED, len(texts)))
    recall = {
        name: {
            str(least): round(
                sum(found(signature(alter(*texts[n]))).get(n, 0.0) >= least for n in asked)
                / len(asked),
                3,
            )
            for least in THRESHOLDS
        }
        for name, alter in WAYS.items()
    }
    others = {n: {m: much for m, much in found(signed[n]).items() if m != n} for n in asked}
    pairs = [(much, n, m) for n, near in others.items() for m, much in near.items()]
    return {
        "bench": "duplicates",
        "documents": len(texts),
        "asked": len(asked),
        "recall_at": recall,
        "other_documents_at": {
            str(least): sum(much >= least for much, _, _ in pairs) for least in THRESHOLDS
        },
        "to_judge": [
            [round(much, 2), texts[n][0][:60], texts[m][0][:60]]
            for much, n, m in sorted(pairs, reverse=True)
            if much >= min(THRESHOLDS)
        ][:40],
    }


if __name__ == "__main__":
    path = Path(sys.argv[1]) if len(sys.argv) > 1 else SAMPLE
    print(json.dumps(run(read(path)), ensure_ascii=False, indent=1))
