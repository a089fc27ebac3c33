"""Listings in any number, the same every time: words of the sample data in three languages."""

from __future__ import annotations

import gzip
import json
import random
import re
import uuid
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from itertools import accumulate, islice
from typing import Any

from django.conf import settings
from django.db import connection, models

from marketplace.accounts.models import Organisation
from marketplace.core.vocabulary import ListingKind
from marketplace.listings.models import Listing, ListingText
from marketplace.patents.models import Patent
from search.text import words
from tests.factories import NOW

SAMPLE = settings.ROOT / "marketplace" / "sample"
CHUNK = 2_000
OWNERS = 50


class Words:
    """Draws words as often as the sample uses them."""

    def __init__(self, texts: Iterable[str], *, joint: str) -> None:
        counted = Counter(word for text in texts for word in words(text))
        self.words = [word for word, _ in counted.most_common()]
        self.weights = list(accumulate(count for _, count in counted.most_common()))
        self.joint = joint

    def text(self, dice: random.Random, length: int) -> str:
        return self.joint.join(dice.choices(self.words, cum_weights=self.weights, k=length))


def sample(name: str) -> list[dict[str, Any]]:
    with gzip.open(SAMPLE / name, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def english() -> Words:
    return Words(
        (f"{r['title']} {r.get('abstract', '')}" for r in sample("nasa_offers.jsonl.gz")),
        joint=" ",
    )


def chinese() -> Words:
    titles = (r["title"] for r in sample("patents.jsonl.gz") if r["lang"].startswith("zh"))
    return Words((title for title in titles if re.search("[一-鿿]", title)), joint="")


def organisations() -> list[Organisation]:
    return [
        Organisation(
            id=uuid.UUID(int=number + 1),
            name=f"Bench laboratory {number}",
            kinds=["licensor"],
            jurisdiction=("HK", "CN", "US", "MO", "DE")[number % 5],
            is_sample=True,
        )
        for number in range(OWNERS)
    ]


def listings(total: int) -> Iterator[list[models.Model]]:
    """For each listing its rows, a parent before its children; the same for the same `total`."""
    dice = random.Random(20261123)
    en, zh = english(), chinese()
    classes = [one for r in sample("patents.jsonl.gz") for one in r.get("ipc", ())]
    kinds = ListingKind.values
    through = Listing.patents.through
    for number in range(1, total + 1):
        published = NOW - timedelta(minutes=number)
        digits = 900_000_000 + number
        patent = Patent(
            id=uuid.UUID(int=dice.getrandbits(128)),
            office="US",
            docdb=f"US.{digits}.B2",
            publication_numbers=[f"US.{digits}.B2"],
            number_keys=[f"US{digits}"],
            title_en=en.text(dice, 9),
            ipc=dice.choices(classes, k=2),
            applicants=[f"Bench laboratory {number % OWNERS}"],
        )
        listing = Listing(
            id=uuid.UUID(int=dice.getrandbits(128)),
            owner_id=uuid.UUID(int=number % OWNERS + 1),
            state=Listing.State.PUBLISHED,
            kind=dice.choice(kinds),
            original_language="en",
            trl=dice.randint(1, 9),
            ipr_status="patent_granted",
            fields_of_use=[en.text(dice, 2)],
            industry=f"C{dice.randint(13, 43)}",
            sdgs=[dice.randint(1, 17)],
            exclusivity=["non_exclusive"],
            territories=dice.sample(["CN", "HK", "US", "JP", "DE"], 2),
            period_months=60,
            price_model="lump_sum",
            price_amount=dice.randint(1, 1000) * 100_000,
            price_currency="HKD",
            published_at=published,
            expires_at=published + timedelta(days=365),
            is_sample=True,
        )
        rows: list[models.Model] = [patent, listing]
        for language, source, status in (
            ("en", en, "original"),
            ("zh-Hans", zh, "human"),
            ("zh-Hant", zh, "machine_converted"),
        ):
            rows.append(
                ListingText(
                    id=uuid.UUID(int=dice.getrandbits(128)),
                    listing=listing,
                    language=language,
                    status=status,
                    title=source.text(dice, 8)[:300],
                    summary=source.text(dice, 14)[:140],
                    description=source.text(dice, 120),
                    problem=source.text(dice, 25),
                )
            )
        rows.append(through(id=number, listing_id=listing.pk, patent_id=patent.pk))
        yield rows


def copy(rows: Sequence[models.Model]) -> None:
    """Rows of one model, by PostgreSQL's COPY."""
    model = type(rows[0])
    fields = model._meta.concrete_fields
    names = ", ".join(connection.ops.quote_name(field.column) for field in fields)
    table = connection.ops.quote_name(model._meta.db_table)
    with connection.cursor() as cursor, cursor.copy(f"COPY {table} ({names}) FROM STDIN") as out:
        for row in rows:
            values = (field.pre_save(row, add=True) for field in fields)
            out.write_row(
                [
                    field.get_db_prep_save(value, connection)
                    for field, value in zip(fields, values, strict=True)
                ]
            )


def load(total: int) -> None:
    copy(organisations())
    made = listings(total)
    while chunk := list(islice(made, CHUNK)):
        by_model: dict[type[models.Model], list[models.Model]] = {}
        for rows in chunk:
            for row in rows:
                by_model.setdefault(type(row), []).append(row)
        for rows_of_model in by_model.values():
            copy(rows_of_model)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def queries(count: int) -> list[str]:
    """Two words each, neither rare nor in every listing."""
    dice = random.Random(1)
    middling = [word for word in english().words[150:600] if len(word) > 4 and word.isalpha()]
    return [" ".join(dice.sample(middling, 2)) for _ in range(count)]
