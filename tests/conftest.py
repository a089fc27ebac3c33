from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from django.apps import apps
from django.conf import settings
from django.core.files.storage import FileSystemStorage
from django.test import Client
from graphql_relay import to_global_id
from pytest_django import Settings

from api.auth import access_token
from marketplace.accounts.viewer import Viewer
from marketplace.documents.first import first_versions
from marketplace.documents.models import Template
from marketplace.rooms.models import Chunk, RoomFile
from search import elastic, engine
from tests.elasticsearch_node import Unavailable, node

hypothesis.settings.register_profile("ours", deadline=None)  # no test is timed
hypothesis.settings.load_profile("ours")
OPERATIONS = settings.ROOT / "graphql" / "operations"


class Api:
    """A client of the API: runs documents of graphql/operations by name, as a given viewer."""

    def __init__(self) -> None:
        self.client = Client()
        self.headers: dict[str, str] = {}

    def as_(self, viewer: Viewer) -> Api:
        other = Api()
        if viewer.user is not None:
            other.headers = {"Authorization": f"Bearer {access_token(viewer.user)}"}
        return other

    def post(self, query: str, **variables: Any) -> dict[str, Any]:
        response = self.client.post(
            "/graphql/",
            json.dumps({"query": query, "variables": variables}),
            content_type="application/json",
            headers=self.headers,
        )
        answer: dict[str, Any] = response.json()
        return answer

    def run(self, operation: str, **variables: Any) -> dict[str, Any]:
        """The data of an operation that is expected to give no GraphQL error."""
        document = (OPERATIONS / f"{operation}.graphql").read_text(encoding="utf-8")
        answer = self.post(document, **variables)
        assert "errors" not in answer, answer["errors"]
        data: dict[str, Any] = answer["data"]
        return data


def done(data: dict[str, Any]) -> dict[str, Any]:
    """The payload of a mutation that is expected to succeed."""
    (payload,) = data.values()
    assert payload["errors"] == [], payload["errors"]
    found: dict[str, Any] = payload
    return found


def gid(name: str, pk: object) -> str:
    """The id by which the API knows a row."""
    return str(to_global_id(name, str(pk)))


@pytest.fixture
def api(db: None) -> Api:
    return Api()


@pytest.fixture
def codes() -> Callable[[dict[str, Any]], list[str]]:
    return lambda payload: [error["code"] for error in payload["errors"]]


@pytest.fixture(autouse=True)
def embedded_unless_asked(settings: Settings) -> None:
    """A test that wants Elasticsearch says so, whatever the environment has; and passwords are
    hashed at once, since making a member would else take a quarter of a second."""
    settings.ELASTICSEARCH_URL = ""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(autouse=True)
def rooms_in_a_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Files of data rooms go to a real storage, which is thrown away with the test."""
    for model in (RoomFile, Chunk):
        storage = FileSystemStorage(tmp_path / "rooms")
        monkeypatch.setattr(model._meta.get_field("content"), "storage", storage)


@pytest.fixture(scope="session")
def elasticsearch_url() -> Iterator[str]:
    """A real Elasticsearch; where none can be had, a skip that says why, and in CI a failure."""
    try:
        with node() as url:
            yield url
    except Unavailable as reason:
        if os.environ.get("CI"):
            pytest.fail(f"CI needs a real Elasticsearch: {reason}")
        pytest.skip(f"NO ELASTICSEARCH, SO WHAT NEEDS IT WAS NOT TESTED: {reason}")


@pytest.fixture
def elasticsearch(elasticsearch_url: str, settings: Settings) -> Iterator[str]:
    """The platform with Elasticsearch, under a prefix of its own."""
    settings.ELASTICSEARCH_URL = elasticsearch_url
    settings.SEARCH_INDEX_PREFIX = "test"
    elastic.client.cache_clear()
    engine.BREAKER.open_until = 0.0
    engine.RECENT.known.clear()
    yield elasticsearch_url
    for name in elastic.patient().indices.get(index="test-*"):
        elastic.patient().indices.delete(index=name)
    elastic.client().close()
    elastic.client.cache_clear()


@pytest.fixture
def templates(transactional_db: None) -> None:
    """The texts that migrations brought, for a test with real threads: one of its kind that ran
    before has emptied every table."""
    if not Template.objects.exists():
        for name in ("deals", "agreements"):
            first_versions(Path(apps.get_app_config(name).path, "texts")).code(apps, None)
