from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from uuid import UUID

import pytest
from graphql_relay import from_global_id, to_global_id

from marketplace.core.outbox import drain
from marketplace.listings.models import Listing
from marketplace.listings.services import listing_move, listing_update
from marketplace.patents.models import Family
from tests.conftest import Api
from tests.factories import (
    NOW,
    TEXT,
    make_listing,
    make_organisation,
    make_patent,
    member_of,
    publish,
)

pytestmark = pytest.mark.usefixtures("indexes")


def cursor(*parts: object) -> str:
    return urlsafe_b64encode(json.dumps(parts).encode()).decode()


def published(**content: object) -> Listing:
    owner = member_of(make_organisation("licensor", name="Garnet Ltd", jurisdiction="HK"))
    listing = publish(make_listing(owner, **content), owner)
    drain()
    return listing


def titles(answer: dict) -> list[str]:
    return [edge["node"]["title"] for edge in answer["search"]["edges"]]


def test_what_cannot_be_found_is_warned_of(api: Api) -> None:
    published()
    assert api.run("search", text="battery")["search"]["warnings"] == []
    answer = api.run("search", text="battery ipc:b01d61")["search"]
    assert (answer["totalCount"], answer["warnings"]) == (
        0,
        ["'b01d61' is no IPC or CPC symbol; write a symbol such as A61K or A61K 31/00."],
    )


def test_a_published_listing_is_found_and_shown_from_its_card(api: Api) -> None:
    patent = make_patent("US.8000000.B2", ipc=["H01M 10/0562"])
    listing = published(patents=[patent], price_amount=500, price_currency="HKD")
    answer = api.run("search", text="batteries")["search"]
    assert answer["totalCount"] == 1
    assert answer["degraded"] is False
    (edge,) = answer["edges"]
    assert edge["node"] == {
        "id": to_global_id("Listing", str(listing.pk)),
        "title": TEXT["title"],
        "summary": TEXT["summary"],
        "language": "EN",
        "kind": "KNOW_HOW",
        "trl": 6,
        "exclusivity": ["NON_EXCLUSIVE"],
        "territories": ["CN"],
        "ipc": ["H01M 10/0562"],
        "price": {"amount": 500, "currency": "HKD"},
        "ownerName": "Garnet Ltd",
        "publishedAt": "2026-11-23T04:00:00+00:00",
    }
    assert {f["name"]: f["buckets"] for f in answer["facets"]} == {
        "kind": [{"value": "know_how", "count": 1}],
        "ipc_section": [{"value": "H", "count": 1}],
        "trl": [{"value": "6", "count": 1}],
        "territory": [{"value": "CN", "count": 1}],
        "jurisdiction": [{"value": "HK", "count": 1}],
    }
    assert edge["highlights"] == [
        {"field": "title", "fragment": "Solid electrolyte for lithium <em>batteries</em>"}
    ]
    assert titles(api.run("search", text="US 8,000,000 B2")) == [TEXT["title"]]


def test_operators_are_no_words_to_mark(api: Api) -> None:
    published(texts=[{**TEXT, "title": "Of the applicant: solid electrolytes"}])
    answer = api.run("search", text='applicant:Garnet "solid electrolytes"')
    assert answer["search"]["edges"][0]["highlights"] == [
        {"field": "title", "fragment": "Of the applicant: <em>solid</em> <em>electrolytes</em>"}
    ]


def test_a_draft_is_not_found_nor_what_was_withdrawn(api: Api) -> None:
    owner = member_of(make_organisation("licensor"))
    make_listing(owner)
    listing = publish(make_listing(owner), owner)
    drain()
    assert api.run("search")["search"]["totalCount"] == 1
    listing_move(viewer=owner, listing_id=listing.pk, move="withdraw", now=NOW)
    assert titles(api.run("search")) == []  # at once: the index is a hint, the database decides
    drain()
    assert api.run("search")["search"]["totalCount"] == 0


@pytest.mark.parametrize("wanted", ["ownerName patentNumbers", "listing { id }"])
def test_the_card_of_what_became_anonymous_is_not_shown(api: Api, wanted: str) -> None:
    """As where the worker, or Elasticsearch, was down meanwhile."""
    owner = member_of(make_organisation("licensor", name="Garnet Ltd"))
    listing = publish(make_listing(owner, patents=[make_patent()]), owner)
    drain()
    listing = listing_move(viewer=owner, listing_id=listing.pk, move="revise", now=NOW)
    listing_update(viewer=owner, listing_id=listing.pk, revision=listing.revision, anonymous=True)
    publish(listing, owner)
    query = f"{{ search {{ edges {{ node {{ title {wanted} }} }} }} }}"
    assert api.post(query)["data"]["search"]["edges"] == []
    suggested = api.post('{ suggest(typed: "solid") { listings { title } } }')
    assert suggested["data"]["suggest"]["listings"] == []
    drain()
    assert [edge["node"]["title"] for edge in api.post(query)["data"]["search"]["edges"]] == [
        TEXT["title"]
    ]


