"""Errors a caller can act on are data; everything else is a GraphQL error."""

from __future__ import annotations

from collections.abc import Iterable

import graphene
from graphene.utils.str_converters import to_camel_case

from marketplace.core.errors import Conflict, DomainError, Faults, Forbidden, Invalid, NotFound

ErrorCode = graphene.Enum(
    "ErrorCode", [(error.code, error.code) for error in (NotFound, Forbidden, Invalid, Conflict)]
)


class UserError(graphene.ObjectType):
    """Something the caller can put right."""

    code = ErrorCode(required=True)
    message = graphene.String(required=True, description="For people, not for programs.")
    field = graphene.List(
        graphene.NonNull(graphene.String), description="Path to the input that is wrong."
    )


# What the API says in one input object, the domain keeps in two fields.
NESTED = {
    f"{noun}_{part}": (noun, part)
    for noun in ("price", "budget")
    for part in ("amount", "currency")
}


def path_of(field: tuple[str, ...]) -> list[str] | None:
    """The path of an input as the client wrote it."""
    parts = [part for name in field for part in NESTED.get(name, (name,))]
    return [to_camel_case(part) for part in parts] or None


def user_errors(error: DomainError | Faults) -> list[UserError]:
    errors: Iterable[DomainError] = error.errors if isinstance(error, Faults) else (error,)
    return [
        UserError(code=one.code, message=one.message, field=path_of(one.field)) for one in errors
    ]
