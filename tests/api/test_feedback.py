"""Buyers decline matches by the API and are shown others by it; owners read their figures."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from marketplace.accounts.viewer import Viewer
from marketplace.analytics.models import ListingDay
from marketplace.core.outbox import drain
from marketplace.feedback.models import MatchDecline
from marketplace.listings.models import Listing, ListingText
from marketplace.needs.models import Need
from tests.conftest import OPERATIONS, Api, done, gid
from tests.factories import (
    TEXT,
    make_listing,
    make_operator,
    make_organisation,
    make_parties,
    member_of,
    open_need,
    publish,
)

pytestmark = pytest.mark.usefixtures("indexes")


def offered(*trls: int) -> list[Listing]:
    owner, operator = member_of(make_organisation("licensor")), make_operator()
    drafts = [
        make_listing(owner, trl=trl, texts=[{**TEXT, "summary": f"Cell {n}."}])
        for n, trl in enumerate(trls)
    ]
    found = [publish(one, owner, operator) for one in drafts]
    drain()
    return found


def matches(api: Api, viewer: Viewer, need: Need) -> tuple[dict[str, Any], dict[str, Any]]:
    """By listing: the matches and what is out."""
    found = api.as_(viewer).run("matches_for_need", need=gid("Need", need.pk), language="EN")
    part = found["matchesForNeed"]
    return (
        {one["listing"]["id"]: one for one in part["matches"]},
        {one["listing"]["id"]: one["exclusions"] for one in part["excluded"]},
    )


def decline(api: Api, viewer: Viewer, need: Need, listing: Listing, *reasons: str) -> Any:
    return api.as_(viewer).run(
        "match_decline",
        need=gid("Need", need.pk),
        listing=gid("Listing", listing.pk),
        reasons=list(reasons),
    )


def points(match: dict[str, Any]) -> int:
    return int(next(c["points"] for c in match["components"] if c["name"] == "feedback"))


def test_a_reason_changes_the_ranking_and_the_explanation_names_it(api: Api) -> None:
    early, alike, ripe = offered(4, 3, 7)
    buyer = member_of(make_organisation("buyer"))
    need = open_need(buyer)
    before, out = matches(api, buyer, need)
    assert (len(before), out) == (3, {})
    made = done(decline(api, buyer, need, early, "TOO_EARLY"))["decline"]
    assert made["reasons"] == ["TOO_EARLY"]
    after, out = matches(api, buyer, need)
    assert out == {gid("Listing", early.pk): ["You declined it: too early."]}
    assert list(after) == [gid("Listing", ripe.pk), gid("Listing", alike.pk)]
    worse, same = after[gid("Listing", alike.pk)], after[gid("Listing", ripe.pk)]
    assert worse["score"] == before[gid("Listing", alike.pk)]["score"] - 10
    assert points(worse) == -10
    assert worse["reasons"][-1] == "You found TRL 4 too early; this is TRL 3."
    assert same == before[gid("Listing", ripe.pk)]
    done(
        api.as_(buyer).run(
            "match_reconsider", need=gid("Need", need.pk), listing=gid("Listing", early.pk)
        )
    )
    assert matches(api, buyer, need) == (before, {})


def test_another_need_of_the_buyer_learns_and_nobody_else_does(api: Api) -> None:
    (listing,) = offered(4)
    buyer, rival = member_of(make_organisation("buyer")), member_of(make_organisation("buyer"))
    need, other, foreign = open_need(buyer), open_need(buyer), open_need(rival)
    done(decline(api, buyer, need, listing, "TOO_EARLY"))
    found, out = matches(api, buyer, other)
    (one,) = found.values()
    assert (points(one), out) == (-20, {})
    assert one["reasons"][-2:] == [
        "You found TRL 4 too early; this is TRL 4.",
        "You declined it for another need: too early.",
    ]
    for viewer, asked in ((rival, foreign), (rival, need), (rival, other)):
        found, out = matches(api, viewer, asked)
        (one,) = found.values()
        assert (points(one), out) == (0, {})
        assert "declined" not in str(one)
    found, out = matches(api, make_operator(), need)
    assert (found, len(out)) == ({}, 1)


def test_what_was_unclear_comes_back_once_its_text_changed(api: Api) -> None:
    (listing,) = offered(6)
    buyer = member_of(make_organisation("buyer"))
    need = open_need(buyer)
    done(decline(api, buyer, need, listing, "BENEFIT_UNCLEAR"))
    assert matches(api, buyer, need)[0] == {}
    listing.advantages.create(metric="heat", value="40", unit="%", comparator="liquid cells")
    ((one,), out) = (list(part.values()) for part in matches(api, buyer, need))
    assert (points(one), out) == (0, [])
    assert one["reasons"][-1] == "You declined it (benefit unclear); its text has changed since."
    done(decline(api, buyer, need, listing, "BENEFIT_UNCLEAR", "PRICE"))
    ListingText.objects.filter(listing=listing).update(summary="It saves 40 % of the heat.")
    found, out = matches(api, buyer, need)
    assert (found, list(out.values())) == ({}, [["You declined it: benefit unclear, price."]])


def test_the_owner_is_not_told_by_its_own_matches(api: Api) -> None:
    parties = make_parties()
    need = open_need(parties.buyer)
    drain()

    def seen() -> Any:
        return api.as_(parties.licensor).post(
            "query ($id: ID!) { matchesForListing(listing: $id)"
            " { matches { score reasons components { name points } need { id } }"
            " excluded { exclusions } } }",
            id=gid("Listing", parties.listing.pk),
        )

    before = seen()
    assert len(before["data"]["matchesForListing"]["matches"]) == 1
    done(decline(api, parties.buyer, need, parties.listing, "PRICE"))
    assert seen() == before


def test_a_budget_is_not_told_by_the_price_that_fits_it(api: Api) -> None:
    owner, buyer = member_of(make_organisation("licensor")), member_of(make_organisation("buyer"))
    money = {"price_currency": "CNY"}
    dear = publish(make_listing(owner, price_amount=900, **money), owner)
    content = {"budget_amount": 500, "budget_currency": "CNY"}
    need, strict = open_need(buyer, **content), open_need(buyer, must_haves=["budget"], **content)
    drain()

    def price(viewer: Viewer, need: Need) -> list[int]:
        found, _ = matches(api, viewer, need)
        parts = [one["components"] for one in found.values()]
        return [c["points"] for part in parts for c in part if c["name"] == "price"]

    assert (price(buyer, need), price(buyer, strict)) == ([2], [])
    assert matches(api, buyer, strict)[1] == {
        gid("Listing", dear.pk): ["It has no price within the budget, which is a must."]
    }
    for viewer in (owner, Viewer(), member_of(make_organisation("buyer"))):
        assert (price(viewer, need), price(viewer, strict)) == ([5], [5])
        assert matches(api, viewer, strict)[1] == {}


def test_declines_that_are_refused_change_nothing(api: Api) -> None:
    parties = make_parties()
    need = open_need(parties.buyer)
    for viewer, reasons, code, field in (
        (parties.licensor, ["PRICE"], "FORBIDDEN", ["need"]),
        (parties.operator, ["PRICE"], "FORBIDDEN", ["need"]),
        (parties.buyer, [], "INVALID", ["reasons"]),
    ):
        answer = decline(api, viewer, need, parties.listing, *reasons)["matchDecline"]
        assert answer["decline"] is None
        (error,) = answer["errors"]
        assert (error["code"], error["field"]) == (code, field)
    wrong = decline(api, parties.buyer, need, make_listing(), "PRICE")["matchDecline"]
    assert (wrong["errors"][0]["code"], wrong["errors"][0]["field"]) == ("NOT_FOUND", ["listing"])
    assert not MatchDecline.objects.exists()


def test_only_its_buyer_takes_a_decline_back_and_only_of_that_listing(api: Api) -> None:
    parties = make_parties()
    need = open_need(parties.buyer)
    done(decline(api, parties.buyer, need, parties.listing, "PRICE"))
    for viewer, listing, code in (
        (parties.licensor, gid("Listing", parties.listing.pk), "FORBIDDEN"),
        (member_of(make_organisation("buyer")), gid("Listing", parties.listing.pk), "FORBIDDEN"),
        (parties.buyer, gid("Need", need.pk), "INVALID"),
    ):
        answer = api.as_(viewer).run("match_reconsider", need=gid("Need", need.pk), listing=listing)
        assert [error["code"] for error in answer["matchReconsider"]["errors"]] == [code]
    other = gid("Listing", make_parties().listing.pk)
    done(api.as_(parties.buyer).run("match_reconsider", need=gid("Need", need.pk), listing=other))
    assert MatchDecline.objects.count() == 1


def test_figures_of_what_is_no_organisation_or_no_listing(api: Api) -> None:
    parties = make_parties()
    client = api.as_(parties.licensor)
    document = (OPERATIONS / "analytics.graphql").read_text(encoding="utf-8")
    whose, listing = gid("Organisation", parties.licensor_id), gid("Listing", parties.listing.pk)
    for asked, field in (
        ({"organisation": listing}, ["organisation"]),
        ({"organisation": whose, "listing": whose}, ["listing"]),
        ({"organisation": whose, "weeks": 0}, ["weeks"]),
    ):
        answer = client.post(document, **asked)
        assert answer["data"] == {"analytics": None}
        (error,) = answer["errors"]
        assert (error["extensions"]["code"], error["extensions"]["field"]) == ("INVALID", field)
    another = gid("Listing", make_parties().listing.pk)
    assert client.run("analytics", organisation=whose, listing=another)["analytics"] is None


def test_matches_cost_the_same_however_much_was_declined(api: Api) -> None:
    first, *others, _ = offered(*[6] * 8)
    buyer = member_of(make_organisation("buyer"))
    need = open_need(buyer)

    def statements() -> int:
        with CaptureQueriesContext(connection) as asked:
            matches(api, buyer, need)
        return len(asked)

    done(decline(api, buyer, need, first, "BENEFIT_UNCLEAR"))
    matches(api, buyer, need)  # what is kept for the next time is kept
    before = statements()
    for listing in others:
        done(decline(api, buyer, need, listing, "BENEFIT_UNCLEAR"))
    assert statements() == before


@pytest.mark.parametrize("rows", [1, 6])
def test_a_page_of_declines_costs_the_same(
    api: Api, django_assert_num_queries: Any, rows: int
) -> None:
    buyer = member_of(make_organisation("buyer"))
    need = open_need(buyer)
    for listing in offered(*[5] * rows):
        done(decline(api, buyer, need, listing, "PRICE"))
    client = api.as_(buyer)
    with django_assert_num_queries(7):
        found = client.run("match_declines", need=gid("Need", need.pk))["matchDeclines"]
    assert found["totalCount"] == rows
    other = api.as_(member_of(make_organisation("buyer"))).run("match_declines")
    assert other["matchDeclines"]["totalCount"] == 0
    Listing.objects.update(state="withdrawn")
    assert [
        edge["node"]["listing"] for edge in client.run("match_declines")["matchDeclines"]["edges"]
    ] == [None] * rows


def test_what_is_searched_matched_and_opened_is_counted(api: Api) -> None:
    parties = make_parties()
    need = open_need(parties.buyer)
    drain()
    listing = gid("Listing", parties.listing.pk)
    for viewer in (Viewer(), parties.licensor, parties.operator):
        client = api.as_(viewer)
        client.run("search", text="electrolyte", first=5)
        client.post("query ($id: ID!) { listing(id: $id) { id } }", id=listing)
    matches(api, parties.buyer, need)
    row = ListingDay.objects.get()
    assert (row.listing_id, row.impressions, row.opens) == (parties.listing.pk, 2, 1)


def test_what_is_only_counted_was_not_seen(api: Api) -> None:
    parties = make_parties()
    need = gid("Need", open_need(parties.buyer).pk)
    drain()
    client = api.as_(parties.buyer)
    for document in (
        '{ search(text: "electrolyte") { totalCount facets { name } } }',
        "query ($id: ID!) { matchesForNeed(need: $id) { degraded excluded { score } } }",
    ):
        assert "errors" not in client.post(document, id=need)
    assert not ListingDay.objects.exists()
    for document in (
        '{ search(text: "electrolyte") { ...page } } fragment page on SearchConnection'
        " { edges { score } }",
        "query ($id: ID!) { matchesForNeed(need: $id) { matches { score } } }",
    ):
        assert "errors" not in client.post(document, id=need)
    assert ListingDay.objects.get().impressions == 2


def test_an_owner_reads_figures_and_advice(api: Api) -> None:
    parties = make_parties()
    drain()
    for _ in range(3):
        buyer = member_of(make_organisation("buyer"))
        done(decline(api, buyer, open_need(buyer), parties.listing, "BENEFIT_UNCLEAR"))
    api.run("search", text="electrolyte")
    whose = gid("Organisation", parties.licensor_id)
    listing = gid("Listing", parties.listing.pk)
    found = api.as_(parties.licensor).run(
        "analytics", organisation=whose, listing=listing, weeks=1, language="EN"
    )["analytics"]
    (week,) = found["weeks"]
    assert {name: week[name] for name in week if name != "startsOn"} == {
        "impressions": 1,
        "opens": 0,
        "enquiries": 0,
        "medianAnswerHours": None,
        "declines": [{"reason": "BENEFIT_UNCLEAR", "buyers": 3}],
    }
    assert found["listings"] == [
        {
            "listing": {"id": listing, "text": {"title": TEXT["title"]}},
            "impressions": 1,
            "opens": 0,
            "enquiries": 0,
        }
    ]
    assert found["feedback"] == [
        {
            "listing": {"id": listing},
            "reason": "BENEFIT_UNCLEAR",
            "buyers": 3,
            "advice": "Three buyers found the benefit unclear: add a quantified advantage.",
        }
    ]
    for viewer in (Viewer(), parties.buyer):
        assert api.as_(viewer).run("analytics", organisation=whose) == {"analytics": None}
    wrong = api.as_(parties.licensor).post(
        "query ($of: ID!) { analytics(organisation: $of, weeks: 99) { weeks { opens } } }", of=whose
    )
    assert "1 to 53 weeks" in wrong["errors"][0]["message"]
