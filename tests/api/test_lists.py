"""Drafts changed through the API, and lists paged through, each at a fixed number of statements."""

from __future__ import annotations

import pytest
from graphql_relay import to_global_id

from marketplace.patents.models import Family, LegalEvent
from tests.conftest import Api
from tests.factories import make_listing, make_need, make_organisation, make_patent, member_of

pytestmark = pytest.mark.django_db


def test_listing_update_changes_what_is_given_and_empties_what_is_null(api: Api) -> None:
    owner = member_of(make_organisation("licensor"))
    listing = make_listing(owner, price_amount=5, price_currency="HKD")
    changed = api.as_(owner).run(
        "listing_update",
        id=to_global_id("Listing", str(listing.pk)),
        revision=1,
        input={
            "trl": None,
            "price": None,
            "texts": [
                {"language": "ZH_HANS", "title": "固态电解质", "status": "MACHINE_CONVERTED"}
            ],
        },
    )["listingUpdate"]
    assert changed["errors"] == []
    assert (changed["listing"]["trl"], changed["listing"]["price"]) == (None, None)
    assert changed["listing"]["revision"] == 2
    assert sorted((t["language"], t["status"]) for t in changed["listing"]["texts"]) == [
        ("EN", "ORIGINAL"),
        ("ZH_HANS", "MACHINE_CONVERTED"),
    ]


def test_need_update(api: Api) -> None:
    buyer = member_of(make_organisation("buyer"))
    need = make_need(buyer, trl_min=3)
    changed = api.as_(buyer).run(
        "need_update",
        id=to_global_id("Need", str(need.pk)),
        revision=1,
        input={"trlMax": 2},
    )["needUpdate"]
    assert changed["errors"] == [
        {
            "code": "INVALID",
            "message": "The lowest TRL is above the highest.",
            "field": ["trlMin"],
        }
    ]
    need.refresh_from_db()
    assert (need.trl_max, need.revision) == (None, 1)


@pytest.mark.parametrize("rows", [1, 20])
def test_a_page_of_listings_costs_the_same(api: Api, django_assert_num_queries, rows: int) -> None:
    owner = member_of(make_organisation("licensor"))
    for _ in range(rows):
        make_listing(owner)
    client = api.as_(owner)
    with django_assert_num_queries(6):  # user, memberships, page, count, owners, texts
        seen = client.run("listings")["listings"]
    assert len(seen["edges"]) == seen["totalCount"] == rows


@pytest.mark.parametrize("rows", [1, 20])
def test_a_page_of_needs_costs_the_same(api: Api, django_assert_num_queries, rows: int) -> None:
    buyer = member_of(make_organisation("buyer"))
    for _ in range(rows):
        make_need(buyer)
    client = api.as_(buyer)
    with django_assert_num_queries(5):  # user, memberships, page, count, organisations
        seen = client.run("needs")["needs"]
    assert len(seen["edges"]) == seen["totalCount"] == rows


@pytest.mark.parametrize("patents", [1, 20])
def test_a_listing_costs_the_same_however_many_patents_it_has(
    api: Api, django_assert_num_queries, patents: int
) -> None:
    owner = member_of(make_organisation("licensor"))
    listing = make_listing(owner, patents=[make_patent() for _ in range(patents)])
    client = api.as_(owner)
    id = to_global_id("Listing", str(listing.pk))
    # user, memberships, listing, owner, texts, advantages, patents, their events, history, count
    with django_assert_num_queries(10):
        seen = client.run("listing", id=id)["listing"]
    assert len(seen["patents"]) == patents


def test_pages_of_listings_survive_an_insert(api: Api) -> None:
    owner = member_of(make_organisation("licensor"))
    for _ in range(3):
        make_listing(owner)
    client = api.as_(owner)
    first = client.run("listings", first=2)["listings"]
    make_listing(owner)
    rest = client.run("listings", first=9, after=first["pageInfo"]["endCursor"])["listings"]
    seen = [edge["node"]["id"] for one in (first, rest) for edge in one["edges"]]
    assert len(seen) == len(set(seen)) == 3


def test_a_patent_by_any_form_of_its_number(api: Api) -> None:
    family = Family.objects.create(kind="simple", number="39183031")
    patent = make_patent("US.8147410.B2", simple_family=family)
    make_patent("CN.101744639.B", simple_family=family)
    LegalEvent.objects.create(patent=patent, territory="US", kind="granted", on="2012-04-03")
    for number in ("US 8,147,410 B2", "us8147410", "ＵＳ８１４７４１０"):
        seen = api.run("patent", number=number)["patent"]
        assert seen["docdb"] == "US.8147410.B2"
        assert seen["status"] == [{"territory": "US", "status": "IN_FORCE"}]
        assert seen["simpleFamily"] == [{"docdb": "CN.101744639.B"}, {"docdb": "US.8147410.B2"}]
        assert seen["extendedFamily"] == [{"docdb": "US.8147410.B2"}]
