"""The language of queries takes any input whatever."""

from __future__ import annotations

import time
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from search.document import Document, ipc_facets
from search.embedded import statement
from search.engine import EMBEDDED, Engine, search_in
from search.matching import plain
from search.models import Generation
from search.plan import plan
from search.query_language import parsed
from search.request import MAX_TEXT, SearchRequest, checked

PIECES = st.one_of(
    st.sampled_from(
        ["-", '"', "“", "”", "ipc:", "cpc：", "trl:", "number:", "applicant:", " ", "A61K", "6",
         "of", "H01M 10/05", "US8000000", "lithium", "锂电池", "鋰", "@", "#", "\\", "%", "_", "*"]
    ),
    st.text(max_size=12),
)  # fmt: skip
TEXTS = st.one_of(st.lists(PIECES, max_size=25).map("".join), st.text(max_size=400))


def telling(tokens: Sequence[str]) -> dict[str, float]:
    return {token: 1.0 + len(token) for token in tokens}


@given(TEXTS, st.sampled_from(["best", "all", "fuzzy"]))
def test_any_text_has_a_plan(text: str, match: str) -> None:
    planned = plan(text, telling, match)
    for concept in planned.concepts:
        assert concept.alternatives
        assert all(weight > 0 for a in concept.alternatives for _, weight in a.asked)
    assert all(planned.phrases)
    assert all(values for values in (*planned.filters.values(), *planned.apart.values()))


def test_what_a_query_says() -> None:
    planned = plan(
        'ipc:a61k ipc:"H01M 10/05" -cpc:B01D trl:6 -trl:9 applicant:"Garnet Ltd" -rubber'
        ' "two words" number:US8000000B2 lithium',
        telling,
        "all",
    )
    assert planned.filters == {"ipc": ["A61K", "H01M 10/05"], "trl": ["6"]}
    assert planned.apart == {"ipc": ["B01D"], "trl": ["9"]}
    assert planned.phrases == [["@garnet", "@ltd"], ["two", "word"]]
    assert planned.without == ["rubber"]
    assert planned.numbers == ["US8000000"]
    assert [concept.source for concept in planned.concepts] == ["lithium"]
    assert not planned.impossible


@pytest.mark.parametrize(
    ("text", "numbers", "classes", "words"),
    [
        ("number:US 10,123,456 B2", ["US10123456"], [], []),
        ("membrane number: US 8000000 b2", ["US8000000"], [], ["membran"]),
        ("number:US 8000000 membrane", ["US8000000"], [], ["membran"]),
        ("number:US8000000 number:EP2468389", ["US8000000", "EP2468389"], [], []),
        ("ipc:B01D,C02F", [], ["B01D", "C02F"], []),
        ("ipc:b01d；c02f 1/44", [], ["B01D", "C02F"], ["1", "44"]),
        ("ipc:B01D 61/02 membrane", [], ["B01D 61/02"], ["membran"]),
        ("IPC：b01d 61/02 cpc:H01M 10/0562", [], ["B01D 61/02", "H01M 10/0562"], []),
        ("ipc:B01D 61 membrane", [], ["B01D"], ["61", "membran"]),
    ],
)
def test_numbers_and_classes_are_written_with_spaces(
    text: str, numbers: list[str], classes: list[str], words: list[str]
) -> None:
    planned = plan(text, telling, "all")
    assert (planned.numbers, planned.filters) == (numbers, {"ipc": classes} if classes else {})
    assert [concept.source for concept in planned.concepts] == words
    assert not planned.impossible


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("专利号：CN106794427A", ["CN106794427"]),
        ("(cn106794427a)", ["CN106794427"]),
        ("CN106794427A; US9687794B2", ["CN106794427", "US9687794"]),
        ("membrane of WO2017/164019", ["WO2017164019"]),
        ("WO/2017/164019", ["WO2017164019"]),
        ("ZL201610070690.7 膜", ["CN201610070690"]),
        ("PCT/CN2020/123456的膜", ["WO2020CN123456"]),
        ("-CN106794427A membrane", []),
        ("-CN106794427A", []),
        ("LED10000 pm2.5 A61K31/00", []),
    ],
)
def test_a_number_may_stand_among_words(text: str, numbers: list[str]) -> None:
    assert plan(text, telling).numbers == numbers


@pytest.mark.parametrize(
    ("text", "levels"),
    [
        ("trl:4-6", ["4", "5", "6"]),
        ("trl:9", ["9"]),
        ("TRL：３－４", ["3", "4"]),
        ("trl:4～5", ["4", "5"]),
    ],
)
def test_levels_may_be_a_range(text: str, levels: list[str]) -> None:
    planned = plan(text, telling)
    assert (planned.filters, planned.warnings) == ({"trl": levels}, [])


