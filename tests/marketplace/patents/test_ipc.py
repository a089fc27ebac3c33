import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.core.errors import Invalid
from marketplace.core.language import Language
from marketplace.patents.ipc import Symbol, parse_symbol, symbols, title_of, titles


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("a", "A"),
        ("A61", "A61"),
        ("A61K", "A61K"),
        ("C02F/", "C02F"),
        ("A61K31/00", "A61K 31/00"),
        ("A61K 31 / 00", "A61K 31/00"),
        ("A61K0031000000", "A61K 31/00"),
        ("H01M0010052500", "H01M 10/0525"),
        ("A61K 31/00 (2006.01)", "A61K 31/00"),
        ("Ｙ０２Ｅ６０／１０", "Y02E 60/10"),
    ],
)
def test_symbols_become_one_form(text: str, normal: str) -> None:
    assert parse_symbol(text).text == normal


@pytest.mark.parametrize("text", ["", "I", "A6", "61K", "A61K 31", "A61K 0/00", "A٦١K", "A" * 99])
def test_wrong_symbols_are_told_the_right_form(text: str) -> None:
    with pytest.raises(Invalid) as refusal:
        symbols(["A61K", text])
    assert "write a symbol such as A61K or A61K 31/00" in refusal.value.message
    assert refusal.value.field == ("ipc", "1")


@pytest.mark.parametrize(
    ("upper", "lower", "contains"),
    [
        ("A", "A61K 31/00", True),
        ("A61K", "A61K 31/00", True),
        ("A61K", "A61K", True),
        ("A61K 31/00", "A61K 31/05", True),
        ("A61K 31/05", "A61K 31/00", False),
        ("A61K 3/00", "A61K 31/00", False),
        ("A61K 31/00", "A61K", False),
        ("A61P", "A61K 31/00", False),
    ],
)
def test_a_symbol_contains_what_lies_below(upper: str, lower: str, contains: bool) -> None:
    assert parse_symbol(upper).contains(parse_symbol(lower)) is contains


@given(st.text(max_size=60))
def test_any_text_gives_a_symbol_or_a_reason(text: str) -> None:
    try:
        symbol = parse_symbol(text)
    except Invalid:
        return
    assert symbol.text.isascii()
    assert parse_symbol(symbol.text) == symbol


@given(st.from_regex(r"[A-HY][0-9]{2}[A-Z] ?[1-9][0-9]{0,3}/[0-9]{2,6}", fullmatch=True))
def test_a_normal_form_is_its_own(text: str) -> None:
    symbol = parse_symbol(text)
    assert parse_symbol(symbol.text) == symbol
    assert parse_symbol(symbol.section).contains(symbol)
    assert parse_symbol(symbol.subclass).contains(symbol)


def test_titles_in_each_language() -> None:
    symbol = Symbol("A01B 1/02")
    assert title_of(symbol, Language.EN).startswith("SOIL WORKING IN AGRICULTURE")
    assert title_of(symbol, Language.HANS).startswith("农业或林业的整地")
    assert title_of(symbol, Language.HANT).startswith("農業或林業的整地")
    assert title_of(Symbol("Y02E"), Language.EN) == ""


def test_titles_are_of_symbols() -> None:
    assert [code for code in titles() if parse_symbol(code).text != code] == []


def test_titles_hold_no_notes_of_the_scheme() -> None:
    notes = re.compile("注意：|[0-9]．|〔[0-9]|入[A-H][0-9]{2}[A-Z]")
    assert [code for code, (_, chinese) in titles().items() if notes.search(chinese)] == []
