"""Words: one analysis for both scripts, both engines and both sides."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from search.highlight import CLOSE, OPEN, highlight
from search.plan import plan
from search.query_language import OPERATORS_WITHIN
from search.ranking import LONG_TEXT
from search.text import grains, tokens, words


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Batteries of the battery's battery", ["batteri", "batteri", "batteri"]),
        ("鋰電池", ["锂电", "电池"]),
        ("锂电池", ["锂电", "电池"]),
        ("茶", ["茶"]),
        ("ＬＥＤ１０", ["led10"]),
        ("5G通信 co2", ["5g", "通信", "co2"]),
        ("1.5 m3 at 5.5 MPa, PM2.5 １．５", ["1.5", "m3", "5.5", "mpa", "pm2.5", "1.5"]),
        ("Fig. 5.Method 2.", ["fig", "5", "method", "2"]),
        ('<p class="x">RO <b>膜</b>&nbsp;R&amp;D<br/>CO<sub>2</sub></p>',
         ["ro", "膜", "r", "d", "co2"]),
        ("x <b and c> d", ["x", "b", "c", "d"]),
        ("colour color Fibres fibers", ["colour", "colour", "fibr", "fibr"]),
        ("ionization ionised analyser analyzer seized",
         ["ionis", "ionis", "analys", "analys", "seiz"]),
        ("haemoglobin hemoglobin", ["haemoglobin", "haemoglobin"]),
        ("façade facade naïve 5µm β-carotene", ["facad", "facad", "naiv", "5μm", "β", "caroten"]),
        ("\x00\ud800 -- ()", []),
        ("", []),
    ],
)  # fmt: skip
def test_tokens(text: str, found: list[str]) -> None:
    assert tokens(text) == found


def test_grains_are_characters_and_long_words() -> None:
    assert grains("鋰離子的電池") == ["锂", "离", "子", "电", "池", "锂离子"]
    assert grains("lithium 茶") == []


def test_words_are_those_of_suggestions() -> None:
    assert words("Solid 電池 of it") == ["solid", "电池"]


@given(st.text())
def test_any_text_is_analysed_the_same_in_both_scripts(text: str) -> None:
    from marketplace.core.language import to_simplified

    assert tokens(to_simplified(text)) == tokens(text)


@settings(deadline=None)  # the first one reads the lexicon
@given(st.text())
def test_a_plan_never_raises(text: str) -> None:
    plan(text, lambda asked: {})


def test_a_page_of_text_is_not_read_for_operators() -> None:
    page = 'battery -poison "garnet seal" ' * 20
    assert len(page) > OPERATORS_WITHIN
    planned = plan(page, lambda asked: {})
    assert (planned.without, planned.phrases) == ([], [])
    assert {c.source for c in planned.concepts} == {"batteri", "poison", "garnet", "seal"}


def test_marks_of_a_page_are_no_operators() -> None:
    planned = plan('<p class="need">salt <a href="-x">water</a></p>', lambda tokens: {})
    assert [concept.source for concept in planned.concepts] == ["salt", "water"]
    assert not planned.phrases


def test_a_first_sentence_ends_at_no_decimal() -> None:
    words = " ".join(f"word{n}" for n in range(LONG_TEXT))
    planned = plan(f"Flow of 1.380 litres. {words}", lambda tokens: dict.fromkeys(tokens, 1.0))
    weights = {concept.source: concept.weight for concept in planned.concepts}
    assert weights["1.380"] == weights["litr"] == 2 * weights["word1"]


def test_of_a_long_text_what_tells_most_is_asked_most() -> None:
    rare = {f"word{n}": float(n) for n in range(1, 101)}
    planned = plan(" ".join(rare), lambda asked: rare)
    weights = {c.source: c.weight for c in planned.concepts}
    assert len(weights) == 64
    assert max(weights, key=lambda w: weights[w]) == "word100"
    assert "word1" not in weights


def test_highlights_are_in_the_original_script_and_escaped() -> None:
    wanted = frozenset(tokens("电池"))
    assert highlight("<b>鋰電池</b>", wanted) == f"&lt;b&gt;鋰{OPEN}電池{CLOSE}&lt;/b&gt;"
    assert highlight("nothing of it", wanted) is None


def test_an_entity_of_too_many_digits_is_none() -> None:
    assert tokens(f"solid &#{'1' * 5000}; film &#38;") == ["solid", "film"]
