import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.accounts.registration import validate_registration
from marketplace.core.errors import Invalid


@pytest.mark.parametrize(
    ("jurisdiction", "number", "normal"),
    [
        ("CN", " 91110000 600037341l ", "91110000600037341L"),
        ("CN", "９１１１００００６０００３７３４１Ｌ", "91110000600037341L"),
        ("HK", "12345678", "12345678"),
        ("HK", "12345678-000-01-26-4", "12345678"),
        ("US", "de 12-345", "DE 12-345"),
    ],
)
def test_right_numbers(jurisdiction: str, number: str, normal: str) -> None:
    assert validate_registration(jurisdiction, number) == normal


@pytest.mark.parametrize(
    ("jurisdiction", "number", "says"),
    [
        ("CN", "911100006000373410", "The check sign of 911100006000373410 would be L."),
        ("CN", "12345678", "has 18 signs, such as 91110000600037341L"),
        ("HK", "1234567", "has 8 digits, such as 12345678"),
        ("US", "!", "such as HRB 12345"),
    ],
)
def test_wrong_numbers_are_told_the_right_form(jurisdiction: str, number: str, says: str) -> None:
    with pytest.raises(Invalid) as refusal:
        validate_registration(jurisdiction, number)
    assert says in refusal.value.message
    assert refusal.value.field == ("registration_number",)


@given(st.sampled_from(["CN", "HK", "US"]), st.text(max_size=30))
def test_any_text_gives_a_number_or_a_reason(jurisdiction: str, text: str) -> None:
    try:
        normal = validate_registration(jurisdiction, text)
    except Invalid:
        return
    assert validate_registration(jurisdiction, normal) == normal
