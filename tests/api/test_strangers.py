"""Every mutation of the schema, asked for by who has no business with anything there is."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from typing import Any

import pytest
from django.apps import apps
from django.db.models import Count, Max
from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLList,
    GraphQLNonNull,
)

from api.schema import schema
from marketplace.accounts.viewer import Viewer
from tests.api.test_disclosure import world  # noqa: F401
from tests.conftest import Api
from tests.factories import make_organisation, member_of

MUTATIONS = schema.graphql_schema.mutation_type.fields
# What anybody may do.
NAMED = {"deal": "sworn", "licensee": "Organisation", "buyer": "Organisation"}
PAPER = b64encode(b"%PDF-1.7").decode()
REFUSED = {"INVALID", "NOT_FOUND", "FORBIDDEN", "CONFLICT", "UNAUTHENTICATED"}
# Refused for their form before anybody asks who: the world has no id of the kind that they want.
BY_FORM = {
    "classificationDecide",
    "enquirySend",
    "organisationCreate",
    "overrideAgree",
    "programmeDecide",
    "registerTaskMove",
    "reservationRelease",
    "savedSearchCreate",
    "savedSearchDelete",
    "savedSearchUpdate",
    "synonymsRemove",
}
OPEN = {"userRegister", "sessionOpen", "sessionRefresh", "sessionClose"}
PLAIN = {
    "String": "Something to say",
    "Int": 1,
    "BigInt": 1,
    "Float": 1.5,
    "Decimal": "1.5",
    "Boolean": True,
    "Date": "2026-11-23",
    "DateTime": "2026-11-23T12:00:00+08:00",
}


def value_of(kind: Any, id: str) -> Any:
    """The least that has the form."""
    if isinstance(kind, GraphQLNonNull):
        return value_of(kind.of_type, id)
    if isinstance(kind, GraphQLList):
        return [value_of(kind.of_type, id)]
    if isinstance(kind, GraphQLEnumType):
        return next(iter(kind.values))
    if isinstance(kind, GraphQLInputObjectType):
        return asked(kind.fields, id, {})
    return id if kind.name == "ID" else PLAIN[kind.name]


def asked(fields: Mapping[str, Any], id: str, ids: Mapping[str, str]) -> dict[str, Any]:
    """What must be there: the id of what an argument is named after, and `id` for all others."""
    needed = {n: one for n, one in fields.items() if isinstance(one.type, GraphQLNonNull)}
    named = {name: ids.get(NAMED.get(name, name.capitalize()), id) for name in needed}
    return {
        name: PAPER if name == "content" else value_of(one.type, named[name])
        for name, one in needed.items()
    }


def document_of(name: str, arguments: dict[str, GraphQLArgument]) -> str:
    needed = {n: a for n, a in arguments.items() if isinstance(a.type, GraphQLNonNull)}
    head = ", ".join(f"${n}: {a.type}" for n, a in needed.items())
    body = ", ".join(f"{n}: ${n}" for n in needed)
    call = f"{name}({body})" if body else name
    return f"mutation{f'({head})' if head else ''} {{ {call} {{ errors {{ code }} }} }}"


def everything() -> dict[str, Any]:
    """How much there is, and when something changed last."""
    return {
        model._meta.label: model._default_manager.aggregate(
            rows=Count("pk"),
            **(
                {"last": Max("updated_at")}
                if any(f.name == "updated_at" for f in model._meta.fields)
                else {}
            ),
        )
        for model in apps.get_models()
        if model._meta.label != "accounts.Session"
    }


@pytest.mark.parametrize("who", ["nobody", "stranger"])
def test_a_stranger_moves_nothing(api: Api, world: dict[str, Any], who: str) -> None:  # noqa: F811
    viewer = Viewer() if who == "nobody" else member_of(make_organisation("buyer"))
    client, ids, before = api.as_(viewer), world["ids"], everything()
    codes: dict[str, set[str]] = {}
    for name, field in MUTATIONS.items():
        if name in OPEN:
            continue
        document, codes[name] = document_of(name, field.args), set()
        for id in ids.values():
            answer = client.post(document, **asked(field.args, id, ids))
            errors = answer["errors"] if "errors" in answer else answer["data"][name]["errors"]
            codes[name] |= {one["extensions"]["code"] if "extensions" in one else one["code"]
                            for one in errors} or {"DONE"}  # fmt: skip
    assert set().union(*codes.values()) <= REFUSED
    assert {name for name, found in codes.items() if found == {"INVALID"}} <= BY_FORM
    assert everything() == before
