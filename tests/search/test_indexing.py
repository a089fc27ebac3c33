"""The indexes follow the database, on the embedded engine and on a real Elasticsearch."""

from __future__ import annotations

import json
from collections.abc import Iterator
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from pytest_django import Settings

from marketplace.core.outbox import drain
from marketplace.listings.models import Listing, ListingText
from marketplace.listings.services import listing_move
from search import elastic, engine, indexing, lexicon
from search.document import Document
from search.engine import BREAKER, ELASTIC, EMBEDDED, live, search
from search.fusion import is_fused
from search.models import Generation
from search.request import SearchRequest, SearchResult
from tests.factories import NOW, TEXT, make_listing, make_organisation, member_of, publish

from .test_abroad import PAGE
from .test_half_way import WORDS

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


@pytest.mark.parametrize("broke", [ValueError, KeyboardInterrupt])
def test_a_rebuild_that_breaks_off_leaves_no_half_of_an_index(
    platform: None, monkeypatch: pytest.MonkeyPatch, broke: type[BaseException]
) -> None:
    old = indexing.rebuild("listing")
    published(1)
    drain()
    made: list[Generation] = []

    def broken(kind: str) -> Iterator[list[Document]]:
        made.append(Generation.objects.latest("pk"))
        yield [Document(id="one", texts={"title": ["Valve"]})]
        raise broke("a row that nobody can read")

    monkeypatch.setattr(indexing, "documents_of", broken)
    with pytest.raises(broke, match="nobody can read"):
        indexing.rebuild("listing")
    assert list(Generation.objects.filter(kind="listing")) == [old]
    assert made[0] != old
    for each in engine.engines():
        assert each.checksums(made[0]) == {}
    assert not (ELASTIC in engine.engines() and ELASTIC.has(made[0]))


def test_an_index_that_is_not_merged_serves_all_the_same(
    elasticsearch: None, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refused(self: Any, **asked: Any) -> None:
        raise elastic.TransportError("too many merges")

    monkeypatch.setattr(type(elastic.client().indices), "forcemerge", refused)
    one, two = published(2)
    indexing.rebuild("listing")
    assert found() == sorted([str(one.pk), str(two.pk)])
    assert "does not merge" in caplog.text


def various(count: int) -> list[Listing]:
    """Listings that say this and that, some of them in Chinese, all classified; the later, the
    more often they say "battery", in as many words."""
    owner = member_of(make_organisation("licensor"))
    made = []
    for n in range(count):
        chinese = {"language": "zh-Hans"} if n % 3 == 0 else {}
        title = f"{WORDS[n % 7]}, {WORDS[n % 5]}"
        description = " ".join(["battery"] * n + ["filler"] * (2 * count - n))
        said = {**TEXT, **chinese, "title": title, "description": description}
        listing = make_listing(owner, texts=[said], ipc=[f"H01M {n % 4 + 2}/02"])
        made.append(publish(listing, owner))
    return made


def pages_over_a_rebuild(**asked: Any) -> tuple[list[str], list[str]]:
    """What the pages show, the index being rebuilt after the first; and the whole list."""

    def page(after: str | None) -> SearchResult:
        return search("listing", SearchRequest(first=5, after=after, **asked))

    first = page(None)
    assert is_fused(first.hits[-1].cursor) is (asked["text"] in (PAGE, LONG))
    old = live("listing")
    assert first.more
    assert indexing.rebuild("listing") != old
    seen, after, more = [hit.id for hit in first.hits], first.hits[-1].cursor, True
    while more:
        found = page(after)
        assert (found.total, found.degraded) == (first.total, False)
        seen += [hit.id for hit in found.hits]
        after, more = found.hits[-1].cursor if found.hits else None, found.more
    assert len(seen) == first.total
    return seen, [hit.id for hit in search("listing", SearchRequest(first=100, **asked)).hits]


@pytest.mark.parametrize(
    "asked",
    [
        {"text": "battery separator"},
        {"text": "battery separator", "collapse": True},
        {"text": "电池 传感器"},
        {"text": PAGE},
        {"text": "", "sort": "newest"},
        {"text": "battery", "sort": "trl"},
    ],
)
def test_pages_go_on_over_a_rebuild(platform: None, asked: dict[str, Any]) -> None:
    indexing.rebuild("listing")
    various(16)
    drain()
    seen, whole = pages_over_a_rebuild(**asked)
    assert seen == whole


# Of words that have translations, as a page's mostly have: so its own language comes before.
LONG = " ".join(["battery", *[word for word in lexicon.table() if word.isalpha()][:40]])


# Of what is written in one language the order stays where its scores change alike.
@pytest.mark.parametrize("text", ["filler", LONG])
@pytest.mark.parametrize("gone", ["with the word", "without it"])
def test_pages_go_on_where_scores_change_by_a_rebuild(
    platform: None, monkeypatch: pytest.MonkeyPatch, text: str, gone: str
) -> None:
    """As in an Elasticsearch in which much was deleted, which counts until it is merged away."""
    monkeypatch.setattr("search.fusion.WINDOW", 12)
    indexing.rebuild("listing")
    listings = various(16)
    owner = member_of(make_organisation("licensor"))
    title = "Battery filler" if gone == "with the word" else "Harvester"
    passing = [
        publish(make_listing(owner, texts=[{**TEXT, "title": title, "description": "Rest"}]), owner)
        for _ in range(12)
    ]
    drain()
    for one in passing:
        listing_move(viewer=owner, listing_id=one.pk, move="withdraw", now=NOW)
    drain()
    seen, whole = pages_over_a_rebuild(text=text)
    assert sorted(seen) == sorted(str(one.pk) for one in listings)
    assert seen == whole


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
