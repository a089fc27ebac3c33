"""The other language of a long text has places of its own."""

from __future__ import annotations

from typing import Any

import pytest

from search import abroad
from search.engine import Engine, search
from search.indexing import rebuild
from search.plan import plan
from search.ranking import WEIGHTS
from search.request import Hit, SearchRequest
from tests.factories import TEXT, make_listing, make_organisation, member_of, publish

PAGE = (
    "A battery with a separator and an electrolyte. The battery has a lithium anode, a cathode, a"
    " housing, a valve, a sensor, a pump, a motor, a cable, a switch, a heater, a filter, a spring,"
    " a membrane, a nozzle, a piston, a bearing, a gear, a shaft, a lamp, a lens, a mirror and a"
    " magnet."
)
REST = {"summary": "Summary", "description": "Described", "problem": "Problem"}


def hit(id: str, score: float) -> Hit:
    return Hit(id, score, {}, "")


def test_each_so_many_places_one_is_kept() -> None:
    window = [hit(f"own{n:02}", 100.0 - n) for n in range(40)]
    scores = abroad.kept(window, ["far", "own01", "further"])
    kept = WEIGHTS.abroad
    assert scores["far"] == window[kept - 1].score
    assert scores["own01"] == 99.0  # better as it was
    assert scores["further"] == window[3 * kept - 1].score
    assert {one.id: scores[one.id] for one in window} == {one.id: one.score for one in window}
    assert abroad.kept([], ["far"]) == {"far": 0.0}


def test_only_what_is_translated_is_asked_there() -> None:
    planned = plan(PAGE, lambda tokens: dict.fromkeys(tokens, 1.0))
    assert abroad.is_long(planned)
    assert not abroad.is_long(plan("battery separator", lambda tokens: {}))
    other = abroad.translated(planned)
    origins = {a.origin for concept in other.concepts for a in concept.alternatives}
    assert (origins, other.lifts, other.number) == ({"translation"}, (), "")
    assert abroad.translated(plan(PAGE, lambda tokens: {})).concepts == []


@pytest.mark.django_db
def test_a_page_finds_the_other_language_before_its_own_is_at_an_end(one_engine: Engine) -> None:
    rebuild("listing")
    owner = member_of(make_organisation("licensor"))
    words = ("battery", "separator", "lithium anode", "valve and sensor")
    for n in range(30):
        said: dict[str, Any] = {**TEXT, **REST, "title": f"{words[n % 4]}, {words[n % 3]} {n}"}
        publish(make_listing(owner, texts=[said]), owner)
    rest = dict.fromkeys(REST, "说明")
    chinese = {**rest, "language": "zh-Hans", "title": "电池隔膜与电解质"}
    wanted = str(publish(make_listing(owner, texts=[chinese]), owner).pk)
    rebuild("listing")

    whole = search("listing", SearchRequest(text=PAGE, first=100))
    ids = [one.id for one in whole.hits]
    assert (len(ids), len(set(ids)), whole.total) == (31, 31, 31)
    scores = {one.id: one.score for one in whole.hits}
    assert scores.pop(wanted) == list(scores.values())[WEIGHTS.abroad - 1]

    found, after = [], None
    for _ in range(4):
        page = search("listing", SearchRequest(text=PAGE, first=8, after=after))
        found += [one.id for one in page.hits]
        after = page.hits[-1].cursor
    assert (found, page.more) == (ids, False)
