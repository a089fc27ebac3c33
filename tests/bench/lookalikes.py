"""How long a reviewer waits for what looks the same, beside very many texts; one JSON document.

`make bench-duplicates` runs it on a PostgreSQL of its own. BENCH_TEXTS (100000) are the sample's,
two thirds of the words of each replaced; BOILERPLATE more share all but their titles.
"""

from __future__ import annotations

import json
import os
import random
import statistics
import time
import uuid
from collections.abc import Iterator

from tests.bench.__main__ import say, set_up

TEXTS = int(os.environ.get("BENCH_TEXTS", "100000"))
BOILERPLATE = int(os.environ.get("BENCH_BOILERPLATE", "5000"))
CHUNK = 2_000
ASKED = 100  # of each kind


def texts(dice: random.Random) -> Iterator[tuple[str, str]]:
    """Titles and descriptions; those of the boilerplate come last."""
    from marketplace.listings.likeness import words
    from tests.bench.duplicates import SAMPLE, read

    sample = [words(text) for text, _ in read(SAMPLE)]
    vocabulary = [word for said in sample for word in said]
    for _ in range(TEXTS):
        said = list(dice.choice(sample))
        for place in dice.sample(range(len(said)), len(said) * 2 // 3):
            said[place] = dice.choice(vocabulary)
        yield " ".join(said[:8]), " ".join(said[8:])
    same = " ".join(dice.choice(sample))
    for _ in range(BOILERPLATE):
        yield " ".join(dice.choices(vocabulary, k=5)), same


def fill() -> list[uuid.UUID]:
    """The listings, in the order of their texts."""
    from django.db import connection

    from marketplace.accounts.models import Organisation
    from marketplace.listings.duplicates import signed
    from marketplace.listings.models import Listing, ListingText, TextSignature
    from tests.bench.listings import copy
    from tests.factories import NOW

    dice = random.Random(11)
    owner = Organisation.objects.create(
        name="Bench laboratory", kinds=["licensor"], jurisdiction="HK"
    )
    rows: tuple[list[Listing], list[ListingText], list[TextSignature]] = ([], [], [])
    made: list[uuid.UUID] = []
    for title, description in texts(dice):
        listing = Listing(
            id=uuid.UUID(int=dice.getrandbits(128)), owner=owner, kind="know_how",
            state="in_review", original_language="en",
        )  # fmt: skip
        text = ListingText(
            id=uuid.UUID(int=dice.getrandbits(128)), listing=listing, language="en",
            status="original", title=title[:300], description=description, updated_at=NOW,
        )  # fmt: skip
        for kept, row in zip(rows, (listing, text, signed(text)), strict=True):
            kept.append(row)  # type: ignore[arg-type]
        made.append(listing.pk)
        if len(made) % CHUNK == 0 or len(made) == TEXTS + BOILERPLATE:
            for kept in rows:
                copy(kept)  # type: ignore[arg-type]
                kept.clear()
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    say(f"{len(made)} texts signed")
    return made


def waits(listings: list[uuid.UUID]) -> dict[str, float]:
    """Milliseconds a look-up, of listings drawn at random, and how many are shown."""
    from marketplace.accounts.viewer import Viewer
    from marketplace.listings.duplicates import duplicates_of
    from marketplace.listings.models import Listing

    operator, spent, shown = Viewer(is_operator=True), [], []
    for pk in random.Random(13).sample(listings, min(ASKED, len(listings))):
        listing = Listing.objects.get(pk=pk)
        started = time.perf_counter()
        shown.append(len(duplicates_of(operator, listing)))
        spent.append((time.perf_counter() - started) * 1000)
    return {
        "median_ms": round(statistics.median(spent), 1),
        "slowest_ms": round(max(spent), 1),
        "most_shown": max(shown),
    }


def main() -> None:
    set_up()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    listings = fill()
    print(
        json.dumps(
            {
                "bench": "lookalikes",
                "texts": TEXTS,
                "of_any": waits(listings[:TEXTS]),
                "boilerplate": BOILERPLATE,
                "of_the_boilerplate": waits(listings[TEXTS:]),
                "load": round(os.getloadavg()[0], 2),
            }
        )
    )


if __name__ == "__main__":
    main()
