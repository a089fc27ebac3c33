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
from .reader import Refusal, open_file, rows

BATCH = 500
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
        total = sum(1 for _ in file)
    fresh = found.line == 0
    with (
        report.open("w" if fresh else "a", newline="", encoding="utf-8") as out,
        tqdm(total=total, initial=found.line, unit=" rows", disable=not sys.stderr.isatty()) as bar,
    ):
        writer = csv.writer(out)
        if fresh:
            writer.writerow(["line", "field", "reason"])
        pending = ((n, row) for n, row in rows(path) if n > found.line)
        while batch := list(islice(pending, BATCH)):
            refusals = one_batch(importer, found, batch)
            writer.writerows((one.line, one.field, one.reason) for one in refusals)
            out.flush()
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
    with transaction.atomic():
        importer.save(good)
        found.accepted += len(good)
        found.refused += len({one.line for one in refusals})
        found.save()
    return refusals
