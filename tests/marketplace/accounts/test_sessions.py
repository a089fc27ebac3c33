from __future__ import annotations

from datetime import timedelta

import pytest

from marketplace.accounts.models import RefreshToken
from marketplace.accounts.sessions import session_close, session_open, session_refresh
from marketplace.core.errors import Invalid
from tests.factories import NOW, PASSWORD, make_user

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(hours=1)


def opened() -> str:
    make_user("li@example.com")
    return session_open(email="LI@example.com", password=PASSWORD, now=NOW)[1]


def test_each_refresh_gives_another_token() -> None:
    first = opened()
    user, second = session_refresh(refresh_token=first, now=LATER)
    assert user.email == "li@example.com"
    assert second != first
    assert session_refresh(refresh_token=second, now=LATER)[1] not in (first, second)


def test_a_token_used_twice_ends_the_whole_log_in() -> None:
    first = opened()
    _, second = session_refresh(refresh_token=first, now=LATER)
    with pytest.raises(Invalid):
        session_refresh(refresh_token=first, now=LATER)
    with pytest.raises(Invalid):
        session_refresh(refresh_token=second, now=LATER)


def test_logging_out_ends_the_log_in_and_no_other() -> None:
    first = opened()
    _, other = session_open(email="li@example.com", password=PASSWORD, now=NOW)
    session_close(refresh_token=first, now=NOW)
    with pytest.raises(Invalid):
        session_refresh(refresh_token=first, now=LATER)
    session_refresh(refresh_token=other, now=LATER)


def test_a_log_in_ends_by_itself() -> None:
    with pytest.raises(Invalid):
        session_refresh(refresh_token=opened(), now=NOW + timedelta(days=15))


@pytest.mark.parametrize("token", ["", "nonsense", "\ud800", "x" * 10_000])
def test_no_token_at_all(token: str) -> None:
    with pytest.raises(Invalid):
        session_refresh(refresh_token=token, now=NOW)


def test_the_table_does_not_hold_the_token() -> None:
    token = opened()
    assert all(token.encode() not in bytes(row.digest) for row in RefreshToken.objects.all())


@pytest.mark.parametrize(
    ("email", "password"), [("li@example.com", "wrong password"), ("no@example.com", PASSWORD)]
)
def test_a_refused_log_in_tells_not_why(email: str, password: str) -> None:
    make_user("li@example.com")
    with pytest.raises(Invalid) as refusal:
        session_open(email=email, password=password, now=NOW)
    assert refusal.value.message == "E-mail address and password do not go together."
    assert not RefreshToken.objects.exists()