def test_an_anonymous_owner_is_not_found_by_name_number_or_applicant(api: Api) -> None:
    patent = make_patent("US.8000000.B2", applicants=["Garnet Ltd"], title_en="Garnet seal")
    listing = published(patents=[patent], anonymous=True)
    for text in ("Garnet Ltd", "US 8,000,000 B2", "applicant:Garnet", "seal"):
        answer = api.run("search", text=text)
        assert "Garnet Ltd" not in str(answer)
        assert all(edge["node"]["ownerName"] is None for edge in answer["search"]["edges"])
    assert titles(api.run("search", text="US8000000")) == []
    assert titles(api.run("search", text="seal")) == []
    answer = api.run("search", text="batteries")["search"]
    assert {f["name"]: f["buckets"] for f in answer["facets"]}["jurisdiction"] == []
    seen = api.run("listing", id=to_global_id("Listing", str(listing.pk)))["listing"]
    assert (seen["owner"], seen["patents"]) == (None, None)
    assert api.run("patent", number="US8000000B2") == {"patent": None}


def test_the_symbols_of_a_hidden_patent_are_not_told_whole(api: Api) -> None:
    owner = member_of(make_organisation("licensor"))
    listing = make_listing(owner, anonymous=True, ipc=["H01M 10/05"])
    listing.patents.add(make_patent(ipc=["C04B 35/50"], cpc=["H01M 10/0562", "Y02E 60/10"]))
    publish(listing, owner)
    drain()
    node, found = api.run("search", text="electrolyte")["search"]["edges"][0]["node"], {}
    for symbol in ("C04B", "Y02E", "H01M 10/05", "C04B 35/50", "H01M 10/0562", "Y02E 60/10"):
        asked = {"text": "electrolyte", "filters": {"ipc": [symbol]}}
        found[symbol] = api.run("search", **asked)["search"]["totalCount"]
    assert node["id"] == to_global_id("Listing", listing.pk)
    assert found == {
        "C04B": 1, "Y02E": 1, "H01M 10/05": 1,
        "C04B 35/50": 0, "H01M 10/0562": 0, "Y02E 60/10": 0,
    }  # fmt: skip
    card = api.post('{ search(text: "electrolyte") { edges { node { ipc } } } }')
    assert card["data"]["search"]["edges"] == [
        {"node": {"ipc": ["H01M 10/05", "C04B", "H01M", "Y02E"]}}
    ]


def test_pages_hold_together_over_an_insert(api: Api) -> None:
    owner = member_of(make_organisation("licensor"))
    for _ in range(3):
        publish(make_listing(owner), owner)
    drain()
    first = api.run("search", sort="NEWEST", first=2)["search"]
    publish(make_listing(owner), owner)
    drain()
    rest = api.run("search", sort="NEWEST", first=5, after=first["pageInfo"]["endCursor"])["search"]
    seen = [edge["node"]["id"] for page in (first, rest) for edge in page["edges"]]
    assert len(seen) == len(set(seen))
    assert first["pageInfo"]["hasNextPage"] is True
    assert rest["pageInfo"]["hasNextPage"] is False


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"first": 101}, ["first"]),
        ({"first": 0}, ["first"]),
        ({"after": "nonsense"}, ["after"]),
        ({"after": "WyJuZXdlc3QiLCAxLCAieCJd", "text": "battery"}, ["after"]),
        ({"after": "WyJuZXdlc3QiLCAxLCAieCJd", "sort": "TRL"}, ["after"]),
        ({"after": cursor("newest", 1, "x", "one"), "text": "battery"}, ["after"]),
        ({"after": cursor("newest", 1, "x", "one"), "sort": "TRL"}, ["after"]),
        ({"after": cursor("relevance", 1, "x"), "text": "battery"}, ["after"]),
        ({"after": cursor("relevance", 1, "x", 7), "text": "battery"}, ["after"]),
        ({"after": cursor("relevance", 1, "x\x00", "one"), "text": "battery"}, ["after"]),
        ({"after": cursor("relevance", 1e300, "x", "one"), "text": "battery"}, ["after"]),
        ({"after": cursor("relevance", float("nan"), "x", "one"), "text": "cell"}, ["after"]),
        ({"filters": {"price": {"currency": "HKD", "most": 10**30}}}, ["price", "most"]),
        ({"filters": {"industry": ["汽车"]}}, ["filters", "industry", "0"]),
        ({"filters": {"ipc": ["6"]}}, ["filters", "ipc", "0"]),
        ({"filters": {"ipcSection": ["B", "B01D"]}}, ["filters", "ipcSection", "1"]),
        ({"filters": {"ipcSubclass": ["B01"]}}, ["filters", "ipcSubclass", "0"]),
        ({"filters": {"trl": [12]}}, ["filters", "trl", "0"]),
        ({"filters": {"territory": ["XX"]}}, ["filters", "territory", "0"]),
        ({"filters": {"price": {"currency": "dollars"}}}, ["price", "currency"]),
        ({"text": "x" * 100_000}, ["text"]),
    ],
)
def test_bad_input_is_told_the_field(api: Api, asked: dict, field: list[str]) -> None:
    document = (  # the document of search.graphql, but expecting an error
        "query($text: String, $filters: SearchFilters, $sort: SearchSort, $first: Int,"
        " $after: String) { search(text: $text, filters: $filters, sort: $sort, first: $first,"
        " after: $after) { totalCount } }"
    )
    (error,) = api.post(document, **asked)["errors"]
    assert error["extensions"]["code"] == "INVALID"
    assert error["extensions"]["field"] == field


