"""Makes the words of classes from the titles of the IPC: see search/data/README.md."""

from __future__ import annotations

import gzip
import json
import math
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from marketplace.core.errors import Invalid
from marketplace.patents.ipc import parse_symbol

from .lexicon_build import without_brackets
from .text import IS_HAN, grains, normal, tokens

WORDS = 30  # of a class in each language
SHORTEST = 3  # letters of a stem


def read(file: Path) -> Iterator[tuple[str, str, str]]:
    """Symbol, English title and Chinese title of subclasses and all below them."""
    with file.open(encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            try:
                symbol = parse_symbol(row["code"]).text
            except Invalid:
                continue  # a few are cut off
            if len(symbol) >= 4:
                titles = (normal(row[key] or "") for key in ("title_en", "title_zh"))
                english, chinese = map(without_brackets, titles)
                yield symbol, english, chinese


def classes_of(symbol: str) -> Iterator[str]:
    """The subclass and the main group that the symbol is in."""
    yield symbol[:4]
    if "/" in symbol:
        yield f"{symbol.partition('/')[0]}/00"


def telling(token: str) -> bool:
    return bool(IS_HAN.match(token)) or (len(token) >= SHORTEST and not token.isdigit())


def build(source: Path, out: Path, about: Mapping[str, Any]) -> int:
    """Write the table; how many classes it has. A word of a class weighs as often as it stands in
    the titles there, times its idf over subclasses."""
    said: defaultdict[str, tuple[Counter[str], Counter[str]]] = defaultdict(
        lambda: (Counter(), Counter())
    )
    own: dict[str, tuple[str, str]] = {}
    for symbol, english, chinese in read(source):
        for name in classes_of(symbol):
            said[name][0].update(tokens(english))
            said[name][1].update([*tokens(chinese), *grains(chinese)])
        if symbol in (symbol[:4], f"{symbol.partition('/')[0]}/00"):
            own[symbol] = (" ".join(tokens(english)), " ".join(tokens(chinese)))
    subclasses = [counts for name, counts in said.items() if len(name) == 4]
    spread = Counter(token for counts in subclasses for token in {*counts[0], *counts[1]})
    total = len(subclasses)
    lines = [f"# {json.dumps(about, ensure_ascii=False, sort_keys=True)}"]
    for symbol in sorted(own):
        cells = [symbol, *own[symbol]]
        for counts in said[symbol]:
            worth = {
                token: n * math.log(1 + (total - spread[token] + 0.5) / (spread[token] + 0.5))
                for token, n in counts.items()
                if telling(token)
            }
            best = sorted(worth.items(), key=lambda item: (-item[1], item[0]))[:WORDS]
            whole = sum(value for _, value in best)
            for token, value in best:
                cells += [token, f"{value / whole:.4f}"]
        lines.append("\t".join(cells))
    text = "\n".join(lines) + "\n"
    out.write_bytes(gzip.compress(text.encode(), compresslevel=9, mtime=0))
    return len(lines) - 1
