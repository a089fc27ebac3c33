"""Errors a caller can act on are data; everything else is a GraphQL error."""

from __future__ import annotations

from collections.abc import Iterable

import graphene

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


def user_errors(error: DomainError | Faults) -> list[UserError]:
    errors: Iterable[DomainError] = error.errors if isinstance(error, Faults) else (error,)
    return [
        UserError(code=one.code, message=one.message, field=list(one.field) or None)
        for one in errors
    ]
