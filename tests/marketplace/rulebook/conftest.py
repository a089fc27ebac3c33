from __future__ import annotations

import pytest

from marketplace.rulebook.loading import load


@pytest.fixture
def rules(db: None) -> None:
    """The rows that the repository ships."""
    load()
