from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from itertools import count
from typing import Any

import pytest

from marketplace.rights.models import Asset, Occupation
from marketplace.rights.services import assets_of, occupy
from tests.factories import NOW, make_listing, make_organisation, member_of

Occupy = Callable[..., list[Occupation]]


@pytest.fixture
def take(db: None) -> Occupy:
    """Occupies rights of one listing; by default an exclusive grant for batteries in CN."""
    owner = make_organisation("licensor")
    assets: Sequence[Asset] = assets_of(make_listing(member_of(owner)))
    numbers = count(1)

    def do(**wanted: Any) -> list[Occupation]:
        reserved = wanted.get("kind") == "reservation"
        return occupy(
            **{
                "owner": owner,
                "holder": owner if reserved else make_organisation("buyer"),
                "assets": assets,
                "territories": ["CN"],
                "fields": ["batteries"],
                "acts": ["make", "use", "sell"],
                "exclusivity": "exclusive",
                "kind": "grant",
                "start": date(2027, 1, 1),
                "end": date(2028, 1, 1),
                "subject": f"test:{next(numbers)}",
                "now": NOW,
                **wanted,
            }
        )

    return do
