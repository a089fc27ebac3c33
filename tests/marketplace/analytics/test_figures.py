"""What owners are shown of their listings, by week."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from functools import partial
from uuid import UUID

import pytest
from django.db import IntegrityError, transaction

from marketplace.accounts.models import Organisation
from marketplace.accounts.viewer import Viewer, viewer_of
from marketplace.analytics.charts import charts
from marketplace.analytics.models import ListingDay
from marketplace.analytics.selectors import Declines, Week, figures
from marketplace.analytics.services import count
from marketplace.core.errors import Invalid, NotFound
from marketplace.deals.mandates import mandate_move, mandate_offer
from marketplace.deals.models import Deal, Mandate
from marketplace.deals.services import deal_move
from marketplace.feedback.services import match_decline
from marketplace.listings.models import Listing
from marketplace.listings.services import listing_move
from tests.factories import (
    NOW,
    Parties,
    make_enquiry,
    make_listing,
    make_operator,
    make_organisation,
    make_parties,
    member_of,
    open_need,
    publish,
    staff,
)
from tests.threads import at_once

pytestmark = pytest.mark.django_db
MONDAY = date(2026, 11, 23)  # the week of NOW
HOUR = timedelta(hours=1)


def decline(listing: Listing, *reasons: str) -> None:
    buyer = member_of(make_organisation("buyer"))
    need = open_need(buyer)
    match_decline(viewer=buyer, need_id=need.pk, listing_id=listing.pk, reasons=reasons, now=NOW)


def asked(parties: Parties, answered_after: int | None, *, weeks_ago: int = 0) -> Deal:
    """An enquiry of another buyer, answered after so many hours or not yet."""
    buyer = member_of(make_organisation("buyer"))
    at = NOW - timedelta(weeks=weeks_ago)
    deal = make_enquiry(Parties(parties.licensor, buyer, parties.operator, parties.listing), now=at)
    if answered_after is not None:
        Deal.objects.filter(pk=deal.pk).update(answered_at=at + answered_after * HOUR)
    return deal


def numbers() -> list[tuple[date, int, int]]:
    rows = ListingDay.objects.order_by("day")
    return [(row.day, row.impressions, row.opens) for row in rows]


def test_what_others_see_is_counted_by_day_in_hong_kong() -> None:
    parties = make_parties()
    ids = [parties.listing.pk]
    for viewer in (Viewer(), parties.buyer, parties.buyer):
        count("impressions", ids, viewer=viewer, now=NOW)
    count("opens", ids, viewer=parties.buyer, now=NOW)
    tomorrow_in_hong_kong = datetime(2026, 11, 23, 16, 30, tzinfo=UTC)
    count("opens", ids, viewer=parties.buyer, now=tomorrow_in_hong_kong)
    assert numbers() == [(MONDAY, 3, 1), (MONDAY + timedelta(days=1), 0, 1)]


def test_own_views_operators_views_and_what_is_not_public_do_not_count() -> None:
    parties = make_parties()
    draft = make_listing()
    clerk = member_of(parties.listing.owner, "finance")
    for viewer in (parties.licensor, clerk, parties.operator):
        count("opens", [parties.listing.pk], viewer=viewer, now=NOW)
    count("impressions", [draft.pk], viewer=parties.buyer, now=NOW)
    count("impressions", [], viewer=parties.buyer, now=NOW)
    assert numbers() == []


def offered(parties: Parties, centre: Viewer, listings: Sequence[Listing] = ()) -> Mandate:
    """A mandate of a day over these listings; over all where none is named."""
    return mandate_offer(
        viewer=parties.licensor,
        principal_id=parties.licensor_id,
        centre_id=next(iter(centre.roles)),
        acts=["answer"],
        starts_on=MONDAY,
        ends_on=MONDAY,
        commission_bp=500,
        listing_ids=[one.pk for one in listings],
    )


def test_a_brokers_views_of_what_it_brokers_do_not_count(django_assert_num_queries) -> None:
    parties = make_parties()
    other = publish(make_listing(parties.licensor), parties.licensor)
    centre = member_of(make_organisation("transfer_centre"), "finance")
    boss = member_of(Organisation.objects.get(pk=next(iter(centre.roles))))

    def counted(now: datetime = NOW) -> int:
        ListingDay.objects.all().delete()
        with django_assert_num_queries(1):
            count("opens", [parties.listing.pk, other.pk], viewer=centre, now=now)
        return ListingDay.objects.count()

    def mandated(*listings: Listing) -> None:
        mandate = offered(parties, centre, listings)
        assert counted() == 2  # what is only offered changes nothing
        mandate_move(viewer=boss, mandate_id=mandate.pk, move="accept", revision=mandate.revision)

    assert counted() == 2
    mandated(other)
    assert counted() == 1
    assert [row.listing for row in ListingDay.objects.all()] == [parties.listing]
    assert counted(NOW + timedelta(days=1)) == 2  # once it has ended


def test_a_mandate_over_all_listings_counts_none_of_them_and_others_are_counted() -> None:
    parties, rival = make_parties(), make_parties()
    centre = member_of(make_organisation("transfer_centre"))
    mandate = offered(parties, centre)
    mandate_move(viewer=centre, mandate_id=mandate.pk, move="accept", revision=mandate.revision)
    count("opens", [parties.listing.pk, rival.listing.pk], viewer=centre, now=NOW)
    assert [row.listing for row in ListingDay.objects.all()] == [rival.listing]


def test_a_week_of_a_listing() -> None:
    parties = make_parties()
    count("impressions", [parties.listing.pk], viewer=Viewer(), now=NOW)
    for weeks in (1, 3):  # the last falls out of the window
        count("opens", [parties.listing.pk], viewer=Viewer(), now=NOW - timedelta(weeks=weeks))
    for hours in (2, 5, 30):
        asked(parties, hours, weeks_ago=1)
    for _ in range(3):
        decline(parties.listing, "price", "benefit_unclear")
    decline(parties.listing, "price")
    decline(parties.listing, "scientific")
    found = figures(parties.licensor, parties.licensor_id, now=NOW, weeks=3)
    assert found.weeks == [
        Week(MONDAY - timedelta(weeks=2), 0, 0, 0, None, []),
        Week(MONDAY - timedelta(weeks=1), 0, 1, 3, 5, []),
        Week(MONDAY, 1, 0, 0, None, [Declines("benefit_unclear", 3), Declines("price", 3)]),
    ]
    assert [(s.listing, s.impressions, s.opens, s.enquiries) for s in found.listings] == [
        (parties.listing, 1, 1, 3)
    ]
    assert found.feedback == [
        (parties.listing, "price", 4),
        (parties.listing, "benefit_unclear", 3),
    ]


def test_the_median_counts_what_is_overdue_and_not_what_may_still_wait() -> None:
    parties = make_parties()
    asked(parties, None)
    late = asked(parties, None, weeks_ago=4)
    gone = asked(parties, None, weeks_ago=4)
    deal_move(viewer=viewer_of_buyer(gone), deal_id=gone.pk, move="withdraw", now=NOW)
    found = figures(parties.licensor, parties.licensor_id, now=NOW, weeks=5)
    assert late.due_at < NOW
    assert [(w.enquiries, w.median_answer_hours) for w in found.weeks] == [
        (2, 4 * 7 * 24),
        (0, None),
        (0, None),
        (0, None),
        (1, None),
    ]


def viewer_of_buyer(deal: Deal) -> Viewer:
    return member_of(deal.buyer)


def test_one_listing_alone() -> None:
    parties = make_parties()
    other = publish(make_listing(parties.licensor), parties.licensor)
    for listing in (parties.listing, other, other):
        count("opens", [listing.pk], viewer=Viewer(), now=NOW)
    whole = figures(parties.licensor, parties.licensor_id, now=NOW, weeks=1)
    assert [(s.listing, s.opens) for s in whole.listings] == [(other, 2), (parties.listing, 1)]
    (week,) = figures(
        parties.licensor, parties.licensor_id, listing_id=other.pk, now=NOW, weeks=1
    ).weeks
    assert (whole.weeks[0].opens, week.opens) == (3, 2)


def test_who_sees_them() -> None:
    parties = make_parties()
    rival = make_parties()
    clerk = member_of(parties.listing.owner, "finance")
    for viewer in (parties.licensor, clerk, parties.operator):
        assert len(figures(viewer, parties.licensor_id, now=NOW).weeks) == 12
    for viewer in (Viewer(), parties.buyer, rival.licensor):
        with pytest.raises(NotFound):
            figures(viewer, parties.licensor_id, now=NOW)
    with pytest.raises(NotFound):  # by way of one's own organisation
        figures(rival.licensor, rival.licensor_id, listing_id=parties.listing.pk, now=NOW)
    for weeks in (0, 54):
        with pytest.raises(Invalid):
            figures(parties.licensor, parties.licensor_id, weeks=weeks, now=NOW)


def test_a_broker_sees_the_listings_of_its_mandate() -> None:
    parties = make_parties()
    other = publish(make_listing(parties.licensor), parties.licensor)
    for listing in (parties.listing, other):
        count("opens", [listing.pk], viewer=Viewer(), now=NOW)
    centre = member_of(make_organisation("transfer_centre"))

    def mandated(*listings: Listing) -> int:
        mandate = offered(parties, centre, listings)
        mandate_move(viewer=centre, mandate_id=mandate.pk, move="accept", revision=mandate.revision)
        found = figures(viewer_of(centre.user), parties.licensor_id, now=NOW, weeks=1)
        return found.weeks[0].opens

    with pytest.raises(NotFound):
        figures(centre, parties.licensor_id, now=NOW)
    assert mandated(other) == 1
    assert mandated() == 2
    with pytest.raises(NotFound):  # once it has ended
        figures(viewer_of(centre.user), parties.licensor_id, now=NOW + timedelta(days=1))


def test_what_is_being_revised_keeps_its_figures_for_operators_and_is_not_shown_them() -> None:
    parties = make_parties()
    count("opens", [parties.listing.pk], viewer=Viewer(), now=NOW)
    for _ in range(3):
        decline(parties.listing, "price")
    before = figures(parties.operator, parties.licensor_id, now=NOW)
    listing_move(viewer=parties.licensor, listing_id=parties.listing.pk, move="revise", now=NOW)
    after = figures(parties.operator, parties.licensor_id, now=NOW)
    assert after.weeks == before.weeks
    assert after.reasons == before.reasons == {"price": 3}
    assert (len(before.listings), len(before.feedback)) == (1, 1)
    assert (after.listings, after.feedback) == ([], [])
    with pytest.raises(NotFound):
        figures(parties.operator, parties.licensor_id, listing_id=parties.listing.pk, now=NOW)


def test_no_figure_of_the_whole_less_that_of_a_part_tells_of_one_buyer() -> None:
    parties = make_parties()
    other = publish(make_listing(parties.licensor), parties.licensor)
    for _ in range(3):
        decline(parties.listing, "price")
    decline(other, "price")
    whole = figures(parties.licensor, parties.licensor_id, now=NOW, weeks=1)
    part = figures(
        parties.licensor, parties.licensor_id, listing_id=parties.listing.pk, now=NOW, weeks=1
    )
    assert whole.weeks[0].declines == part.weeks[0].declines == [Declines("price", 3)]


@pytest.mark.parametrize("listings", [1, 12])
def test_figures_cost_the_same_for_any_number_of_listings(
    listings: int, django_assert_num_queries
) -> None:
    parties = make_parties()
    more = [publish(make_listing(parties.licensor), parties.licensor) for _ in range(listings - 1)]
    ids = [parties.listing.pk, *(one.pk for one in more)]
    count("impressions", ids, viewer=Viewer(), now=NOW)
    for _ in range(3):
        decline(parties.listing, "price")
    # ids, declines, listings most seen, their enquiries, their rows and texts, weeks
    with django_assert_num_queries(7):
        found = figures(parties.licensor, parties.licensor_id, now=NOW)
        assert len(found.listings) == listings
    with django_assert_num_queries(1):
        count("impressions", ids, viewer=Viewer(), now=NOW)


@pytest.mark.django_db(transaction=True)
def test_many_who_see_the_same_at_once_are_all_counted() -> None:
    parties = make_parties()
    other = publish(make_listing(parties.licensor), parties.licensor)
    ids = [parties.listing.pk, other.pk]

    def see(order: Sequence[UUID]) -> None:
        for _ in range(20):
            count("impressions", order, viewer=Viewer(), now=NOW)

    at_once(*(partial(see, ids if n % 2 else ids[::-1]) for n in range(8)))
    assert [row.impressions for row in ListingDay.objects.all()] == [160, 160]


def test_the_admin_draws_them() -> None:
    parties = make_parties()
    for what in ("impressions", "opens"):
        count(what, [parties.listing.pk], viewer=Viewer(), now=NOW)  # type: ignore[arg-type]
    asked(parties, 5, weeks_ago=1)
    for _ in range(3):
        decline(parties.listing, "price")
    found = figures(parties.licensor, parties.licensor_id, now=NOW, weeks=2)
    drawn = {
        chart.title: {bar.label: (bar.amount, bar.width) for bar in chart.bars}
        for chart in charts(found)
    }
    assert drawn["Impressions"] == {"2026 week 47": (0, 0), "2026 week 48": (1, 100)}
    assert drawn["Median hours to answer"] == {"2026 week 47": (5, 100), "2026 week 48": ("–", 0)}
    assert drawn["Why buyers declined, of all time"] == {"Price": (3, 100)}

    operator = make_operator()
    client = staff(operator)
    user = operator.require_user()
    page = client.get(
        "/admin/analytics/listingday/charts/",
        {"organisation": str(parties.licensor_id), "weeks": "53"},
    ).content.decode()
    assert "<h1>Analytics for owners</h1>" in page
    assert "<h2>Why buyers declined, of all time</h2>" in page
    assert '<rect width="100%"' in page
    assert client.get("/admin/analytics/listingday/charts/", {"weeks": "0"}).status_code == 200
    assert (
        "analytics/listingday/charts/"
        in client.get("/admin/analytics/listingday/").content.decode()
    )
    assert client.get("/admin/feedback/matchdecline/").status_code == 200
    user.is_superuser = False
    user.save()
    assert client.get("/admin/analytics/listingday/charts/").status_code == 403


def test_two_at_once_cannot_make_two_rows_of_a_day() -> None:
    listing = make_parties().listing
    ListingDay.objects.create(listing=listing, day=MONDAY)
    with pytest.raises(IntegrityError), transaction.atomic():
        ListingDay.objects.create(listing=listing, day=MONDAY)
