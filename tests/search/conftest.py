from __future__ import annotations

import pytest

from search.engine import ELASTIC, EMBEDDED, Engine


@pytest.fixture(params=["embedded", "elasticsearch"])
def one_engine(request: pytest.FixtureRequest) -> Engine:
    if request.param == "elasticsearch":
        request.getfixturevalue("elasticsearch")
        return ELASTIC
    return EMBEDDED
