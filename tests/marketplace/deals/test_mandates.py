from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from marketplace.accounts.viewer import Viewer
from marketplace.core.errors import Conflict, Forbidden, NotFound
from marketplace.deals.mandates import mandate_move, mandate_offer
from marketplace.deals.models import Deal, Mandate
from marketplace.deals.services import deal_move
from tests.factories import (
    NOW,
    Parties,
    make_enquiry,
    make_listing,
    make_organisation,
    make_parties,
    member_of,
)

pytestmark = pytest.mark.django_db


def make_centre() -> Viewer:
    return member_of(make_organisation("transfer_centre"))


def make_mandate(principal: Viewer, centre: Viewer, **fields: Any) -> Mandate:
    mandate = mandate_offer(
        viewer=principal,
        principal_id=next(iter(principal.roles)),
        centre_id=next(iter(centre.roles)),
        **{
            "acts": ["enquire", "answer"],
            "starts_on": NOW.date(),
            "ends_on": NOW.date() + timedelta(days=10),
            "commission_bp": 500,
            **fields,
        },
    )
    return mandate_move(viewer=centre, mandate_id=mandate.pk, move="accept", revision=1)


def enquire_through(parties: Parties, centre: Viewer, **fields: Any) -> Deal:
    return make_enquiry(
        Parties(parties.licensor, centre, parties.operator, parties.listing),
        buyer_id=parties.buyer_id,
        **fields,
    )


def test_a_centre_acts_within_its_mandate_and_the_record_says_so() -> None:
    parties, centre = make_parties(), make_centre()
    mandate = make_mandate(parties.buyer, centre)
    deal = enquire_through(parties, centre)
    event = deal.events.get()
    assert centre.user is not None
    assert (event.user_id, event.organisation_id, event.mandate_id) == (
        centre.user.pk,
        parties.buyer_id,
        mandate.pk,
    )


@pytest.mark.parametrize(
    "outside",
    [
        {"acts": ["answer"]},
        {"starts_on": date(2026, 11, 24), "ends_on": date(2026, 12, 1)},
        {"starts_on": date(2026, 11, 1), "ends_on": date(2026, 11, 22)},
    ],
)
def test_outside_its_acts_and_dates_it_may_not(outside: dict[str, Any]) -> None:
    parties, centre = make_parties(), make_centre()
    make_mandate(parties.buyer, centre, **outside)
    with pytest.raises(Forbidden):
        enquire_through(parties, centre)
    assert not Deal.objects.exists()


def test_over_other_listings_it_may_not() -> None:
    parties, centre = make_parties(), make_centre()
    other = make_listing(parties.licensor)
    make_mandate(parties.licensor, centre, listing_ids=[])
    deal = make_enquiry(parties)
    Mandate.objects.get().listings.set([other])
    with pytest.raises(NotFound):
        deal_move(viewer=centre, deal_id=deal.pk, move="accept", now=NOW)
    Mandate.objects.get().listings.set([parties.listing])
    assert deal_move(viewer=centre, deal_id=deal.pk, move="accept", now=NOW).state == "open"


def test_revoked_it_ends_at_once() -> None:
    parties, centre = make_parties(), make_centre()
    mandate = make_mandate(parties.buyer, centre)
    with pytest.raises(Conflict):
        mandate_move(viewer=parties.buyer, mandate_id=mandate.pk, move="revoke", revision=1)
    mandate_move(viewer=parties.buyer, mandate_id=mandate.pk, move="revoke", revision=2)
    with pytest.raises(Forbidden):
        enquire_through(parties, centre)


def test_an_offer_counts_for_nothing_until_accepted_by_the_centre() -> None:
    parties, centre = make_parties(), make_centre()
    mandate = make_mandate(parties.buyer, centre)
    Mandate.objects.update(state="offered")
    with pytest.raises(Forbidden):
        enquire_through(parties, centre)
    with pytest.raises(Forbidden):
        mandate_move(viewer=parties.buyer, mandate_id=mandate.pk, move="accept", revision=2)
