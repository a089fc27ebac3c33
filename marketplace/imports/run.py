"""Runs an import: in batches, each whole or not at all, resumable, with a report of refusals."""

from __future__ import annotations

import csv
import hashlib
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, Generic, TypeVar

from django.db import transaction
from django.utils import timezone
from tqdm import tqdm

from marketplace.core.errors import DomainError, Faults

from .models import ImportRun
from .reader import Refusal, open_file, raw_lines, rows

BATCH = 500
REPORT = ("line", "field", "reason")
T = TypeVar("T")


@dataclass(frozen=True)
class Importer(Generic[T]):
    """`parse` makes a row into what `save` writes, or raises Invalid or Faults; `done` runs in
    the last transaction."""

    kind: str
    options: str
    parse: Callable[[dict[str, Any]], T]
    save: Callable[[Sequence[T]], None]
    done: Callable[[ImportRun], None]


def digest_of(path: Path, options: str) -> str:
    found = hashlib.sha256(options.encode())
    with path.open("rb") as file:
        while chunk := file.read(1 << 20):
            found.update(chunk)
    return found.hexdigest()


def run(importer: Importer[T], path: Path, report: Path, *, again: bool = False) -> ImportRun:
    """Import the file, going on where an earlier run of the same file was stopped. A finished one
    is not run again, unless asked to. `report` lists the refused rows: line, field, reason."""
    found, _ = ImportRun.objects.get_or_create(
        kind=importer.kind,
        digest=digest_of(path, importer.options),
        defaults={"name": path.name[:300]},
    )
    if found.finished_at and not again:
        return found
    if again:
        found.line = found.accepted = found.refused = 0
        found.finished_at = None
    with open_file(path) as file:
        total = sum(1 for _ in raw_lines(file))
    kept = reported(report, found.line)
    with (
        report.open("w", newline="", encoding="utf-8") as out,
        tqdm(total=total, initial=found.line, unit=" rows", disable=not sys.stderr.isatty()) as bar,
    ):
        writer = csv.writer(out)
        writer.writerow(REPORT)
        writer.writerows(kept)
        pending = ((n, row) for n, row in rows(path) if n > found.line)
        while batch := list(islice(pending, BATCH)):
            with transaction.atomic():
                refusals = one_batch(importer, found, batch)
                writer.writerows((one.line, one.field, one.reason) for one in refusals)
                out.flush()  # before the commit: a run that is killed now takes them back
            bar.update(batch[-1][0] - bar.n)
    with transaction.atomic():
        found.finished_at = timezone.now()
        found.save()
        importer.done(found)
    return found


def one_batch(
    importer: Importer[T], found: ImportRun, batch: Iterable[tuple[int, dict[str, Any] | Refusal]]
) -> list[Refusal]:
    good: list[T] = []
    refusals: list[Refusal] = []
    for line, row in batch:
        try:
            if isinstance(row, Refusal):
                refusals.append(row)
            else:
                good.append(importer.parse(row))
        except (DomainError, Faults) as error:
            errors = error.errors if isinstance(error, Faults) else (error,)
            refusals += [Refusal(line, ".".join(one.field), one.message) for one in errors]
        found.line = max(found.line, line)
    importer.save(good)
    found.accepted += len(good)
    found.refused += len({one.line for one in refusals})
    found.save()
    return refusals


def reported(report: Path, until: int) -> list[list[str]]:
    """The refusals that a stopped run wrote of lines up to `until`."""
    if not until or not report.exists():
        return []
    with report.open(newline="", encoding="utf-8") as file:
        rows_ = list(csv.reader(file))[1:]
    return [row for row in rows_ if row and row[0].isdigit() and int(row[0]) <= until]
