from __future__ import annotations

import pytest
from django.test import Client

from api.listings import queries
from marketplace.core.errors import NotFound
from tests.conftest import Api
from tests.factories import PASSWORD, make_user

pytestmark = pytest.mark.django_db
LISTINGS = "{ listings { edges { node { id } } } }"


def said(answer: dict) -> list[tuple[str, str]]:
    return [(e["extensions"]["code"], e["message"]) for e in answer["errors"]]


@pytest.mark.parametrize(
    ("error", "code", "message"),
    [
        (NotFound("No such listing."), "NOT_FOUND", "No such listing."),
        (RuntimeError("password=hunter2"), "INTERNAL", "Internal error"),
    ],
)
def test_what_a_caller_sees_of_an_error(
    api: Api, monkeypatch: pytest.MonkeyPatch, error: Exception, code: str, message: str
) -> None:
    def fail(viewer: object) -> None:
        raise error

    monkeypatch.setattr(queries, "listings_visible_to", fail)
    answer = api.post(LISTINGS)
    assert said(answer) == [(code, message)]
    assert len(answer["errors"][0]["extensions"]["requestId"]) == 32


def test_a_request_id_is_taken_over_and_given_back(client: Client) -> None:
    response = client.post(
        "/graphql/", "{}", "application/json", headers={"X-Request-Id": "deal-4711"}
    )
    assert response.headers["X-Request-Id"] == "deal-4711"
    assert response.json()["errors"][0]["extensions"]["requestId"] == "deal-4711"


@pytest.mark.parametrize(
    ("body", "content_type", "says"),
    [
        ("{}", "text/plain", "Send Content-Type: application/json."),
        ("[]", "application/json", "The body is a JSON object"),
        ("{", "application/json", "The body is not JSON in UTF-8."),
        (b"\xff\xfe", "application/json", "The body is not JSON in UTF-8."),
        ("{}", "application/json", "Must provide query string."),
        ('{"query": 7}', "application/json", "`query` is not what it should be."),
        ('{"query": "{a}", "variables": []}', "application/json", "`variables` is not"),
        (b" " * 2_000_001, "application/json", "at most 2000000 bytes"),
    ],
)
def test_a_malformed_request_is_explained(
    client: Client, body: str | bytes, content_type: str, says: str
) -> None:
    response = client.post("/graphql/", body, content_type)
    assert response.status_code == 400
    assert says in response.json()["errors"][0]["message"]


@pytest.mark.parametrize(
    ("document", "says"),
    [
        ("{ nope }", "Cannot query field 'nope'"),
        ("{", "Syntax Error"),
        ('{ node(id: "\\u0000") { id } }', "a character that is no text"),
        ("{ viewer { user { id } } }" + " " * 50_001, "at most 50000 characters"),
        (
            "{" + " ".join(f"a{i}: viewer {{ isOperator }}" for i in range(13)) + "}",
            "12 root fields",
        ),
        ("{ viewer {" + " ".join(f"a{i}: isOperator" for i in range(600)) + "} }", "600 fields"),
        ('{ patent(number: "x") ' + "{ simpleFamily " * 14 + "{ id }" + "}" * 15, "14 levels"),
        (
            "{ __schema { types " + "{ fields { type " * 9 + "{ name }" + "} }" * 9 + " } }",
            "levels",
        ),
        ("query { ...A } fragment A on Query { ...B } fragment B on Query { ...A }", "itself"),
    ],
)
def test_a_document_that_asks_too_much_or_wrongly(api: Api, document: str, says: str) -> None:
    answer = api.post(document)
    assert "data" not in answer
    assert says in answer["errors"][0]["message"]


def test_the_session_of_the_admin_counts_for_nothing(client: Client) -> None:
    user = make_user(is_staff=True)
    assert client.login(username=user.email, password=PASSWORD)
    response = client.post(
        "/graphql/", '{"query": "{ viewer { isOperator } }"}', "application/json"
    )
    assert response.json() == {"data": {"viewer": None}}


@pytest.mark.parametrize(
    "header", ["Bearer nonsense", "Basic abc", "Bearer", "Bearer " + "x" * 999]
)
def test_a_bad_token_is_refused_not_ignored(api: Api, header: str) -> None:
    api.headers = {"Authorization": header}
    assert [code for code, _ in said(api.post("{ viewer { isOperator } }"))] == ["UNAUTHENTICATED"]
    answer = api.post('mutation { sessionClose(refreshToken: "x") { errors { code } } }')
    assert answer == {"data": {"sessionClose": {"errors": []}}}


@pytest.mark.parametrize(
    "id", ["", "nonsense", "TGlzdGluZzo=", "TGlzdGluZzoxMjM=", "é", "x" * 9999]
)
@pytest.mark.parametrize("field", ["listing", "need", "organisation", "patent", "node"])
def test_a_malformed_id_is_told_the_right_form(api: Api, field: str, id: str) -> None:
    answer = api.post(f"query($id: ID!) {{ {field}(id: $id) {{ id }} }}", id=id)
    (error,) = answer["errors"]
    assert error["extensions"]["code"] == "INVALID"
    assert error["extensions"]["field"] == ["id"]


def test_graphiql_comes_from_here_with_a_working_example(client: Client, indexes: None) -> None:
    page = client.get("/graphql/", headers={"Accept": "text/html"})
    html = page.content.decode()
    assert "query Search(" in html
    assert "http://" not in html
    assert "https://" not in html
    for name in ("graphiql.min.js", "graphiql.min.css", "react.production.min.js", "start.js"):
        assert f"/static/graphiql/{name}" in html
        served = client.get(f"/static/graphiql/{name}")
        assert served.status_code == 200
        served.close()
