from __future__ import annotations

from collections.abc import Callable

import pytest
from graphql_relay import to_global_id

from marketplace.accounts.models import Membership, Organisation
from tests.conftest import Api
from tests.factories import PASSWORD, make_organisation, make_user, member_of

pytestmark = pytest.mark.django_db
Codes = Callable[[dict], list[str]]


def test_a_log_in_is_refreshed_and_a_stolen_token_ends_it(api: Api, codes: Codes) -> None:
    make_user("li@example.com")
    opened = api.run("session_open", email="li@example.com", password=PASSWORD)["sessionOpen"]
    first = opened["refreshToken"]
    renewed = api.run("session_refresh", refreshToken=first)["sessionRefresh"]
    assert renewed["errors"] == []
    again = api.run("session_refresh", refreshToken=first)["sessionRefresh"]
    assert codes(again) == ["INVALID"]
    assert again["accessToken"] is None
    # The second use revoked the family, though its own request was refused.
    after = api.run("session_refresh", refreshToken=renewed["refreshToken"])["sessionRefresh"]
    assert codes(after) == ["INVALID"]


def test_logging_out(api: Api, codes: Codes) -> None:
    make_user("li@example.com")
    opened = api.run("session_open", email="li@example.com", password=PASSWORD)["sessionOpen"]
    closed = api.run("session_close", refreshToken=opened["refreshToken"])["sessionClose"]
    assert closed == {"errors": []}
    after = api.run("session_refresh", refreshToken=opened["refreshToken"])["sessionRefresh"]
    assert codes(after) == ["INVALID"]


def test_the_viewer(api: Api) -> None:
    assert api.run("viewer") == {"viewer": None}
    organisation = make_organisation("licensor", name="HKUST")
    viewer = member_of(organisation, "finance")
    seen = api.as_(viewer).run("viewer")["viewer"]
    assert seen["user"]["id"] == to_global_id("User", str(viewer.user.pk))
    assert seen["isOperator"] is False
    (membership,) = seen["memberships"]
    assert membership["roles"] == ["FINANCE"]
    assert membership["organisation"]["name"] == "HKUST"


def test_registering_tells_all_that_is_wrong(api: Api) -> None:
    payload = api.run("user_register", email="nobody", password="short")["userRegister"]
    assert [error["field"] for error in payload["errors"]] == [["email"], ["password"]]
    assert payload["user"] is None
    make_user("li@example.com")
    payload = api.run("user_register", email="LI@example.com", password=PASSWORD)["userRegister"]
    assert [error["code"] for error in payload["errors"]] == ["CONFLICT"]


@pytest.mark.parametrize(
    ("who", "code"),
    [
        ("anonymous", "FORBIDDEN"),
        ("stranger", "FORBIDDEN"),
        ("dealmaker", "FORBIDDEN"),
        ("admin", None),
    ],
)
def test_who_may_change_an_organisation(api: Api, codes: Codes, who: str, code: str | None) -> None:
    organisation = make_organisation("licensor", city="Hong Kong")
    client = {
        "anonymous": lambda: api,
        "stranger": lambda: api.as_(member_of(make_organisation("buyer"))),
        "dealmaker": lambda: api.as_(member_of(organisation, "dealmaker")),
        "admin": lambda: api.as_(member_of(organisation, "admin")),
    }[who]()
    payload = client.run(
        "organisation_update",
        id=to_global_id("Organisation", str(organisation.pk)),
        revision=1,
        input={"city": "Shenzhen"},
    )["organisationUpdate"]
    assert codes(payload) == ([code] if code else [])
    city = Organisation.objects.get(pk=organisation.pk).city
    assert city == ("Hong Kong" if code else "Shenzhen")


def test_members_come_and_go(api: Api) -> None:
    organisation = make_organisation("licensor")
    admin = api.as_(member_of(organisation, "admin"))
    user = make_user("wang@example.com")
    id = to_global_id("Organisation", str(organisation.pk))
    added = admin.run("member_set", organisation=id, email=user.email, roles=["DEALMAKER"])
    assert added["memberSet"]["membership"]["roles"] == ["DEALMAKER"]
    seen = admin.run("organisation", id=id)["organisation"]
    assert [member["roles"] for member in seen["members"]] == [["ADMIN"], ["DEALMAKER"]]
    gone = admin.run("member_set", organisation=id, email=user.email, roles=[])
    assert gone["memberSet"] == {"membership": None, "errors": []}
    assert not Membership.objects.filter(user=user).exists()
