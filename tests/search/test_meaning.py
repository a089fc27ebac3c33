"""Search by meaning: a small embedder behind a real HTTP server, fused with search by words."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from marketplace.core.models import OutboxMessage
from marketplace.core.outbox import drain
from marketplace.listings.selectors import published_among
from search import embedding, engine
from search.engine import Engine, live, search, search_in
from search.explanation import explained
from search.indexing import drift, index_rows, rebuild
from search.listings import SAME_FROM
from search.matching import matches_for_listing, matches_for_need
from search.models import Embedding
from search.request import Bucket, SearchRequest, SearchResult, checked
from search.similar import similar
from tests.factories import (
    NOW,
    TEXT,
    make_listing,
    make_need,
    make_organisation,
    member_of,
    publish,
)

pytestmark = pytest.mark.django_db
# What each word means: the place in the vector.
MEANS = {"car": 0, "automobile": 0, "vehicle": 0, "boat": 1, "ship": 1, "lamp": 2, "light": 2}


class Embedder(BaseHTTPRequestHandler):
    """Deterministic: the words of MEANS that a text has, and a little of everything."""

    server: Server

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.asked.append((self.headers["Authorization"], asked))
        if self.server.drips:
            self.drip()
            return
        if fault := self.server.faulty:
            self.send_response(fault)
            self.end_headers()
            return
        rows = []
        for number, text in enumerate(asked["input"]):
            vector = [0.01] * self.server.dimensions
            for word, place in MEANS.items():
                vector[place] += text.lower().count(word)
            rows.append({"index": number, "embedding": vector})
        body = json.dumps({"data": rows[::-1]}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def drip(self) -> None:
        self.send_response(200)
        self.end_headers()
        with suppress(OSError):
            while self.server.drips:
                self.wfile.write(b" ")
                time.sleep(0.2)

    def log_message(self, *args: Any) -> None:
        pass


class Server(ThreadingHTTPServer):
    fault = 0
    dimensions = 3
    drips = False
    dies_after: int | None = None  # so many requests

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Embedder)
        self.asked: list[Any] = []

    @property
    def faulty(self) -> int:
        dead = self.dies_after is not None and len(self.asked) > self.dies_after
        return self.fault or (500 if dead else 0)


@pytest.fixture
def server(settings: Settings) -> Iterator[Server]:
    with Server() as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        settings.EMBEDDING_URL = f"http://127.0.0.1:{server.server_port}/v1/embeddings"
        settings.EMBEDDING_MODEL, settings.EMBEDDING_KEY = "small", "a-key"
        settings.EMBEDDING_DIMENSIONS = 3
        embedding.of_query.cache_clear()
        engine.EMBEDDING_BREAKER.open_until = 0.0
        yield server
        server.shutdown()
        thread.join()
    embedding.http.clear()


TITLES = ("Electric car", "Automobile brake", "Sailing boat", "Street lamp", "Vehicle frame")


@pytest.fixture
def names(server: Server, one_engine: Engine) -> dict[str, str]:
    """Title by id of what is published and embedded."""
    rebuild("listing")
    rebuild("need")
    owner = member_of(make_organisation("licensor"))
    rest = {"summary": "Summary", "description": "Described", "problem": "Problem"}
    found = {}
    for title in TITLES:
        listing = publish(make_listing(owner, texts=[{**TEXT, **rest, "title": title}]), owner)
        found[str(listing.pk)] = title
    drain()
    return found


def find(names: dict[str, str], text: str, **asked: Any) -> list[str]:
    return [names[hit.id] for hit in search("listing", SearchRequest(text=text, **asked)).hits]


def test_what_shares_no_word_is_found_by_meaning(names: dict[str, str], server: Server) -> None:
    found = find(names, "automobile")
    assert found[0] == "Automobile brake"  # by words and by meaning
    assert set(found[:3]) == {"Automobile brake", "Electric car", "Vehicle frame"}
    header, asked = server.asked[-1]
    assert (header, asked) == ("Bearer a-key", {"input": ["automobile"], "model": "small"})


def test_without_an_endpoint_words_alone_are_searched(
    names: dict[str, str], settings: Settings
) -> None:
    settings.EMBEDDING_URL = ""
    assert find(names, "automobile") == ["Automobile brake"]


def test_pages_of_the_fused_list_give_the_whole_once(names: dict[str, str]) -> None:
    whole = search("listing", SearchRequest(text="automobile lamp"))
    seen, after = [], None
    while True:
        page = search("listing", SearchRequest(text="automobile lamp", first=2, after=after))
        seen += [hit.id for hit in page.hits]
        assert page.total == whole.total == 5
        if not page.more:
            break
        after = page.hits[-1].cursor
    assert seen == [hit.id for hit in whole.hits]
    assert len(set(seen)) == 5


def test_after_the_fused_beginning_the_list_by_words_goes_on(
    names: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("search.fusion.WINDOW", 2)
    monkeypatch.setattr("search.fusion.NEAREST", 1)
    seen, after = [], None
    while True:
        asked = SearchRequest(text="described car", first=1, after=after, facets=["kind"])
        page = search("listing", asked)
        seen += [names[hit.id] for hit in page.hits]
        assert page.total == 5
        assert page.facets == {"kind": [Bucket("know_how", 5)]}
        if not page.more:
            break
        after = page.hits[-1].cursor
    assert sorted(seen) == sorted(TITLES)  # each once


def test_a_family_that_is_near_shows_once(
    names: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    owner = member_of(make_organisation("licensor"))
    description = " ".join(["Described", *(f"part{n}" for n in range(SAME_FROM))])
    said = {**TEXT, "summary": "Summary", "description": description, "problem": "Problem"}
    twins = [
        publish(make_listing(owner, texts=[{**said, "title": "Boat with a lamp"}]), owner)
        for _ in range(3)
    ]
    drain()
    title = {**names, **{str(twin.pk): "Boat with a lamp" for twin in twins}}
    monkeypatch.setattr("search.fusion.WINDOW", 1)
    monkeypatch.setattr("search.fusion.NEAREST", 1)
    seen, after, more = [], None, True
    while more:
        asked = SearchRequest(
            text="described sailing boat street lamp", first=1, after=after, collapse=True
        )
        page = search("listing", asked)
        seen += [title[hit.id] for hit in page.hits]
        assert page.total == 6
        after, more = page.hits[-1].cursor, page.more
    assert sorted(seen) == sorted([*TITLES, "Boat with a lamp"])


def test_filters_narrow_what_is_found_by_meaning(names: dict[str, str]) -> None:
    assert find(names, "automobile trl:9") == []
    assert find(names, "automobile -car", filters={"trl": ["6"]})[0] == "Automobile brake"
    assert "Electric car" not in find(names, "automobile -car")


def test_the_nearest_of_those_that_hold_a_phrase(
    names: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("search.fusion.NEAREST", 1)
    assert find(names, 'automobile "electric car"') == ["Electric car"]


def test_a_place_by_meaning_is_explained(names: dict[str, str]) -> None:
    request = checked(SearchRequest(text="automobile"))
    result: SearchResult = search_in(live("listing"), request)
    told = explained(result, request, published_among([hit.id for hit in result.hits]))
    kinds = {names[hit.id]: [one.kind for one in told[hit.id]] for hit in result.hits}
    assert kinds["Electric car"] == ["meaning"]
    assert kinds["Automobile brake"] == ["meaning", "word"]


def test_a_fault_of_the_endpoint_leaves_search_by_words(
    names: dict[str, str], server: Server
) -> None:
    server.fault = 500
    assert find(names, "automobile") == ["Automobile brake"]
    asked = len(server.asked)
    assert find(names, "boat") == ["Sailing boat"]
    assert len(server.asked) == asked  # it is left in peace for a while


def test_an_answer_that_drips_keeps_nobody_waiting(names: dict[str, str], server: Server) -> None:
    server.drips = True
    end = threading.Timer(20, setattr, (server, "drips", False))
    end.start()
    assert find(names, "automobile") == ["Automobile brake"]
    assert server.drips  # it was not waited for
    end.cancel()
    server.drips = False


def test_the_endpoint_reads_nothing_that_is_not_published(
    names: dict[str, str], server: Server, one_engine: Engine
) -> None:
    owner = member_of(make_organisation("licensor", "buyer"))
    draft, need = make_listing(owner), make_need(owner)
    asked = len(server.asked)
    similar(draft, 6)
    matches_for_listing(draft, owner, NOW)
    matches_for_need(need, owner, NOW)
    assert len(server.asked) == asked
    similar(publish(draft, owner), 6)
    assert len(server.asked) == asked + 1


def test_what_could_not_be_embedded_is_found_by_words_and_embedded_later(
    server: Server, one_engine: Engine
) -> None:
    rebuild("listing")
    rebuild("need")
    owner = member_of(make_organisation("licensor"))
    server.fault = 503
    listing = publish(make_listing(owner, texts=[{**TEXT, "title": "Automobile"}]), owner)
    drain()
    assert Embedding.objects.count() == 0
    waiting = OutboxMessage.objects.filter(done_at=None).order_by("due_at").last()
    assert waiting is not None and "answers 503" in waiting.error
    assert [h.id for h in search("listing", SearchRequest(text="automobile")).hits] == [
        str(listing.pk)
    ]
    server.fault = 0
    drain(waiting.due_at)
    assert Embedding.objects.get().doc == str(listing.pk)
    engine.EMBEDDING_BREAKER.open_until = 0.0
    (hit,) = search("listing", SearchRequest(text="car")).hits
    assert hit.nearest == 1


def test_rebuilding_asks_for_nothing_and_indexes_agree(
    names: dict[str, str], server: Server
) -> None:
    asked = len(server.asked)
    generation = rebuild("listing")
    index_rows("listing", names)
    assert len(server.asked) == asked
    assert [one.any for one in drift("listing", generation)] == [False] * len(engine.engines())
    assert set(find(names, "automobile")[:3]) == {
        "Automobile brake", "Electric car", "Vehicle frame",
    }  # fmt: skip


def test_what_was_there_before_is_embedded_by_a_command(
    names: dict[str, str], server: Server, settings: Settings
) -> None:
    Embedding.objects.all().delete()
    rebuild("listing")
    assert find(names, "automobile") == ["Automobile brake"]
    call_command("search_index", "embed", "--kind", "listing")
    assert len(find(names, "automobile")) == 5
    server.fault = 500
    Embedding.objects.all().delete()
    with pytest.raises(CommandError, match="answers 500"):
        call_command("search_index", "embed", "--kind", "listing")
    settings.EMBEDDING_URL = ""
    with pytest.raises(CommandError, match="EMBEDDING_URL"):
        call_command("search_index", "embed", "--kind", "listing")


def test_what_came_before_the_endpoint_died_is_indexed_too(
    names: dict[str, str], server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    Embedding.objects.all().delete()
    generation = rebuild("listing")
    monkeypatch.setattr("search.indexing.AT_ONCE", 2)
    monkeypatch.setattr("search.embedding.AT_ONCE", 2)
    server.dies_after = len(server.asked) + 1
    with pytest.raises(CommandError, match="answers 500"):
        call_command("search_index", "embed", "--kind", "listing")
    assert Embedding.objects.count() == 2
    server.dies_after = None
    call_command("search_index", "embed", "--kind", "listing")
    assert [one.any for one in drift("listing", generation)] == [False] * len(engine.engines())
    assert len(find(names, "automobile")) == 5


def test_vectors_of_other_dimensions_are_asked_for_anew(
    names: dict[str, str], server: Server, settings: Settings
) -> None:
    settings.EMBEDDING_DIMENSIONS = server.dimensions = 4
    rebuild("listing")
    assert find(names, "automobile") == ["Automobile brake"]
    call_command("search_index", "embed", "--kind", "listing")
    assert len(find(names, "automobile")) == 5


def test_vectors_of_another_model_are_compared_with_none(
    names: dict[str, str], server: Server, settings: Settings
) -> None:
    settings.EMBEDDING_MODEL = "another"
    rebuild("listing")
    assert find(names, "automobile") == ["Automobile brake"]
    call_command("search_index", "embed", "--kind", "listing")
    assert len(find(names, "automobile")) == 5
