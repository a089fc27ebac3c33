"""How much of a short query a document says counts, in both engines alike."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from search import coverage
from search.document import Document
from search.engine import EMBEDDED, Engine, search_in
from search.explanation import Explainer
from search.models import Generation
from search.plan import plan
from search.ranking import LONG_TEXT, PHRASE_BOOST
from search.reading import Reading
from search.request import SearchRequest, SearchResult

DOCUMENTS = [
    Document(id="both", texts={"title": ["Method"], "description": ["Hollow fiber in a module"]}),
    Document(id="half", texts={"title": ["一种空心微球"]}),
    Document(id="often", texts={"title": ["Hollow"], "description": ["hollow hollow hollow"]}),
    Document(id="abroad", texts={"title": ["中空纤维膜组件"]}),
    *(Document(id=f"other{n}", texts={"title": [f"Fiber optics {n}"]}) for n in range(5)),
    *(Document(id=f"rest{n}", texts={"title": [f"Gear {n}"]}) for n in range(20)),
]


Find = Callable[[str], SearchResult]


def searching(one_engine: Engine, documents: Sequence[Document]) -> Find:
    generation = Generation.objects.create(kind="trial")
    for engine in dict.fromkeys((EMBEDDED, one_engine)):
        engine.create(generation)
        engine.put(generation, documents)
    generation.refresh_from_db()
    return lambda text: search_in(generation, SearchRequest(text=text), only=one_engine)


@pytest.fixture
def find(one_engine: Engine, db: None) -> Find:
    return searching(one_engine, DOCUMENTS)


def shares(text: str) -> dict[str, float]:
    return {c.source: c.share for c in plan(text, lambda tokens: {}).concepts if c.said}


def test_each_word_has_its_share_and_single_signs_have_none() -> None:
    assert shares("hollow fiber") == {"hollow": 0.5, "fibr": 0.5}
    assert shares("中空膜") == {"中空": 0.5, "空膜": 0.5, "中": 0.0, "空": 0.0, "膜": 0.0}
    words = plan("中空膜", lambda tokens: {"hollow": 1.0, "membran": 1.0}).concepts
    assert [c.share for c in words if not c.said] == [0.5, 0.5]


@pytest.mark.parametrize(
    ("text", "pairs"),
    [("抗污的膜", ["抗污"]), ("目的", ["目的"]), ("的反", ["的反"]), ("污的", ["污的"])],
)
def test_where_a_word_meets_a_particle_is_no_word(text: str, pairs: list[str]) -> None:
    assert [source for source in shares(text) if len(source) == 2] == pairs


def test_a_query_in_both_languages_is_said_by_both() -> None:
    concepts = plan("锂电池 thermal", lambda tokens: dict.fromkeys(tokens, 1.0)).concepts
    assert {c.source: c.share for c in concepts if c.said and c.share} == dict.fromkeys(
        ["锂电", "电池", "thermal"], pytest.approx(1 / 3)
    )
    meant = {a.token for c in concepts for a in c.alternatives if a.origin == "translation"}
    assert {"lithium", "热"} <= meant
    assert sum(c.share for c in concepts if not c.said) == pytest.approx(2 / 3)


def test_a_name_beside_chinese_is_part_of_what_is_asked() -> None:
    concepts = plan("5G天线", lambda tokens: dict.fromkeys(tokens, 1.0)).concepts
    assert [c.share for c in concepts if not c.said] == [0.5]


def test_of_one_word_and_of_a_page_nothing_has_a_share() -> None:
    assert shares("fiber") == {"fibr": 0.0}
    page = " ".join(f"word{n}" for n in range(LONG_TEXT + 1))
    assert set(shares(page).values()) == {0.0}


def test_what_a_phrase_means_says_no_word_where_one_of_them_means_it_alone() -> None:
    def said_by(text: str, token: str) -> list[str]:
        planned = plan(text, lambda tokens: dict.fromkeys(tokens, 1.0))
        return [c.source for c in planned.concepts if token in {a.token for a in coverage.ways(c)}]

    assert said_by("hollow fiber", "空心") == ["hollow"]
    assert said_by("fuel cell", "燃料电池") == ["fuel", "cell"]
    assert said_by("reverse osmosis", "反渗透") == ["revers", "osmosi"]


def test_what_says_all_that_is_asked_comes_before_what_says_a_part_more_often(
    find: Find,
) -> None:
    found = [hit.id for hit in find("hollow fiber").hits]
    assert found.index("both") < found.index("often")
    assert found.index("abroad") < found.index("half")
    assert found[0] == "both"


@pytest.mark.django_db
def test_what_claims_say_is_said(one_engine: Engine) -> None:
    claimed = Document(id="claimed", texts={"title": ["Fiber"]}, claims="A hollow one.")
    plain = Document(id="plain", texts={"title": ["Fiber"]}, claims="A solid one.")
    found = searching(one_engine, [*DOCUMENTS, claimed, plain])("hollow fiber").hits
    scores = {hit.id: hit.score for hit in found}
    assert scores["claimed"] > 1.5 * scores["plain"]


def test_an_explanation_reckons_as_the_engine_does(find: Find) -> None:
    for text in (
        "hollow fiber",
        "中空纤维",
        "gear fiber",
        "hollow",
        '"hollow fiber" module',
        '"中空"',
    ):
        result = find(text)
        assert result.plan is not None
        assert result.plan.counts is not None
        explainer = Explainer(text, result.plan, result.plan.counts)
        for document in DOCUMENTS:
            scores = [hit.score for hit in result.hits if hit.id == document.id]
            if scores:
                worths = explainer.worths(Reading.of(document))
                said = sum(worth for *_, worth in worths) + PHRASE_BOOST * len(result.plan.phrases)
                assert scores == pytest.approx([said], rel=0.001)


def test_of_what_has_a_phrase_what_is_about_it_comes_first(one_engine: Engine, db: None) -> None:
    rest = "A module with a gear, a pump, a valve and a housing of steel. "
    documents = [
        Document(id="a", texts={"title": ["Hollow fiber membrane"]}),
        Document(id="b", texts={"title": ["Gear"], "description": [rest * 3 + "Hollow fiber."]}),
        Document(id="c", texts={"title": ["齿轮"], "description": ["齿轮" * 20 + "锂离子电池"]}),
        Document(id="d", texts={"title": ["锂离子电池"]}),
    ]
    find = searching(one_engine, documents)
    assert [hit.id for hit in find('"hollow fiber"').hits] == ["a", "b"]
    result = find('"鋰離子電池"')
    assert [hit.id for hit in result.hits] == ["d", "c"]
    assert result.plan is not None
    assert result.plan.counts is not None
    grounds = Explainer('"鋰離子電池"', result.plan, result.plan.counts).grounds(
        Reading.of(documents[3])
    )
    assert {(g.kind, g.asked) for g in grounds} == {
        ("phrase", "锂离子电池"),
        ("word", "锂离子电池"),
    }


def test_of_a_class_words_are_named_and_no_pairs_that_are_none(
    one_engine: Engine, db: None
) -> None:
    document = Document(id="a", texts={"title": ["电弧增材制造方法"]})
    rest = [Document(id=f"rest{n}", texts={"title": [f"齿轮{n}"]}) for n in range(9)]
    result = searching(one_engine, [document, *rest])("additive manufacturing")
    assert result.plan is not None
    assert result.plan.counts is not None
    explainer = Explainer("additive manufacturing", result.plan, result.plan.counts)
    (named,) = (g for g in explainer.grounds(Reading.of(document)) if g.kind == "class")
    assert named.found == ["制造"]
