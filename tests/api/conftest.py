from __future__ import annotations

import pytest

from search.indexing import rebuild


@pytest.fixture
def indexes(db: None) -> None:
    """Live indexes, empty."""
    rebuild("listing")
    rebuild("need")
