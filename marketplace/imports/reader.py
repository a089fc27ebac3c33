"""Rows of JSON Lines and CSV files, plain or gzipped, one at a time, the broken among them.

A row that cannot be read is a Refusal with its line and the reason; the next is read all the same.
"""

from __future__ import annotations

import csv
import gzip
import json
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, cast

MAX_LINE = 2_000_000  # bytes


@dataclass(frozen=True)
class Refusal:
    """Why a row was not taken; `example` shows the right form."""

    line: int
    field: str
    reason: str


Row = tuple[int, dict[str, Any] | Refusal]


def open_file(path: Path) -> IO[bytes]:
    return cast(IO[bytes], gzip.open(path)) if path.suffix == ".gz" else path.open("rb")


def rows(path: Path) -> Iterator[Row]:
    """Line numbers count from 1. CSV has a head line; its lists are separated by ` | `."""
    is_csv = ".csv" in path.suffixes
    with open_file(path) as file:
        yield from csv_rows(file) if is_csv else json_rows(file)


def raw_lines(file: IO[bytes]) -> Iterator[tuple[int, bytes | Refusal]]:
    """The lines of a file by number. One that is too long is never held in memory, and where a
    packed file is broken its last line is the refusal that says so."""
    line = 0
    while True:
        line += 1
        try:
            raw = file.readline(MAX_LINE + 1)
            too_long = len(raw) > MAX_LINE
            while too_long and raw and not raw.endswith(b"\n"):
                raw = file.readline(MAX_LINE)
        except (EOFError, OSError, zlib.error) as error:
            yield line, Refusal(line, "", f"The file is broken from here on: {error}."[:300])
            return
        if too_long:
            yield line, Refusal(line, "", f"A line has at most {MAX_LINE} bytes.")
        elif raw:
            yield line, raw
        else:
            return


def decoded(line: int, raw: bytes | Refusal) -> str | Refusal:
    if isinstance(raw, Refusal):
        return raw
    try:
        text = raw.decode("utf-8-sig" if line == 1 else "utf-8")
    except UnicodeDecodeError as error:
        return Refusal(line, "", f"Not UTF-8 at byte {error.start} of the line.")
    if "\x00" in text:
        return Refusal(line, "", "A NUL character, which no text holds.")
    return text


def json_rows(file: IO[bytes]) -> Iterator[Row]:
    for line, raw in raw_lines(file):
        if isinstance(raw, bytes) and not raw.strip():
            continue
        text = decoded(line, raw)
        yield line, text if isinstance(text, Refusal) else parsed(line, text)


def parsed(line: int, text: str) -> dict[str, Any] | Refusal:
    try:
        found = json.loads(text)
        json.dumps(found, ensure_ascii=False).encode()  # a lone surrogate is no text
    except (ValueError, RecursionError) as error:
        return Refusal(line, "", f"Not JSON: {error}"[:300])
    if not isinstance(found, dict):
        return Refusal(line, "", 'A row is a JSON object, such as {"number": "US8000000B2"}.')
    if "\\u0000" in text and "\x00" in json.dumps(found).encode().decode("unicode_escape"):
        return Refusal(line, "", "A NUL character, which no text holds.")
    return found


def csv_rows(file: IO[bytes]) -> Iterator[Row]:
    """A line that is no text is refused before the CSV reader sees it. A row that goes over
    several lines has the number of its last."""
    refused: list[Refusal] = []
    line = 0

    def lines() -> Iterator[str]:
        nonlocal line
        for line, raw in raw_lines(file):
            text = decoded(line, raw)
            if isinstance(text, Refusal):
                refused.append(text)
            else:
                yield text

    reader = csv.DictReader(lines(), strict=False)
    while True:
        try:
            row = next(reader, None)
        except csv.Error as error:
            row = {}
            refused.append(Refusal(line, "", f"Not CSV: {error}"))
        for one in refused:
            yield one.line, one
        refused.clear()
        if row is None:
            return
        if not row:
            continue
        if None in row or None in row.values():
            yield line, Refusal(line, "", "Not as many values as the head line has names.")
        else:
            yield line, {str(name).strip(): value for name, value in row.items() if value != ""}
