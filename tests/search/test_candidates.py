"""What the bridge asks twice is had once, and no more of a candidate than its place and classes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from search import bridge
from search.document import Document, ipc_facets
from search.engine import EMBEDDED, Engine, planned_for, search_in
from search.models import Generation
from search.ranking import WEIGHTS
from search.request import Hit, SearchRequest, checked

pytestmark = pytest.mark.django_db

DOCUMENTS = [
    Document(
        id=f"d{n:02}",
        texts={"title": [f"Lithium {'battery' if n % 3 else 'cell'} {'of zinc ' * (n % 5)}"]},
        facets={"kind": ["know_how"], **ipc_facets(["H01M 10/05" if n % 2 else "C22B 26/12"])},
        family=f"kin{n // 4}",
        card={"title": str(n)},
        published=n,
    )
    for n in range(24)
]
ASKED = checked(SearchRequest(text="lithium battery of zinc", first=24))


@pytest.fixture
def filled(one_engine: Engine) -> Iterator[tuple[Engine, Generation]]:
    generation = Generation.objects.create(kind="trial")
    for engine in dict.fromkeys((EMBEDDED, one_engine)):
        engine.create(generation)
        engine.put(generation, DOCUMENTS)
    generation.refresh_from_db()  # the bridge asks whether anything is classified
    yield one_engine, generation


def test_without_cards_all_else_is_the_same(filled: tuple[Engine, Generation]) -> None:
    engine, generation = filled
    for collapse in (False, True):
        asked = replace(ASKED, collapse=collapse)
        shown = search_in(generation, asked, only=engine)
        bare = search_in(generation, replace(asked, cards=False), only=engine)
        assert [replace(h, card={}, checksum="", family="") for h in shown.hits] == [
            replace(h, checksum="", family="") for h in bare.hits
        ]
        assert all(h.checksum for h in shown.hits)
        assert {h.card["title"] for h in shown.hits} == {str(int(h.id[1:])) for h in shown.hits}
        assert [h.family for h in bare.hits] == [f"kin{int(h.id[1:]) // 4}" for h in bare.hits]
        assert (shown.total, shown.more) == (bare.total, bare.more)


def test_of_a_family_the_first_is_the_candidate() -> None:
    hits = [
        Hit(f"h{n}", 100.0 - n, {}, "", family=f"kin{n // 3}" if n < 90 else "") for n in range(120)
    ]
    every = bridge.heads(SearchRequest(), hits)
    heads = bridge.heads(SearchRequest(collapse=True), hits)
    assert [hit.id for hit in every] == [f"h{n}" for n in range(WEIGHTS.candidates)]
    assert [hit.id for hit in heads] == [f"h{3 * n}" for n in range(WEIGHTS.candidates)]
    alone = bridge.heads(SearchRequest(collapse=True), hits[87:])
    assert [hit.id for hit in alone[:3]] == ["h87", "h90", "h91"]


def test_lifts_go_on_from_the_scores_before_them() -> None:
    generation = Generation.objects.create(kind="trial")
    EMBEDDED.put(generation, DOCUMENTS)
    generation.refresh_from_db()
    planned = planned_for(generation, ASKED, EMBEDDED)
    anew = replace(planned, scores=None)
    assert planned.scores is not None
    assert planned.scores.serve(generation.pk, planned)
    with CaptureQueriesContext(connection) as kept:
        found = EMBEDDED.search(generation, ASKED, planned)
    assert "LEFT JOIN (" in kept.captured_queries[-1]["sql"]
    again = EMBEDDED.search(generation, ASKED, anew)
    assert found.hits == again.hits
    assert found.total == again.total == 24
    unlifted = EMBEDDED.search(generation, ASKED, replace(anew, lifts=()))
    assert [hit.score for hit in unlifted.hits] != [hit.score for hit in found.hits]


def test_scores_of_another_question_serve_none() -> None:
    generation = Generation.objects.create(kind="trial")
    EMBEDDED.put(generation, DOCUMENTS)
    generation.refresh_from_db()
    planned = planned_for(generation, ASKED, EMBEDDED)
    assert planned.scores is not None
    assert not planned.scores.serve(generation.pk + 1, planned)
    fewer = replace(planned, concepts=planned.concepts[:1])
    assert not planned.scores.serve(generation.pk, fewer)
    assert EMBEDDED.search(generation, ASKED, fewer) == EMBEDDED.search(
        generation, ASKED, replace(fewer, scores=None)
    )