@pytest.mark.parametrize(
    ("text", "warning", "impossible"),
    [
        ("ipc:b01d61", "'b01d61' is no IPC or CPC symbol; write a symbol such as A61K or"
         " A61K 31/00.", True),
        ("膜 -ipc:膜", "'\\u819c' is no IPC or CPC symbol; write a symbol such as A61K or"
         " A61K 31/00.", False),
        ("number:membrane", "'membrane' is no patent number; write it as US 8,000,000 B2,"
         " CN200310100002.X or PCT/CN2020/123456.", True),
        ("trl:6-4", "'6-4' is no TRL; write one from trl:1 to trl:9, or several as trl:4-6.", True),
    ],
)  # fmt: skip
def test_what_nothing_can_have_is_warned_of(text: str, warning: str, impossible: bool) -> None:
    planned = plan(text, telling)
    assert (planned.warnings, planned.impossible) == ([warning], impossible)


def test_operators_may_be_in_full_width() -> None:
    planned = plan(
        "ｉｐｃ：Ｂ０１Ｄ　＂ｒｅｖｅｒｓｅ　ｏｓｍｏｓｉｓ＂　－ｒｕｂｂｅｒ　ＴＲＬ：６", telling
    )
    assert planned.filters == {"ipc": ["B01D"], "trl": ["6"]}
    assert planned.phrases == [["revers", "osmosi"]]
    assert planned.without == ["rubber"]
    assert not planned.concepts


def test_what_must_not_be_is_left_out_as_a_whole() -> None:
    planned = plan(
        'membrane -"two words" -锂离子电池 -锂 -rubber -applicant:"Garnet Ltd" -number:US8000000B2'
        " -number:x",
        telling,
    )
    assert planned.without_phrases == [["two", "word"], ["锂离", "离子", "子电", "电池"],
                                       ["@garnet", "@ltd"]]  # fmt: skip
    assert planned.without == ["锂", "rubber"]
    assert planned.without_numbers == ["US8000000"]
    assert [concept.source for concept in planned.concepts if concept.said] == ["membran"]


@pytest.mark.parametrize(
    ("text", "impossible"), [("trl:12", True), ("ipc:zzz", True), ("number:x", True),
                             ("-trl:12", False), ("trl:", False), ("-number:US8000000", False)],
)  # fmt: skip
def test_what_cannot_be(text: str, impossible: bool) -> None:
    assert plan(text, telling).impossible is impossible


@pytest.mark.django_db
def test_any_text_is_answered_by_both_engines(one_engine: Engine) -> None:
    generation = Generation.objects.create(kind="trial")
    documents = [
        Document(id=id, texts={"title": [title]}, facets=ipc_facets(["A61K 31/00"]))
        for id, title in (("a", "Lithium"), ("b", "锂电池"))
    ]
    for engine in dict.fromkeys((EMBEDDED, one_engine)):
        engine.create(generation)
        engine.put(generation, documents)
    generation.refresh_from_db()

    @settings(max_examples=60)
    @given(TEXTS, st.sampled_from(["best", "all", "fuzzy"]))
    def answered(text: str, match: str) -> None:
        request = checked(SearchRequest(text=text, match=match))
        assert search_in(generation, request, only=one_engine).total <= 2

    answered()


@pytest.mark.django_db
def test_one_sign_in_quotes_is_found(one_engine: Engine) -> None:
    generation = Generation.objects.create(kind="trial")
    for engine in dict.fromkeys((EMBEDDED, one_engine)):
        engine.create(generation)
        engine.put(generation, [Document(id="a", texts={"title": ["反渗透膜元件"]})])
    generation.refresh_from_db()
    for text in ("膜", '"膜"', "“膜”"):
        assert search_in(generation, checked(SearchRequest(text=text)), only=one_engine).total == 1


@pytest.mark.django_db
def test_a_page_of_text_asks_for_no_more_than_its_most_telling_words() -> None:
    generation = Generation.objects.create(kind="trial")
    EMBEDDED.put(generation, [Document(id="a", texts={"title": ["solid electrolyte"]})])
    generation.refresh_from_db()
    page = " ".join(f"word{n}" for n in range(2500))[: MAX_TEXT - 30] + " solid electrolyte"
    request = checked(SearchRequest(text=page))
    planned = plan(page, telling)
    assert len(planned.concepts) <= 64
    sql, _ = statement(generation, request, planned)
    assert len(sql) < 10_000
    assert search_in(generation, request, only=EMBEDDED).total in (0, 1)


def test_the_longest_text_of_different_words_is_planned_at_once() -> None:
    signs = "".join(chr(0x4E00 + n * 7919 % 20_000) for n in range(MAX_TEXT))
    plan("膜", telling)  # reads the lexicon
    started = time.process_time()
    assert plan(signs, telling).concepts
    assert time.process_time() - started < 3


@pytest.mark.parametrize(
    "text",
    [
        'a "solid film"', "a ＂solid film＂", "a &quot;solid film&quot;",
        "a &amp;quot;solid film&#34;",
        "a -film", "a ﹣film", "a &#45;film", "trl：4 film", "trl︓4 film", "trl&#58;4 film",
    ],
)  # fmt: skip
def test_what_nobody_wrote_as_a_query_has_no_operators(text: str) -> None:
    found = parsed(plain(text))
    assert (found.phrases, found.without, found.without_phrases, found.filters) == ([], [], [], {})
    assert found.plain.split()[-1] == "film"


def test_what_nobody_wrote_as_a_query_is_no_longer_than_one() -> None:
    assert len(plain("㎏" * MAX_TEXT)) == MAX_TEXT
