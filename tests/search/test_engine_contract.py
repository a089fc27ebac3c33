"""What both engines promise. Each test runs on the embedded one and on a real Elasticsearch."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from marketplace.core.errors import Faults, Invalid
from search.document import Document, ipc_facets
from search.engine import EMBEDDED, Engine, search_in
from search.models import Generation
from search.request import Price, SearchRequest, SearchResult, checked, cursor_at

pytestmark = pytest.mark.django_db

DOCUMENTS = [
    Document(
        id="cell",
        texts={
            "title": ["Solid electrolyte for lithium batteries"],
            "description": ["A garnet ceramic stops dendrites."],
        },
        claims="1. A separator comprising lanthanum.",
        numbers=["US8000000"],
        facets={
            "kind": ["know_how"],
            "trl": ["6"],
            "territory": ["CN", "HK"],
            **ipc_facets(["H01M 10/0562"]),
        },
        price=500,
        currency="HKD",
        published=300,
    ),
    Document(
        id="coating",
        texts={
            "title": ["納米塗層及其製備方法"],
            "summary": ["防水而透氣"],
            "applicants": ["香港理工大學"],
        },
        facets={
            "kind": ["patent_licence"],
            "trl": ["4"],
            "territory": ["CN"],
            **ipc_facets(["D06M11/46"]),
        },
        price=200,
        currency="HKD",
        published=200,
    ),
    Document(
        id="drug",
        texts={"title": ["Peptide for lithium poisoning"], "description": ["A battery of tests."]},
        facets={"kind": ["patent_licence"], "territory": ["US"], **ipc_facets(["A61K 31/19"])},
        published=100,
    ),
]


@pytest.fixture
def filled(one_engine: Engine) -> Iterator[tuple[Engine, Generation]]:
    generation = Generation.objects.create(kind="trial")
    for engine in dict.fromkeys((EMBEDDED, one_engine)):
        engine.create(generation)
        engine.put(generation, DOCUMENTS)
    yield one_engine, generation


@pytest.fixture
def find(filled: tuple[Engine, Generation]) -> Callable[..., SearchResult]:
    engine, generation = filled

    def ask(text: str = "", **asked: Any) -> SearchResult:
        return search_in(generation, checked(SearchRequest(text=text, **asked)), only=engine)

    return ask


def ids(result: SearchResult) -> list[str]:
    return [hit.id for hit in result.hits]


def test_a_cursor_of_what_nobody_has_goes_on_by_its_score(
    find: Callable[..., SearchResult],
) -> None:
    best, next_one = find("battery").hits
    between = (best.score + next_one.score) / 2
    after = cursor_at("relevance", between, "nothing", "an index that is gone")
    assert ids(find("battery", after=after)) == [next_one.id]
    assert ids(find("battery", after=cursor_at("relevance", -1.0, "nothing", ""))) == []


@pytest.mark.parametrize("text", ["-steam", "-applicant:Toray", '"'])
def test_where_nothing_scores_the_newest_come_first(
    find: Callable[..., SearchResult], text: str
) -> None:
    newest = ["cell", "coating", "drug"]
    assert ids(find(text)) == newest
    seen, after = [], None
    for _ in newest:
        (hit,) = find(text, first=1, after=after).hits
        seen, after = [*seen, hit.id], hit.cursor
    assert seen == newest
    for other in (find("battery").hits[0].cursor, "no cursor"):
        with pytest.raises((Faults, Invalid)):
            find(text, after=other)
    with pytest.raises(Invalid):
        find("battery", after=after)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("battery", ["cell", "drug"]),  # the stem, and a title before a description
        ("BATTERIES", ["cell", "drug"]),
        ("纳米涂层", ["coating"]),  # Simplified finds Traditional
        ("納米塗層", ["coating"]),
        ("lanthanum", ["cell"]),  # claims
        ("香港理工大学", ["coating"]),  # applicants
        ("US 8,000,000 B2", ["cell"]),
        ("us8000000", ["cell"]),
        ('"lithium batteries"', ["cell"]),
        ('"batteries lithium"', []),
        ("lithium -poisoning", ["cell"]),
        ("ipc:A61K", ["drug"]),
        ("lithium trl:6", ["cell"]),
        ("trl:12", []),
        ("number:US8000000", ["cell"]),
        ("number:EP1234567 number:US8000000", ["cell"]),  # either of them
        ("patent no. (US8000000B2)", ["cell"]),
        ("-US8000000B2 lithium", ["drug"]),
        ("applicant:香港理工大學", ["coating"]),
        ('applicant:"理工大學"', ["coating"]),
        ("applicant:lithium", []),  # a word of a title is no name
        ("lithium -ipc:A61K", ["cell"]),
        ('lithium -"peptide poisoning"', ["drug", "cell"]),  # both words, and not in a row
        ('lithium -"lithium batteries"', ["drug"]),
        ("涂层 -纳米透气", ["coating"]),
        ("涂层 -纳米涂层", []),
        ("涂层 -applicant:香港理工大学", []),
        ("lithium -applicant:garnet", ["drug", "cell"]),  # a word of the text is no name
        ("lithium -number:US8000000B2", ["drug"]),
        ("ipc:A61K ipc:D06M 納米 peptide", ["drug", "coating"]),
        ("lithium -trl:6", ["drug"]),
        ("lithium -ipc:nonsense", ["drug", "cell"]),
        ("xyzzy", []),
        ("the of and", ["cell", "coating", "drug"]),  # says nothing, so all
        ("", ["cell", "coating", "drug"]),
    ],
)
def test_what_text_finds(find: Callable[..., SearchResult], text: str, found: list[str]) -> None:
    by_time = {"sort": "newest"} if len(found) == len(DOCUMENTS) else {}
    result = find(text, **by_time)
    assert ids(result) == found
    assert result.total == len(found)


@pytest.mark.parametrize(
    ("match", "found"), [("best", ["cell", "drug"]), ("all", ["cell"]), ("fuzzy", ["cell", "drug"])]
)
def test_how_words_match(find: Callable[..., SearchResult], match: str, found: list[str]) -> None:
    assert ids(find("lithium garnet", match=match)) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("锂电池", ["cell", "drug"]),  # both words, by what they mean in English
        ("锂电池 garnet", ["cell"]),
        ("锂 涂层", []),
        ("nanometer coating", ["coating"]),
        ("電池 lithium -poisoning", ["cell"]),
        ("石榴石", ["cell"]),
        ("涂层 peptide", []),
    ],
)
def test_every_word_may_be_there_in_the_other_language(
    find: Callable[..., SearchResult], text: str, found: list[str]
) -> None:
    assert sorted(ids(find(text, match="all"))) == found


def test_fuzzy_forgives_what_best_does_not(find: Callable[..., SearchResult]) -> None:
    assert ids(find("dendrtes", match="best")) == []
    assert ids(find("dendrtes", match="fuzzy")) == ["cell"]


def test_of_what_is_spelt_nearly_alike_the_nearer_comes_before_the_rarer(
    filled: tuple[Engine, Generation],
) -> None:
    engine, generation = filled
    titles = {"rare": "Flash memory", **{f"m{n}": f"Membrane {n}" for n in range(9)}}
    documents = [Document(id=id, texts={"title": [title]}) for id, title in titles.items()]
    for one in dict.fromkeys((EMBEDDED, engine)):
        one.put(generation, documents)
    generation.refresh_from_db()
    asked = SearchRequest(text="membrne", match="fuzzy")
    assert ids(search_in(generation, asked, only=engine))[-1] == "rare"


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ({"kind": ["patent_licence"]}, ["coating", "drug"]),
        ({"kind": ["patent_licence", "know_how"]}, ["cell", "coating", "drug"]),
        ({"kind": ["patent_licence"], "territory": ["cn"]}, ["coating"]),
        ({"ipc": ["H01M"]}, ["cell"]),
        ({"ipc": ["h01m10/00"]}, ["cell"]),
        ({"ipc": ["H01M 10/0562"]}, ["cell"]),
        ({"ipc": ["H01M 10/0566"]}, []),
        ({"ipc_section": ["A", "D"]}, ["coating", "drug"]),
        ({"trl": ["4", "6"]}, ["cell", "coating"]),
        ({"sdg": ["7"]}, []),
    ],
)
def test_filters(
    find: Callable[..., SearchResult], filters: dict[str, list[str]], found: list[str]
) -> None:
    assert ids(find(filters=filters, sort="newest")) == found
    faceted = [name for name in filters if name != "ipc"]
    assert ids(find(filters=filters, sort="newest", facets=faceted)) == found


def test_price(find: Callable[..., SearchResult]) -> None:
    assert ids(find(price=Price("HKD", most=300))) == ["coating"]
    assert ids(find(price=Price("hkd", least=200), sort="price_down")) == ["cell", "coating"]
    assert ids(find(price=Price("CNY"))) == []


@pytest.mark.parametrize(
    ("sort", "order"),
    [
        ("newest", ["cell", "coating", "drug"]),
        ("price_up", ["coating", "cell", "drug"]),
        ("price_down", ["cell", "coating", "drug"]),
        ("trl", ["cell", "coating", "drug"]),
    ],
)
def test_sorts_put_what_is_missing_last(
    find: Callable[..., SearchResult], sort: str, order: list[str]
) -> None:
    assert ids(find(sort=sort)) == order


def counts(result: SearchResult, name: str) -> dict[str, int]:
    return {bucket.value: bucket.count for bucket in result.facets[name]}


def test_facets_count_what_is_found(find: Callable[..., SearchResult]) -> None:
    result = find("lithium", facets=["kind", "territory", "ipc_subclass"])
    assert counts(result, "kind") == {"know_how": 1, "patent_licence": 1}
    assert counts(result, "territory") == {"CN": 1, "HK": 1, "US": 1}
    assert counts(result, "ipc_subclass") == {"A61K": 1, "H01M": 1}


def test_a_facets_own_filter_does_not_shrink_it(find: Callable[..., SearchResult]) -> None:
    result = find(filters={"kind": ["know_how"]}, facets=["kind", "territory"])
    assert counts(result, "kind") == {"patent_licence": 2, "know_how": 1}
    assert counts(result, "territory") == {"CN": 1, "HK": 1}
    assert result.total == 1


@pytest.mark.parametrize("sort", ["newest", "price_up", "price_down", "trl", "relevance"])
def test_pages_go_on_where_the_last_ended(find: Callable[..., SearchResult], sort: str) -> None:
    whole = ids(find(sort=sort))
    seen, after = [], None
    while True:
        page = find(sort=sort, first=1, after=after)
        seen += ids(page)
        assert page.total == 3
        if not page.more:
            break
        after = page.hits[-1].cursor
    assert seen == whole


def test_a_cursor_survives_an_insert(
    filled: tuple[Engine, Generation], find: Callable[..., SearchResult]
) -> None:
    engine, generation = filled
    first = find(sort="newest", first=1)
    newer = replace(DOCUMENTS[0], id="newer", published=400)
    for one in dict.fromkeys((EMBEDDED, engine)):
        one.put(generation, [newer])
    rest = find(sort="newest", first=2, after=first.hits[0].cursor)
    assert (ids(first), ids(rest)) == (["cell"], ["coating", "drug"])


def test_writing_again_replaces_and_an_older_state_does_not(
    filled: tuple[Engine, Generation], find: Callable[..., SearchResult]
) -> None:
    engine, generation = filled
    now = replace(DOCUMENTS[0], revision=3, texts={"title": ["Graphene membrane"]})
    then = replace(DOCUMENTS[0], revision=2)
    for one in dict.fromkeys((EMBEDDED, engine)):
        one.put(generation, [now])
        one.put(generation, [then])
        one.put(generation, [now])
    assert ids(find("garnet")) == []
    assert ids(find("graphene")) == ["cell"]
    assert find().total == 3


def test_what_is_removed_is_not_found(
    filled: tuple[Engine, Generation], find: Callable[..., SearchResult]
) -> None:
    engine, generation = filled
    for one in dict.fromkeys((EMBEDDED, engine)):
        one.remove(generation, ["cell", "never there"])
    assert ids(find("garnet")) == []
    assert find().total == 2
    assert set(engine.checksums(generation)) == {"coating", "drug"}


def test_checksums_tell_states_apart(filled: tuple[Engine, Generation]) -> None:
    engine, generation = filled
    assert engine.checksums(generation) == {d.id: d.checksum for d in DOCUMENTS}


def test_restricted_to_ids(find: Callable[..., SearchResult]) -> None:
    assert ids(find("lithium", ids=["drug", "coating"])) == ["drug"]


def test_did_you_mean(find: Callable[..., SearchResult]) -> None:
    assert find("electrolite").did_you_mean == "electrolyte"
    assert find("peptyde poisning").did_you_mean == "peptide poisoning"
    assert find("xyzzyx").did_you_mean is None
    assert find("peptide").did_you_mean is None
    assert find("electrolite number:US 8000001").did_you_mean == 'electrolyte number:"US 8000001"'
    assert find("xyzzyx applicant:peptyde -peptyde").did_you_mean is None


@pytest.mark.parametrize(
    "text",
    [
        '"', '""', "-", "- -", '-"', "ipc:", "ipc:zzz", "trl:", "number:", "applicant:", ":", "\\",
        "%", "_", "*", "(((", "AND OR NOT", "'; DROP TABLE x; --", "\x07\x1b", "\u202e", "\u3000",
        "a" * 20_000, "的" * 20_000, "電" * 5, "x " * 10_000, "🔋", "０", "é" * 100, "{}[]", "~2^3",
    ],
)  # fmt: skip
def test_any_text_is_answered(find: Callable[..., SearchResult], text: str) -> None:
    for match in ("best", "all", "fuzzy"):
        assert find(text, match=match).total <= 3
