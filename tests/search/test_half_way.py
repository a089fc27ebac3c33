"""Elasticsearch that goes down in the midst of a search: whatever it still answered, the rest comes
from the embedded engine, says so, and is one list."""

from __future__ import annotations

import http.client
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from pytest_django import Settings

from search import elastic, engine
from search.document import Document, ipc_facets
from search.engine import ELASTIC, EMBEDDED, search_in
from search.models import Generation
from search.request import SearchRequest, SearchResult, checked

from .test_abroad import PAGE, SAME

pytestmark = pytest.mark.django_db
WORDS = (
    "battery",
    "separator",
    "lithium anode",
    "valve and sensor",
    "电池隔膜",
    "电解质",
    "传感器",
)


class Passing(BaseHTTPRequestHandler):
    """Passes on as many searches as are left, and then hangs up."""

    protocol_version = "HTTP/1.1"
    server: Proxy

    def do_POST(self) -> None:
        self.server.asked += 1
        if self.server.asked > self.server.most:
            self.close_connection = True
            return
        body = self.rfile.read(int(self.headers["Content-Length"]))
        behind = http.client.HTTPConnection(self.server.behind, timeout=60)
        behind.request("POST", self.path, body, dict(self.headers))
        answer = behind.getresponse()
        said = answer.read()
        behind.close()
        self.send_response(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in ("content-length", "transfer-encoding", "connection"):
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)

    def log_message(self, *args: Any) -> None:
        pass


class Proxy(ThreadingHTTPServer):
    def __init__(self, behind: str) -> None:
        super().__init__(("127.0.0.1", 0), Passing)
        self.behind, self.asked, self.most = behind, 0, 1000


@pytest.fixture
def proxy(elasticsearch: str, settings: Settings) -> Iterator[Proxy]:
    with Proxy(elasticsearch.removeprefix("http://").rstrip("/")) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        settings.ELASTICSEARCH_URL = elasticsearch
        elastic.client().close()
        elastic.client.cache_clear()
        server.shutdown()
        thread.join()


def document(n: int) -> Document:
    """Two of three are of a family of four."""
    said = f"{WORDS[n % 7]}, {WORDS[n % 5]} {n}"
    return Document(
        id=f"d{n:02}",
        family=f"kin{n // 6}" if n % 3 else "",
        texts={"title": [said], "description": [SAME if n == 20 else said * (n % 4)]},
        facets={"kind": ["know_how"], **ipc_facets([f"H01M {n % 4 + 2}/02"])},
        published=n,
        card={"title": said},
    )


@pytest.mark.parametrize("collapse", [True, False])
@pytest.mark.parametrize("first", [8, 100])
def test_a_long_text_is_answered_whole_whenever_elasticsearch_goes_down(
    proxy: Proxy, settings: Settings, monkeypatch: pytest.MonkeyPatch, collapse: bool, first: int
) -> None:
    monkeypatch.setattr("search.fusion.WINDOW", 20)
    generation = Generation.objects.create(kind="trial", live=True)
    for one in (EMBEDDED, ELASTIC):
        one.create(generation)
        one.put(generation, [document(n) for n in range(36)])
    generation.refresh_from_db()
    settings.ELASTICSEARCH_URL = f"http://127.0.0.1:{proxy.server_port}"
    elastic.client().close()
    elastic.client.cache_clear()
    request = checked(
        SearchRequest(text=PAGE, first=first, collapse=collapse, facets=["kind", "ipc_subclass"])
    )

    def ask(most: int) -> SearchResult:
        proxy.asked, proxy.most = 0, most
        engine.BREAKER.open_until = 0.0
        return search_in(generation, request)

    whole = ask(1000)
    searches = proxy.asked
    embedded = search_in(generation, request, only=EMBEDDED)
    assert searches >= 5  # candidates, translations, theirs, the beginning and its cards
    assert whole.degraded is False
    assert len(whole.hits) == min(first, whole.total)
    families = {f"d{n:02}": document(n).kin for n in range(36)}
    for most in range(searches):
        found = ask(most)
        assert found.degraded is True, most
        assert proxy.asked == most + 1  # it is not asked again
        ids = [hit.id for hit in found.hits]
        assert len(ids) == len(set(ids)) == len(embedded.hits)
        if collapse:
            assert len({families[id] for id in ids}) == len(ids)
        assert ids[0] == "d20"
        assert all(hit.card["title"] for hit in found.hits)
        assert (found.total, found.facets, found.more) == (
            embedded.total, embedded.facets, embedded.more
        )  # fmt: skip
    engine.BREAKER.open_until = 0.0