@pytest.mark.parametrize(
    "variables",
    [
        {"sort": "BY_MAGIC"},
        {"language": "FRENCH"},
        {"text": "nul \x00"},
        {"text": "lone \ud800 surrogate"},
        {"first": "many"},
    ],
)
def test_bad_variables_are_refused(api: Api, variables: dict) -> None:
    document = (
        "query($text: String, $sort: SearchSort, $first: Int, $language: Language) {"
        " search(text: $text, sort: $sort, first: $first, language: $language) { totalCount } }"
    )
    (error,) = api.post(document, **variables)["errors"]
    assert error["extensions"]["code"] == "BAD_REQUEST"


def test_a_search_costs_the_same_statements_whatever_it_finds(
    api: Api, django_assert_num_queries
) -> None:
    owner = member_of(make_organisation("licensor"))
    publish(make_listing(owner), owner)
    drain()
    with django_assert_num_queries(6):
        api.run("search", text="batteries")
    for _ in range(9):
        publish(make_listing(owner), owner)
    drain()
    with django_assert_num_queries(6):
        api.run("search", text="batteries")


def test_suggestions(api: Api) -> None:
    published()
    assert api.run("suggest", typed="solid electr")["suggest"] == {
        "words": ["solid electrolyte"],
        "listings": [
            {
                "id": to_global_id("Listing", str(Listing.objects.get().pk)),
                "title": TEXT["title"],
            }
        ],
    }
    assert api.run("suggest", typed="")["suggest"] == {"words": [], "listings": []}


def test_without_an_index_nothing_is_found(api: Api) -> None:
    from search.indexing import drop

    drop("listing")
    assert api.run("search", text="battery")["search"]["totalCount"] == 0


def test_listings_of_one_family_are_one_result_unless_all_are_asked_for(api: Api) -> None:
    family = Family.objects.create(kind="simple", number="12345678")
    granted, pending = (make_patent(simple_family=family) for _ in range(2))
    first = published(patents=[granted])
    second = published(patents=[pending])
    secretive = published(patents=[pending], anonymous=True)  # else it would be known by its kin
    answer = api.run("search", text="batteries")["search"]
    assert (answer["totalCount"], sorted(e["familySize"] for e in answer["edges"])) == (2, [1, 2])
    assert secretive.pk in {UUID(from_global_id(e["node"]["id"])[1]) for e in answer["edges"]}
    every = api.run("search", text="batteries", collapse=False)["search"]
    assert {from_global_id(e["node"]["id"])[1] for e in every["edges"]} == {
        str(one.pk) for one in (first, second, secretive)
    }
    assert (every["totalCount"], [e["familySize"] for e in every["edges"]]) == (3, [1, 1, 1])


def test_the_same_text_is_one_result_where_it_is_long_enough_to_tell(api: Api) -> None:
    for words in (60, 60, 61):
        text = {**TEXT, "description": " ".join(f"word{n}" for n in range(words))}
        published(texts=[text])
    for _ in range(2):
        published()
    answer = api.run("search", text="batteries")["search"]
    assert sorted(edge["familySize"] for edge in answer["edges"]) == [1, 1, 1, 2]
