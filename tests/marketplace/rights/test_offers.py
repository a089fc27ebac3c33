"""A listing is not let out to the public with what is not there to give."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from marketplace.core.errors import Faults
from marketplace.listings.models import Listing
from marketplace.listings.services import listing_move
from marketplace.rights.services import assets_of, occupy, release
from tests.factories import NOW, make_listing, make_organisation, make_patent, member_of, publish

pytestmark = pytest.mark.django_db


def grant(listing: Listing, **wanted: Any) -> None:
    occupy(
        **{
            "owner": listing.owner,
            "holder": make_organisation("buyer"),
            "assets": assets_of(listing),
            "territories": ["CN", "HK"],
            "fields": [],
            "acts": ["make", "use", "sell", "offer", "import", "sublicense"],
            "exclusivity": "exclusive",
            "kind": "grant",
            "start": date(2026, 1, 1),
            "end": None,
            "subject": "agreement:1",
            "now": NOW,
            **wanted,
        }
    )


def refused(listing: Listing, by: Any, move: str) -> list[tuple[str, tuple[str, ...]]]:
    with pytest.raises(Faults) as faults:
        listing_move(viewer=by, listing_id=listing.pk, move=move, now=NOW)
    return [(error.message, error.field) for error in faults.value.errors]


def test_what_is_wholly_granted_is_not_offered_again() -> None:
    owner = member_of(make_organisation("licensor"))
    patent = make_patent()
    grant(make_listing(owner, patents=[patent]))
    again = make_listing(owner, patents=[patent], territories=["CN", "HK", "MO"])

    assert refused(again, owner, "submit") == [
        ("Nothing of what is offered is free in CN, HK.", ("territories",))
    ]
    again.refresh_from_db()
    assert again.state == Listing.State.DRAFT

    release(subject="agreement:1", now=NOW)
    assert publish(again, owner).state == Listing.State.PUBLISHED


def test_what_is_free_for_a_while_or_for_some_act_is_offered() -> None:
    owner = member_of(make_organisation("licensor"))
    listing = make_listing(owner)
    grant(listing, start=date(2027, 1, 1))
    grant(listing, end=date(2027, 1, 1), acts=["make"], subject="agreement:2")
    assert publish(listing, owner).state == Listing.State.PUBLISHED


def test_a_grant_between_submitting_and_publishing_is_noticed() -> None:
    owner = member_of(make_organisation("licensor"))
    listing = make_listing(owner, territories=["CN"])
    listing_move(viewer=owner, listing_id=listing.pk, move="submit", now=NOW)
    grant(listing)
    with pytest.raises(Faults, match="Nothing of what is offered is free in CN"):
        publish_after_review(listing)
    listing.refresh_from_db()
    assert listing.state == Listing.State.IN_REVIEW


def publish_after_review(listing: Listing) -> None:
    operator = member_of(make_organisation("operator"))
    for move in ("start_review", "publish"):
        listing_move(
            viewer=operator, listing_id=listing.pk, move=move, now=NOW + timedelta(hours=1)
        )


def test_an_assignment_of_patents_needs_one_in_force() -> None:
    owner = member_of(make_organisation("licensor"))
    old = make_patent("CN.1000001.C", filing_date=date(2001, 1, 1))
    listing = make_listing(
        owner, kind="assignment", exclusivity=["exclusive"], patents=[old], period_months=None
    )
    assert refused(listing, owner, "submit") == [("No patent is in force in CN.", ("territories",))]
