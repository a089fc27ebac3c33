"""Figures of search quality as a table, and into the documents that show it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

METHODS = {
    "standard": "BM25, `standard`",
    "analyzers": "BM25, `cjk` / `english`",
    "embedded": "ours, embedded",
    "elasticsearch": "ours, Elasticsearch",
}
MARKED = re.compile(r"(<!-- figures -->\n).*?(<!-- /figures -->)", re.DOTALL)


def rows(figures: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Each line that a set's figures give, with its name."""
    languages = figures.get("by_language") or {"": figures}
    for language, found in languages.items():
        yield f"{figures['set']} {language}".strip(), found
    for direction, found in (figures.get("by_direction") or {}).items():
        yield f"{figures['set']} {direction}", found
    if "rest" in figures:
        yield f"{figures['set']}, queries not tuned on", figures["rest"]


def cell(found: Mapping[str, Any] | None) -> str:
    if found is None:
        return "–"
    low, high = found["intervals"]["ndcg10"]
    return (
        f"**{short(found['ndcg10'])}** ({short(low)}–{short(high)})"
        f" / {short(found['mrr10'])} / {short(found['r100'])}"
    )


def short(value: float) -> str:
    return f"{value:.3f}".removeprefix("0")


def table(every: Sequence[Mapping[str, Any]]) -> str:
    """Markdown: a line for each set and language, a column for each method that was run."""
    lines: dict[str, dict[str, Mapping[str, Any]]] = {}
    for figures in every:
        for name, found in rows(figures):
            lines.setdefault(name, {})[figures["engine"]] = found
    shown = [m for m in METHODS if any(m in by_method for by_method in lines.values())]
    heads = ["nDCG@10 (95 %) / MRR@10 / R@100", "n", *(METHODS[m] for m in shown)]
    text = [f"| {' | '.join(heads)} |", f"|---|{'---|' * (len(shown) + 1)}"]
    for name, by_method in lines.items():
        count = next(iter(by_method.values()))["queries"]
        cells = [name, str(count), *(cell(by_method.get(m)) for m in shown)]
        text.append(f"| {' | '.join(cells)} |")
    return "\n".join(text)


def put_into(document: Path, figures: str) -> None:
    """Between the marks `<!-- figures -->` and `<!-- /figures -->`."""
    text = document.read_text(encoding="utf-8")
    document.write_text(
        MARKED.sub(lambda found: f"{found[1]}{figures}\n{found[2]}", text), encoding="utf-8"
    )
