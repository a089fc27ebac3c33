"""Rows of sample needs: each becomes an open need of a sample buyer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from marketplace.accounts.models import Organisation
from marketplace.core.checks import checked
from marketplace.core.errors import refuse
from marketplace.core.outbox import publish
from marketplace.core.territory import territory
from marketplace.needs.models import Need
from marketplace.needs.services import CHECKS, contradictions

from .fields import list_of, text_of
from .models import ImportRun
from .run import Importer

TEXTS = ("title", "description")
LISTS = ("ipc", "kinds", "territories", "must_words", "not_of_interest")


@dataclass(frozen=True)
class NeedRow:
    key: str
    buyer: Mapping[str, str]
    content: Mapping[str, Any]


def parse_need(row: Mapping[str, Any]) -> NeedRow:
    """One row, checked whole; Faults name every field that is wrong."""
    content = checked(
        {
            **{name: text_of(row, name) for name in TEXTS},
            **{name: list_of(row, name) for name in LISTS},
        },
        CHECKS,
    )
    content["language"] = text_of(row, "language", 8)
    refuse(contradictions(Need(**content)))
    buyer = {
        "name": text_of(row, "organisation", 200),
        "jurisdiction": territory(text_of(row, "jurisdiction", 2)),
        "city": text_of(row, "city", 60),
    }
    return NeedRow(text_of(row, "id", 120), buyer, content)


def save_needs(rows: Sequence[NeedRow]) -> None:
    for row in rows:
        buyer, _ = Organisation.objects.get_or_create(
            name=row.buyer["name"],
            is_sample=True,
            defaults={**row.buyer, "kinds": [Organisation.Kind.BUYER]},
        )
        need, _ = Need.objects.update_or_create(
            source_key=row.key,
            defaults={
                **row.content,
                "organisation": buyer,
                "state": Need.State.OPEN,
                "is_sample": True,
            },
        )
        publish("need.changed", need.pk)


def need_importer() -> Importer[NeedRow]:
    def done(run: ImportRun) -> None:
        """Every need has told of itself."""

    return Importer(kind="needs", options="", parse=parse_need, save=save_needs, done=done)
