"""The other language of a long text has places of its own."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from search import abroad
from search.document import Document
from search.engine import EMBEDDED, Engine, planned_for, search, search_in
from search.indexing import rebuild
from search.lexicon import Alternative
from search.models import Generation
from search.plan import Concept, plan
from search.ranking import WEIGHTS
from search.request import Hit, SearchRequest, checked
from tests.factories import TEXT, make_listing, make_organisation, member_of, publish

PAGE = (
    "A battery with a separator and an electrolyte. The battery has a lithium anode, a cathode, a"
    " housing, a valve, a sensor, a pump, a motor, a cable, a switch, a heater, a filter, a spring,"
    " a membrane, a nozzle, a piston, a bearing, a gear, a shaft, a lamp, a lens, a mirror and a"
    " magnet."
)
# The same in Chinese.
SAME = (
    "电池，具有隔膜和电解质。该电池具有锂阳极、阴极、壳体、阀、传感器、泵、电机、电缆、开关、加热器、过滤器、"
    "弹簧、膜、喷嘴、活塞、轴承、齿轮、轴、灯、透镜、镜和磁铁。"
)
REST = {"summary": "Summary", "description": "Described", "problem": "Problem"}


def hit(id: str, score: float) -> Hit:
    return Hit(id, score, {}, "")


def test_a_hit_by_translations_counts_by_how_much_of_the_text_it_says() -> None:
    weights = replace(WEIGHTS, abroad=0.5, abroad_power=2.0)
    exchange = abroad.Exchange(own=100.0, other=10.0, weights=weights)
    window = [hit("own1", 40.0), hit("own2", 9.0), hit("both", 3.0)]
    near = [hit("whole", 10.0), hit("half", 5.0), hit("both", 2.0), hit("own1", 5.0)]
    assert exchange.kept(window, near) == {
        "own1": 40.0,  # better as it was
        "own2": 9.0,
        "both": 3.0,
        "whole": 50.0,
        "half": 12.5,
    }


def test_words_that_the_index_lacks_count_against_what_has_the_others() -> None:
    concepts = [Concept(t, (Alternative(t, 1.0, "word"),), 2.0) for t in ("led", "hinge", "bolt")]
    assert abroad.most(concepts, lambda tokens: {"led": 3.0}) == pytest.approx(2.2 * 2 * 9.0)
    assert abroad.most([], lambda tokens: {}) == 0.0
    several = (Alternative("门", 0.5, "translation"), Alternative("铰链", 0.9, "translation"))
    one = abroad.most([Concept("hinge", several)], lambda tokens: dict.fromkeys(tokens, 2.0))
    assert one == pytest.approx(2.2 * 0.9 * 2.0)  # one of its translations is enough


def test_only_what_is_translated_is_asked_there() -> None:
    planned = plan(PAGE, lambda tokens: dict.fromkeys(tokens, 1.0))
    assert abroad.is_long(planned)
    assert not abroad.is_long(plan("battery separator", lambda tokens: {}))
    other = abroad.translated(planned)
    origins = {a.origin for concept in other.concepts for a in concept.alternatives}
    assert (origins, other.lifts, other.numbers) == ({"translation"}, (), ())
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
    chinese = {**rest, "language": "zh-Hans"}
    part, whole_of_it = (
        str(publish(make_listing(owner, texts=[{**chinese, **said}]), owner).pk)
        for said in ({"title": "电池隔膜与电解质"}, {"title": "电池", "description": SAME})
    )
    rebuild("listing")

    whole = search("listing", SearchRequest(text=PAGE, first=100))
    ids = [one.id for one in whole.hits]
    assert (len(ids), len(set(ids)), whole.total) == (32, 32, 32)
    assert ids[0] == whole_of_it
    assert part in ids[1:]  # it says less of the page than most others do

    found, after = [], None
    for _ in range(4):
        page = search("listing", SearchRequest(text=PAGE, first=8, after=after))
        found += [one.id for one in page.hits]
        after = page.hits[-1].cursor
    assert (found, page.more) == (ids, False)


@pytest.mark.django_db
def test_a_family_stands_where_its_member_in_the_other_language_would(one_engine: Engine) -> None:
    generation = Generation.objects.create(kind="trial")
    documents = [
        *(Document(id=f"d{n:02}", texts={"title": [f"Battery battery {n}"]}) for n in range(30)),
        *(Document(id=f"f{n:03}", texts={"title": [f"Harvester {n}"]}) for n in range(200)),
        Document(id="part", family="kin", texts={"title": ["Harvester with a red battery"]}),
        Document(id="whole", family="kin", texts={"title": ["电池"], "description": [SAME]}),
    ]
    for engine in dict.fromkeys((EMBEDDED, one_engine)):
        engine.create(generation)
        engine.put(generation, documents)
    generation.refresh_from_db()
    request = checked(SearchRequest(text=PAGE, first=100))
    window = one_engine.search(generation, request, planned_for(generation, request, one_engine))
    assert [hit.id for hit in window.hits][-2:] == ["part", "whole"]
    apart = search_in(generation, request, only=one_engine)
    assert (apart.hits[0].id, apart.hits[-1].id) == ("whole", "part")
    together = search_in(generation, replace(request, collapse=True), only=one_engine)
    assert (together.hits[0].id, together.hits[0].family_size) == ("part", 2)
    assert together.total == apart.total - 1
