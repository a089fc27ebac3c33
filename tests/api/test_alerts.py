from __future__ import annotations

from typing import Any

import pytest
from graphql_relay import to_global_id

from marketplace.alerts.models import SavedSearch
from marketplace.alerts.services import alerts_record
from marketplace.core.outbox import drain
from marketplace.listings.services import listing_move
from tests.conftest import Api
from tests.factories import (
    NOW,
    make_listing,
    make_organisation,
    make_saved_search,
    member_of,
    publish,
)

pytestmark = pytest.mark.django_db


def test_saved_search_create_update_delete(api: Api) -> None:
    client = api.as_(member_of(make_organisation("buyer")))
    created = client.run(
        "saved_search_create",
        input={
            "name": "Batteries",
            "text": "lithium",
            "filters": {"trl": [6, 5], "kind": ["KNOW_HOW"], "ipc": ["h01m10/0562"],
                        "price": {"currency": "hkd", "most": 5000}},
            "frequency": "WEEKLY",
            "channel": "WEBHOOK",
            "webhookUrl": "https://example.com/alerts",
        },
    )["savedSearchCreate"]  # fmt: skip
    assert created["errors"] == []
    saved = created["savedSearch"]
    assert saved["filters"] == {
        "ipc": ["H01M 10/0562"],
        "trl": [5, 6],
        "territory": None,
        "kind": ["KNOW_HOW"],
        "price": {"currency": "HKD", "least": None, "most": 5000},
    }
    assert (saved["frequency"], saved["active"], len(saved["webhookSecret"])) == (
        "WEEKLY",
        True,
        64,
    )
    changed = client.run(
        "saved_search_update", id=saved["id"], input={"channel": "EMAIL", "active": False}
    )["savedSearchUpdate"]
    assert changed == {
        "savedSearch": {"id": saved["id"], "name": "Batteries", "text": "lithium",
                        "frequency": "WEEKLY", "channel": "EMAIL", "webhookUrl": None,
                        "active": False},
        "errors": [],
    }  # fmt: skip
    gone = client.run("saved_search_delete", id=saved["id"])["savedSearchDelete"]
    assert gone == {"id": saved["id"], "errors": []}
    assert client.run("saved_searches")["savedSearches"]["totalCount"] == 0


@pytest.mark.parametrize(
    ("input", "field"),
    [
        ({"text": "-lithium"}, ["text"]),
        ({"text": "a " * 400}, ["text"]),
        ({"text": "x", "filters": {"trl": [12]}}, ["filters", "trl", "0"]),
        ({"filters": {"price": {"currency": "HKD", "least": 2, "most": 1}}}, ["price", "least"]),
        ({"need": "nonsense"}, ["need"]),
    ],
)
def test_saved_search_create_says_what_is_wrong(
    api: Api, input: dict[str, Any], field: list[str]
) -> None:
    client = api.as_(member_of(make_organisation("buyer")))
    refused = client.run("saved_search_create", input={"name": "x", **input})["savedSearchCreate"]
    assert [error["field"] for error in refused["errors"]] == [field]
    assert SavedSearch.objects.count() == 0


@pytest.mark.parametrize(
    ("input", "field"),
    [
        ({"text": "-lithium"}, None),  # the filters stay
        ({"text": "-lithium", "filters": None}, "text"),
        ({"text": "lithium ipc:b01d61"}, "text"),  # of which nothing would ever be told
        ({"text": "lithium -ipc:b01d61"}, None),
        ({"filters": {"trl": [5]}}, None),
        ({"filters": None}, "text"),  # its text says only what to leave out
        ({"filters": {}}, "text"),
        ({"filters": None, "text": "lithium"}, None),
        ({"filters": None, "text": ""}, "text"),
        ({"text": "", "filters": {"trl": [6]}}, None),
    ],
)
def test_saved_search_update_checks_text_and_filters_as_they_will_be(
    api: Api, input: dict[str, Any], field: str | None
) -> None:
    by = member_of(make_organisation("buyer"))
    price = {"currency": "HKD", "least": None, "most": 5000}
    filters = {"trl": ["6"], "price": price}
    saved = make_saved_search(by, text="-battery", filters=filters)

    payload = api.as_(by).run(
        "saved_search_update", id=to_global_id("SavedSearch", str(saved.pk)), input=input
    )["savedSearchUpdate"]

    assert [error["field"] for error in payload["errors"]] == ([[field]] if field else [])
    saved.refresh_from_db()
    after = {"text": saved.text, "filters": saved.filters}
    given = {
        "text": input.get("text", "-battery"),
        "filters": {n: [str(v) for v in vs] for n, vs in (input["filters"] or {}).items()}
        if "filters" in input
        else filters,
    }
    assert after == ({"text": "-battery", "filters": filters} if field else given)


def test_nobody_reads_anothers_saved_searches(api: Api) -> None:
    saved = make_saved_search()
    other = api.as_(member_of(make_organisation("operator")))
    for client in (api, other):
        assert client.run("saved_searches")["savedSearches"]["edges"] == []
        assert client.run("alerts")["alerts"]["edges"] == []
    id = to_global_id("SavedSearch", str(saved.pk))
    payload = other.run("saved_search_delete", id=id)["savedSearchDelete"]
    assert [error["code"] for error in payload["errors"]] == ["NOT_FOUND"]
    assert SavedSearch.objects.count() == 1


def test_an_alert_of_a_withdrawn_listing_shows_no_listing(api: Api, indexes: None) -> None:
    owner = member_of(make_organisation("licensor"))
    buyer = member_of(make_organisation("buyer"))
    make_saved_search(buyer, text="lithium")
    listing = publish(make_listing(owner), owner)
    drain()
    (edge,) = api.as_(buyer).run("alerts")["alerts"]["edges"]
    assert edge["node"]["listing"]["text"]["title"] == "Solid electrolyte for lithium batteries"
    assert edge["node"]["sentAt"] is not None
    listing_move(viewer=owner, listing_id=listing.pk, move="withdraw", now=NOW)
    (edge,) = api.as_(buyer).run("alerts")["alerts"]["edges"]
    assert edge["node"]["listing"] is None


@pytest.mark.parametrize("rows", [1, 10])
def test_lists_of_alerts_cost_the_same(api: Api, django_assert_num_queries, rows: int) -> None:
    owner = member_of(make_organisation("licensor"))
    buyer = member_of(make_organisation("buyer"))
    saved = [make_saved_search(buyer) for _ in range(rows)]
    alerts_record([(one.pk, publish(make_listing(owner), owner).pk) for one in saved], now=NOW)
    client = api.as_(buyer)
    with django_assert_num_queries(4):  # user, memberships, page, count
        seen = client.run("saved_searches")["savedSearches"]
    assert len(seen["edges"]) == rows
    with django_assert_num_queries(7):  # the same; saved searches, owners, texts
        seen = client.run("alerts")["alerts"]
    assert len(seen["edges"]) == rows
