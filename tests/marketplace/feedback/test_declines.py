"""Buyers decline matches; owners learn of it from the third buyer on."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import partial
from importlib import import_module

import pytest
from django.db import IntegrityError, connection, transaction

from marketplace.accounts.models import Membership, Organisation
from marketplace.accounts.viewer import Viewer
from marketplace.core.errors import Forbidden, Invalid, NotFound
from marketplace.core.vocabulary import DeclineReason
from marketplace.feedback.advice import ADVICE, advice
from marketplace.feedback.models import MatchDecline
from marketplace.feedback.selectors import declines_visible_to, told, totals
from marketplace.feedback.services import match_decline, match_reconsider
from marketplace.listings.models import Listing
from marketplace.needs.models import Need
from tests.factories import (
    NOW,
    make_listing,
    make_operator,
    make_organisation,
    make_patent,
    member_of,
    open_need,
    publish,
)
from tests.threads import at_once

pytestmark = pytest.mark.django_db
MONDAY = date(2026, 11, 23)  # the week of NOW


def published(**content: object) -> Listing:
    owner = member_of(make_organisation("licensor"))
    return publish(make_listing(owner, **content), owner)


def buyer() -> Viewer:
    return member_of(make_organisation("buyer"))


def decline(
    listing: Listing, *reasons: str, by: Viewer | None = None, now: datetime = NOW
) -> MatchDecline:
    by = by or buyer()
    need = Need.objects.filter(organisation__in=list(by.roles)).first() or open_need(by)
    return match_decline(
        viewer=by, need_id=need.pk, listing_id=listing.pk, reasons=reasons, now=now
    )


def test_the_facts_of_the_day_are_kept() -> None:
    owner = member_of(make_organisation("licensor"))
    content = {"price_amount": 500, "price_currency": "CNY", "ipc": ["H01M 10/0562"]}
    listing = make_listing(owner, **content)
    listing.patents.add(make_patent(ipc=["C04B 35/50"]))
    publish(listing, owner)
    made = decline(listing, "too_early", "price", "too_early")
    Listing.objects.filter(pk=listing.pk).update(trl=9, price_amount=1)
    made.refresh_from_db()
    assert made.reasons == ["price", "too_early"]
    assert (made.trl, made.price_amount, made.price_currency) == (6, 500, "CNY")
    assert (made.ipc, made.territories) == (["H01M 10", "C04B 35"], ["CN"])
    assert (made.ipr_status, made.declined_at) == ("patent_granted", NOW)


def test_the_last_word_stands_and_can_be_taken_back() -> None:
    by, listing = buyer(), published()
    decline(listing, "price", by=by)
    made = decline(listing, "scientific", by=by, now=NOW + timedelta(days=1))
    assert MatchDecline.objects.get() == made
    assert MatchDecline.objects.get().reasons == ["scientific"]
    for _ in range(2):
        match_reconsider(viewer=by, need_id=made.need_id, listing_id=listing.pk)
        assert not MatchDecline.objects.exists()


def test_only_the_buyers_dealmakers_decline_and_only_what_is_published() -> None:
    by, listing = buyer(), published()
    need = open_need(by)
    draft = make_listing()
    stranger, operator = buyer(), make_operator()
    clerk = member_of(need.organisation, "finance")

    def refused(viewer: Viewer, error: type[Exception], listing: Listing, *reasons: str) -> None:
        with pytest.raises(error), transaction.atomic():
            match_decline(
                viewer=viewer, need_id=need.pk, listing_id=listing.pk, reasons=reasons, now=NOW
            )
        assert not MatchDecline.objects.exists()

    for viewer in (stranger, operator, clerk, Viewer()):
        refused(viewer, Forbidden, listing, "price")
    refused(by, NotFound, draft, "price")
    refused(by, Invalid, listing)
    refused(by, Invalid, listing, "dull")
    Listing.objects.filter(pk=listing.pk).update(state="withdrawn")
    refused(by, NotFound, listing, "price")
    Listing.objects.filter(pk=listing.pk).update(state="published")
    made = decline(listing, "price", by=by)
    for viewer in (stranger, operator, clerk):
        with pytest.raises(Forbidden):
            match_reconsider(viewer=viewer, need_id=need.pk, listing_id=listing.pk)
    assert MatchDecline.objects.get() == made


def test_who_sees_a_decline() -> None:
    made = decline(published(), "price")
    owner = member_of(made.listing.owner)
    colleague = member_of(made.need.organisation, "finance")
    for viewer, sees in (
        (colleague, True),
        (make_operator(), True),
        (owner, False),
        (buyer(), False),
        (Viewer(), False),
    ):
        assert declines_visible_to(viewer).exists() is sees


def test_a_decline_without_a_reason_is_refused_by_the_database() -> None:
    made = decline(published(), "price")
    with pytest.raises(IntegrityError), transaction.atomic():
        MatchDecline.objects.filter(pk=made.pk).update(reasons=[])


def test_owners_are_told_from_the_third_buyer_on() -> None:
    listing, by = published(), buyer()
    for viewer in (by, buyer()):
        decline(listing, "benefit_unclear", "price", by=viewer)
    second = open_need(by)
    match_decline(  # the same buyer for another need is no third buyer
        viewer=by, need_id=second.pk, listing_id=listing.pk, reasons=["benefit_unclear"], now=NOW
    )
    assert told([listing.pk]) == []
    decline(listing, "benefit_unclear")
    assert totals(told([listing.pk])) == [(listing.pk, "benefit_unclear", 3)]
    decline(listing, "benefit_unclear")
    assert totals(told([listing.pk])) == [(listing.pk, "benefit_unclear", 4)]


def test_the_owners_own_people_do_not_count() -> None:
    owner = member_of(make_organisation("licensor", "buyer"))
    listing = publish(make_listing(owner), owner)
    for viewer in (owner, buyer(), buyer()):
        decline(listing, "price", by=viewer)
    assert told([listing.pk]) == []


def test_only_buyers_that_were_vouched_for_count() -> None:
    listing = published()
    owner = member_of(listing.owner)
    cousin = make_organisation("buyer")
    Membership.objects.create(user=owner.require_user(), organisation=cousin, roles=["viewer"])
    sham = [
        member_of(make_organisation("buyer", verified=False)),
        member_of(make_organisation("buyer", verified_until=date(2026, 11, 22))),
        member_of(cousin),  # which has one of the owner's people
    ]
    for viewer in (*sham, buyer(), member_of(make_organisation("buyer", is_sample=True))):
        decline(listing, "price", by=viewer)
    assert told([listing.pk]) == []
    assert [one.reasons for one in declines_visible_to(sham[0])] == [["price"]]
    last = decline(listing, "price", now=NOW + timedelta(weeks=1))
    rows = [(one.week, one.buyers) for one in told([listing.pk])]
    assert rows == [(MONDAY + timedelta(weeks=1), 3)]
    Organisation.objects.filter(pk=last.need.organisation_id).update(
        verification="unverified", verified_until=None
    )
    assert totals(told([listing.pk])) == [(listing.pk, "price", 3)]  # it is of that day


def test_who_is_verified_later_counts_from_the_day_it_says_so_again() -> None:
    listing, late = published(), make_organisation("buyer", verified=False)
    for viewer in (member_of(late), buyer(), buyer()):
        decline(listing, "price", by=viewer)
    Organisation.objects.filter(pk=late.pk).update(
        verification="verified", verified_until=date(2099, 12, 31)
    )
    assert told([listing.pk]) == []
    decline(listing, "price", by=member_of(late), now=NOW + timedelta(weeks=2))
    rows = [(one.week, one.buyers) for one in told([listing.pk])]
    assert rows == [(MONDAY + timedelta(weeks=2), 3)]


def test_of_declines_made_before_that_was_kept_what_is_known_today_counts() -> None:
    listing = published()
    migration = import_module("marketplace.feedback.migrations.0002_vouched")
    owner, cousin = member_of(listing.owner), make_organisation("buyer")
    Membership.objects.create(user=owner.require_user(), organisation=cousin, roles=["viewer"])
    made = {
        decline(listing, "price", by=member_of(organisation)): counts
        for organisation, counts in (
            (make_organisation("buyer"), True),
            (make_organisation("buyer", verified=False, is_sample=True), True),
            (make_organisation("buyer", verified=False), False),
            (make_organisation("buyer", verified_until=date(2026, 11, 22)), False),
            (cousin, False),
        )
    }
    kept = {one.pk: one.vouched for one in made}
    assert kept == {one.pk: counts for one, counts in made.items()}
    MatchDecline.objects.update(vouched=False)
    with connection.cursor() as cursor:
        cursor.execute(migration.AS_KNOWN_TODAY)
    assert dict(MatchDecline.objects.values_list("pk", "vouched")) == kept


def test_weeks_tell_of_three_at_a_time_in_the_week_of_the_last() -> None:
    listing, other = published(), published()

    def rows() -> list[tuple[date | None, str, int]]:
        return [(one.week, one.reason, one.buyers) for one in told([listing.pk, other.pk])]

    for weeks in (0, 1, 3, 4):
        decline(listing, "price", now=NOW + timedelta(weeks=weeks))
    decline(other, "price")
    first = (MONDAY + timedelta(weeks=3), "price", 3)
    assert rows() == [first, (None, "price", 1)]
    assert totals(told([listing.pk])) == [(listing.pk, "price", 4)]
    for weeks in (5, 5):
        decline(listing, "price", now=NOW + timedelta(weeks=weeks))
    assert rows() == [first, (MONDAY + timedelta(weeks=5), "price", 3)]


def test_weeks_begin_on_monday_in_hong_kong() -> None:
    listing = published()
    sunday_in_london = datetime(2026, 11, 22, 16, 30, tzinfo=UTC)
    for _ in range(3):
        decline(listing, "price", now=sunday_in_london)
    assert [one.week for one in told([listing.pk])] == [MONDAY]


def test_there_is_advice_for_every_reason_in_every_language() -> None:
    assert set(ADVICE) == set(DeclineReason.values)
    assert (
        advice("benefit_unclear", 3, "en")
        == "Three buyers found the benefit unclear: add a quantified advantage."
    )
    assert advice("price", 11, "en").startswith("11 buyers found the price too high: ")
    assert advice("benefit_unclear", 3, "zh-Hans") == "3 家买方认为效益不明：请补充量化的优势。"
    assert advice("benefit_unclear", 3, "zh-Hant") == "3 家買方認為效益不明：請補充量化的優勢。"


@pytest.mark.django_db(transaction=True)
def test_the_same_decline_many_times_at_once_is_one() -> None:
    by, listing = buyer(), published()
    need = open_need(by)
    call = partial(
        match_decline, viewer=by, need_id=need.pk, listing_id=listing.pk, reasons=["price"], now=NOW
    )
    outcomes = at_once(*[call] * 8)
    assert {one.pk for one in outcomes} == {MatchDecline.objects.get().pk}
