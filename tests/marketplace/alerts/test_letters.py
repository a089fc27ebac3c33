"""What a letter says of a burst."""

from __future__ import annotations

import pytest

from marketplace.alerts.letters import MOST_SHOWN, mail
from marketplace.alerts.models import Alert
from tests.factories import make_listing, make_organisation, make_saved_search, member_of, publish

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("found", "shown", "rest"),
    [(MOST_SHOWN, MOST_SHOWN, None), (MOST_SHOWN + 2, MOST_SHOWN, "… and 2 more.")],
)
def test_a_letter_counts_what_it_has_no_room_for(found: int, shown: int, rest: str | None) -> None:
    owner = member_of(make_organisation("licensor"))
    saved = make_saved_search(name="Batteries")
    alert = Alert(saved_search=saved, listing=publish(make_listing(owner), owner))

    letter = mail(saved, [alert] * found)

    lines = letter.body.splitlines()
    assert letter.subject == f"{found} new for “Batteries”"
    assert sum(line.startswith("* ") for line in lines) == shown
    assert [line for line in lines if line.startswith("…")] == ([rest] if rest else [])
