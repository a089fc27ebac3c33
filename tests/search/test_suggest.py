"""Search as you type, in the script that is typed."""

from __future__ import annotations

import pytest

from search.document import Document
from search.engine import Engine, engines
from search.models import Generation
from search.suggest import suggest

pytestmark = pytest.mark.django_db
DOCUMENTS = [
    Document(id="cell", texts={"title": ["Solid electrolyte"]}),
    Document(id="motor", texts={"title": ["无刷电动机的控制方法"]}),
]


@pytest.mark.parametrize(
    ("typed", "words", "listings"),
    [
        ("solid electr", ["solid electrolyte"], ["cell"]),
        ("电动", ["电动机"], ["motor"]),
        ("電動", ["電動機"], ["motor"]),
        ("无刷电动", ["无刷电动机"], ["motor"]),
        ("", [], []),
        ("   ", [], []),
        ("e" * 101, [], []),
        ("%_\\", [], []),
    ],
)
def test_suggest(one_engine: Engine, typed: str, words: list[str], listings: list[str]) -> None:
    generation = Generation.objects.create(kind="listing", live=True)
    for engine in engines():
        engine.create(generation)
        engine.put(generation, DOCUMENTS)
    found = suggest(typed)
    assert (list(found.words), sorted(hit.id for hit in found.listings)) == (words, listings)
