from __future__ import annotations

from collections.abc import Iterator

import pytest
from pytest_django import Settings

from search import elastic, engine
from search.engine import ELASTIC, EMBEDDED, Engine


@pytest.fixture
def elasticsearch(elasticsearch_url: str, settings: Settings) -> Iterator[str]:
    """The platform with Elasticsearch, under a prefix of its own."""
    settings.ELASTICSEARCH_URL = elasticsearch_url
    settings.SEARCH_INDEX_PREFIX = "test"
    elastic.client.cache_clear()
    engine.BREAKER.open_until = 0.0
    yield elasticsearch_url
    for name in elastic.patient().indices.get(index="test-*"):
        elastic.patient().indices.delete(index=name)
    elastic.client().close()
    elastic.client.cache_clear()


@pytest.fixture(params=["embedded", "elasticsearch"])
def one_engine(request: pytest.FixtureRequest) -> Engine:
    if request.param == "elasticsearch":
        request.getfixturevalue("elasticsearch")
        return ELASTIC
    return EMBEDDED
