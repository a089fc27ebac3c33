from __future__ import annotations

import pytest

from tests.story import Story


@pytest.mark.django_db
def test_the_story_is_told_to_its_end(indexes: None) -> None:
    said: list[str] = []
    Story(said.append).tell()
    assert len(said) >= 7
