"""Listings like a listing, for everybody, and what looks the same, for reviewers."""

from __future__ import annotations

import pytest
from pytest_django import Settings

from marketplace.accounts.viewer import Viewer
from marketplace.core.outbox import drain
from marketplace.listings.models import Listing
from search import elastic
from tests.conftest import OPERATIONS, Api, gid
from tests.factories import (
    TEXT,
    make_listing,
    make_operator,
    make_organisation,
    make_patent,
    member_of,
    publish,
)

pytestmark = pytest.mark.usefixtures("indexes")


def published(*titles: str, **content: object) -> list[Listing]:
    owner, operator = member_of(make_organisation("licensor")), make_operator()
    return [
        publish(make_listing(owner, texts=[{**TEXT, "title": title}], **content), owner, operator)
        for title in titles
    ]


def test_similar_listings_without_itself_its_family_and_what_is_hidden(api: Api) -> None:
    patent = make_patent()
    mine, kin = published("Garnet electrolyte -40 °C", "Garnet sheet", patents=[patent])
    like, gone = published("Garnet electrolyte for cells", "Garnet electrolyte tape")
    drain()
    Listing.objects.filter(pk=gone.pk).update(state="withdrawn")
    found = api.run("similar", listing=gid("Listing", mine.pk), language="EN")["similar"]
    assert [one["node"]["id"] for one in found] == [gid("Listing", like.pk)]
    assert any("garnet" in ground["sentence"].lower() for ground in found[0]["why"])
    of_kin = api.run("similar", listing=gid("Listing", kin.pk), language="EN")["similar"]
    assert [one["node"]["id"] for one in of_kin] == [gid("Listing", like.pk)]
    hidden = gid("Listing", gone.pk)
    assert api.run("similar", listing=hidden)["similar"] is None


@pytest.mark.parametrize("first", [0, 25])
def test_similar_listings_are_1_to_24(api: Api, first: int) -> None:
    (listing,) = published("Garnet electrolyte")
    document = (OPERATIONS / "similar.graphql").read_text(encoding="utf-8")
    answer = api.post(document, listing=gid("Listing", listing.pk), first=first)
    (error,) = answer["errors"]
    assert answer["data"] == {"similar": None}
    assert error["message"] == f"1 to 24 listings, not {first}."


def test_similar_listings_while_the_engine_is_down(api: Api, settings: Settings) -> None:
    asked, like = published("Garnet electrolyte", "Garnet electrolyte for cells")
    drain()
    settings.ELASTICSEARCH_URL = "http://127.0.0.1:9"  # nobody listens there
    elastic.client.cache_clear()
    found = api.run("similar", listing=gid("Listing", asked.pk))["similar"]
    elastic.client.cache_clear()
    assert [one["node"]["id"] for one in found] == [gid("Listing", like.pk)]


@pytest.mark.parametrize("others", [2, 8])
def test_similar_listings_cost_the_same(
    api: Api, django_assert_max_num_queries, others: int
) -> None:
    first, *_ = published("Garnet electrolyte", *[f"Garnet cell {n}" for n in range(others)])
    drain()
    with django_assert_max_num_queries(18):
        found = api.run("similar", listing=gid("Listing", first.pk), first=8)["similar"]
    assert len(found) == others


def test_duplicates_are_for_operators_alone(api: Api) -> None:
    first, second = published("Garnet electrolyte", "Garnet electrolyte")
    asked = gid("Listing", first.pk)
    (found,) = api.as_(make_operator()).run("duplicates", listing=asked, language="EN")[
        "duplicates"
    ]
    assert found["listing"]["id"] == gid("Listing", second.pk)
    assert (found["sameOwner"], found["likeness"], found["numbers"]) == (True, 1.0, [])
    assert found["reasons"] == ["Its text is 100 % the same.", "It is of the same owner."]
    owner = member_of(first.owner)
    for viewer in (Viewer(), owner, member_of(make_organisation("buyer"))):
        assert api.as_(viewer).run("duplicates", listing=asked) == {"duplicates": None}
