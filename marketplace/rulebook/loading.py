"""From the data files into the database. What operators confirmed stands above the files."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from django.db import transaction

from .files import DATA, Faulty, Row, read
from .models import Rule

# What an id stands for. Answers cite ids, so these never change under one.
FIXED = ("key", "jurisdiction", "valid_from", "parameters")


@dataclass
class Loaded:
    added: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)
    given_way: list[str] = field(default_factory=list)


@transaction.atomic
def load(folder: Path = DATA) -> Loaded:
    """Bring the table in step with the files; running it again changes nothing.

    A row that left the files is superseded, never deleted: answers may cite it. Faulty where the
    files are wrong or give an old id another meaning; then nothing is changed.
    """
    files = {row.id: row for row in read(folder)}
    # Exclusion is checked row by row: what ends goes before what begins.
    known = {row.pk: row for row in Rule.objects.select_for_update()}
    faults = [
        f"{row.id}: {name} is not what it was; give the changed rule a new id"
        for row in files.values()
        if row.id in known
        for name in FIXED
        if getattr(known[row.id], name) != getattr(row, name)
    ]
    if faults:
        raise Faulty(faults)
    confirmed = [
        row for row in known.values()
        if row.origin == Rule.Origin.OPERATOR and row.status == Rule.Status.CONFIRMED
    ]  # fmt: skip
    done = Loaded()
    wanted = []
    for row in files.values():
        rule = Rule(origin=Rule.Origin.FILE, **row.model_dump())
        if give_way(rule, confirmed):
            done.given_way.append(rule.pk)
        wanted.append(rule)
    for pk, old in known.items():
        stale = old.origin == Rule.Origin.FILE and pk not in files
        if stale and old.status != Rule.Status.SUPERSEDED:
            Rule.objects.filter(pk=pk).update(status=Rule.Status.SUPERSEDED)
            done.gone.append(pk)
    for rule in sorted(wanted, key=lambda rule: rule.status == Rule.Status.CONFIRMED):
        before = known.get(rule.pk)
        if before is None:
            done.added.append(rule.pk)
        elif differs(rule, before):
            done.changed.append(rule.pk)
            rule.created_at = before.created_at
        else:
            continue
        rule.save(force_insert=before is None, force_update=before is not None)
    return done


def differs(rule: Rule, before: Rule) -> bool:
    return any(getattr(rule, name) != getattr(before, name) for name in Row.model_fields)


def give_way(rule: Rule, confirmed: Iterable[Rule]) -> bool:
    """Have a confirmed rule end where one of `confirmed` begins, or be superseded by it."""
    changed = False
    for other in confirmed:
        same = (rule.key, rule.jurisdiction) == (other.key, other.jurisdiction)
        if same and rule.status == Rule.Status.CONFIRMED and rule.overlaps(other):
            changed = True
            if rule.valid_from < other.valid_from:
                rule.valid_to = other.valid_from - timedelta(days=1)
            else:
                rule.status = Rule.Status.SUPERSEDED
    return changed
