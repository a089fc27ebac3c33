import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.core.errors import Invalid
from marketplace.patents.numbers import (
    FORMS,
    check_digit,
    kind_meaning,
    looks_like_number,
    parse_number,
)


@pytest.mark.parametrize(
    ("text", "docdb", "stage"),
    [
        ("CN200310100002.X", "CN.200310100002", "application"),
        ("ZL 2003 1 0100002.X", "CN.200310100002", "application"),
        ("200310100002.x", "CN.200310100002", "application"),
        ("CNZL201610070690.7", "CN.201610070690", "application"),
        ("CN85100001.X", "CN.85100001", "application"),
        ("cn101357592a", "CN.101357592.A", "publication"),
        ("US 8,000,000 B2", "US.8000000.B2", "publication"),
        ("US08000000B2", "US.8000000.B2", "publication"),
        ("ＵＳ８００００００Ｂ２", "US.8000000.B2", "publication"),
        ("US 10/825,795", "US.10/825795", "application"),
        ("10/825,795", "US.10/825795", "application"),
        ("US 10,825,795 B2", "US.10825795.B2", "publication"),
        ("US20120139329A1", "US.20120139329.A1", "publication"),
        ("US 2012/0139329 A1", "US.20120139329.A1", "publication"),
        ("US2012139329A1", "US.20120139329.A1", "publication"),
        ("USD628609", "US.D628609", "publication"),
        ("USRE43880", "US.RE43880", "publication"),
        ("EP 2 626 258 A1", "EP.2626258.A1", "publication"),
        ("EP22150287.5", "EP.22150287", "application"),
        ("PCT/CN2020/123456", "WO.2020CN123456", "application"),
        ("WO 2020/123456 A1", "WO.2020123456.A1", "publication"),
        ("WO2020123456A1", "WO.2020123456.A1", "publication"),
        ("WO 99/12345", "WO.1999012345", "publication"),
        ("HK1234567A1", "HK.1234567.A1", "publication"),
        ("HK 1234567", "HK.1234567", "publication"),
        ("HK40012345", "HK.40012345", "publication"),
        ("HK17100069.7", "HK.17100069", "application"),
        ("17100069.7", "HK.17100069", "application"),
        ("JP2008-030117A", "JP.2008030117.A", "publication"),
        ("JPWO2023112829A1", "JP.WO2023112829.A1", "publication"),
        ("KR10-2012-0012345", "KR.20120012345", "publication"),
        ("KR101234567B1", "KR.101234567.B1", "publication"),
        ("TWI531406B", "TW.I531406.B", "publication"),
        ("DE 10 2010 006 541.2", "DE.102010006541", "application"),
        ("GB2115500.7", "GB.2115500.7", "application"),
        ("FR2912345A1", "FR.2912345.A1", "publication"),
        ("RU2601690C2", "RU.2601690.C2", "publication"),
    ],
)
def test_usual_forms_become_one(text: str, docdb: str, stage: str) -> None:
    number = parse_number(text)
    assert (number.docdb, number.stage) == (docdb, stage)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("CN200310100002.1", "is X, not 1; write CN200310100002.X."),
        ("CN1", "write it as CN101357592A"),
        ("CN200350100002.X", "write it as CN101357592A"),
        ("CN101357592Q", "Q is no kind of document at CN"),
        ("XX1234567", "XX is no office of WIPO ST.3"),
        ("1234567", "does not say its office"),
        ("EP123456789A1", "write it as EP2626258A1 or EP22150287.5"),
        ("HK99999999", "write it as HK1234567A1"),
        ("US", "write it as US 8,000,000 B2"),
        ("PCT/CN2020/1", "write it as US 8,000,000 B2, CN200310100002.X or PCT/CN2020/123456"),
        ("", "is no patent number"),
        ("US0", "A number is not zero"),
        ("9" * 100_000, "has at most 60 characters"),
        ("CN\x002003", "is no patent number"),
    ],
)
def test_wrong_numbers_are_told_what_is_wrong(text: str, says: str) -> None:
    with pytest.raises(Invalid) as refusal:
        parse_number(text, field=("patents", "0"))
    assert says in refusal.value.message
    assert refusal.value.field == ("patents", "0")


def test_an_american_serial_is_not_the_patent_of_the_same_digits() -> None:
    assert parse_number("US 10/825,795").key != parse_number("US 10,825,795 B2").key


@given(st.text(max_size=80))
def test_any_text_gives_a_number_or_a_reason(text: str) -> None:
    try:
        number = parse_number(text)
    except Invalid as refusal:
        assert refusal.field == ("number",)
    else:
        assert parse_number(number.docdb).docdb == number.docdb


@given(st.one_of([st.from_regex(form, fullmatch=True) for form, _ in FORMS]))
def test_what_is_read_reads_the_same_again(text: str) -> None:
    try:
        number = parse_number(text)
    except Invalid:
        return
    assert parse_number(number.docdb).docdb == number.docdb
    assert parse_number(str(number)).docdb == number.docdb


@given(
    st.integers(1985, 2099), st.sampled_from("12389"), st.integers(0, 9_999_999),
    st.sampled_from("0123456789X"),
)  # fmt: skip
def test_of_eleven_check_digits_one_is_taken(year: int, kind: str, serial: int, sign: str) -> None:
    twelve = f"{year}{kind}{serial:07d}"
    try:
        number = parse_number(f"CN{twelve}.{sign}")
    except Invalid:
        assert sign != check_digit(twelve)
    else:
        assert (number.number, sign) == (twelve, check_digit(twelve))


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("US 8,000,000 B2", "US8000000"),
        ("8,000,000", "US8000000"),
        ("ZL201610070690.7", "CN201610070690"),
        ("锂电池 12345", None),
        ("60 000 rpm at 12", None),
        ("5G 2024", None),
    ],
)
def test_a_search_box_knows_a_number(text: str, key: str | None) -> None:
    number = looks_like_number(text)
    assert (number.key if number else None) == key


def test_kinds_have_meanings() -> None:
    assert kind_meaning("US", "B2") == "patent granted, published before"
    assert kind_meaning("CN", "B9") == "patent granted"
    assert kind_meaning("ZZ", "A") == ""
