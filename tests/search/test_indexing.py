"""The indexes follow the database, on the embedded engine and on a real Elasticsearch."""

from __future__ import annotations

import json
from io import StringIO

import pytest
from django.core.management import call_command
from pytest_django import Settings

from marketplace.core.outbox import drain
from marketplace.listings.models import Listing, ListingText
from marketplace.listings.services import listing_move
from search import elastic, engine, indexing
from search.engine import BREAKER, ELASTIC, EMBEDDED, live, search
from search.models import Generation
from search.request import SearchRequest
from tests.factories import NOW, make_listing, make_organisation, member_of, publish

pytestmark = pytest.mark.django_db


def published(number: int = 1) -> list[Listing]:
    owner = member_of(make_organisation("licensor"))
    return [publish(make_listing(owner), owner) for _ in range(number)]


def found() -> list[str]:
    result = search("listing", SearchRequest(text="batteries"))
    assert result.degraded is False
    return sorted(hit.id for hit in result.hits)


@pytest.fixture(params=["embedded", "elasticsearch"])
def platform(request: pytest.FixtureRequest) -> None:
    """The platform without Elasticsearch, and with it."""
    if request.param == "elasticsearch":
        request.getfixturevalue("elasticsearch")


def test_the_outbox_brings_what_is_published_and_takes_what_is_withdrawn(platform: None) -> None:
    indexing.rebuild("listing")
    one, two = published(2)
    assert found() == []
    drain()
    assert found() == sorted([str(one.pk), str(two.pk)])
    owner = member_of(one.owner)
    listing_move(viewer=owner, listing_id=one.pk, move="withdraw", now=NOW)
    drain()
    assert found() == [str(two.pk)]


def test_a_rebuild_takes_over_and_leaves_nothing_behind(platform: None) -> None:
    old = indexing.rebuild("listing")
    one, two = published(2)
    new = indexing.rebuild("listing")
    assert live("listing") == new
    assert list(Generation.objects.filter(kind="listing")) == [new]
    assert found() == sorted([str(one.pk), str(two.pk)])
    for each in engine.engines():
        assert each.has(old) is (each is EMBEDDED)


def test_what_changes_while_it_is_rebuilt_is_not_lost(
    platform: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    indexing.rebuild("listing")
    one, two = published(2)
    drain()
    batches = indexing.documents_of("listing")

    def interrupted(kind: str):  # the first listing is withdrawn once it has been read
        monkeypatch.undo()
        for batch in batches:
            yield batch
            owner = member_of(one.owner)
            listing_move(viewer=owner, listing_id=one.pk, move="withdraw", now=NOW)
            drain()

    read = list(batches)
    batches = iter(read)
    monkeypatch.setattr(indexing, "documents_of", interrupted)
    indexing.rebuild("listing")
    assert found() == [str(two.pk)]


def verified() -> list[dict]:
    out = StringIO()
    call_command("search_index", "verify", "--kind", "listing", stdout=out)
    return [json.loads(line) for line in out.getvalue().splitlines()]


def test_verify_finds_drift_and_mends_it(platform: None) -> None:
    generation = indexing.rebuild("listing")
    one, two, three = published(3)
    drain()
    clean = [
        {
            "kind": "listing",
            "engine": each.name,
            "missing": 0,
            "stale": 0,
            "surplus": 0,
            "right_now": True,
        }
        for each in engine.engines()
    ]
    assert verified() == clean
    for each in engine.engines():
        each.remove(generation, [str(one.pk)])  # missing
    ListingText.objects.filter(listing=two).update(title="Changed behind its back")  # stale
    Listing.objects.filter(pk=three.pk).update(state="withdrawn")  # surplus
    assert verified() == [{**row, "missing": 1, "stale": 1, "surplus": 1} for row in clean]
    assert verified() == clean


def test_an_engine_that_comes_later_is_filled(elasticsearch: str, settings: Settings) -> None:
    settings.ELASTICSEARCH_URL = ""
    indexing.rebuild("listing")
    (one,) = published()
    drain()
    settings.ELASTICSEARCH_URL = elasticsearch
    generation = indexing.ensure("listing")
    assert set(ELASTIC.checksums(generation)) == {str(one.pk)}
    assert found() == [str(one.pk)]


def test_when_elasticsearch_is_down_the_embedded_engine_answers(
    elasticsearch: str, settings: Settings
) -> None:
    indexing.rebuild("listing")
    (one,) = published()
    drain()
    settings.ELASTICSEARCH_URL = "http://127.0.0.1:9"  # nothing listens there
    elastic.client.cache_clear()
    result = search("listing", SearchRequest(text="batteries"))
    assert (result.degraded, [hit.id for hit in result.hits]) == (True, [str(one.pk)])
    assert BREAKER.closed is False
    settings.ELASTICSEARCH_URL = elasticsearch
    elastic.client.cache_clear()
    assert search("listing", SearchRequest()).degraded is True  # it rests for a while
    BREAKER.open_until = 0.0
    assert search("listing", SearchRequest()).degraded is False


def test_a_dead_search_server_blocks_no_save(settings: Settings) -> None:
    indexing.rebuild("listing")
    settings.ELASTICSEARCH_URL = "http://127.0.0.1:9"
    elastic.client.cache_clear()
    (one,) = published()
    drain()  # the message fails, and waits for its next turn
    assert Listing.objects.get(pk=one.pk).state == "published"
    elastic.client.cache_clear()
