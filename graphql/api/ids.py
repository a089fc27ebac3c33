"""Global ids: opaque to the client, a type and a UUID to us."""

from __future__ import annotations

import binascii
from typing import Any
from uuid import UUID

from graphql_relay import from_global_id, to_global_id

from marketplace.core.errors import Invalid


def global_id(type_name: str, pk: object) -> str:
    return str(to_global_id(type_name, str(pk)))


def parse_any_id(value: str, *, field: tuple[str, ...]) -> tuple[str, UUID]:
    """Type and UUID of a global id. Invalid where it is none."""
    try:
        found = from_global_id(value)
        return str(found.type), UUID(found.id)
    except (ValueError, binascii.Error, UnicodeError):
        raise Invalid(
            "Not an id of ours; send an `id` as the API gave it, such as TGlzdGluZzox…",
            field=field,
        ) from None


def parse_id(value: str, type_name: str, *, field: tuple[str, ...] = ("id",)) -> UUID:
    """The UUID in the global id of a `type_name`. Invalid where it is another's, or none."""
    found, pk = parse_any_id(value, field=field)
    if found != type_name:
        raise Invalid(
            f"An id of a {type_name} is wanted, this is one of a {found[:40]}.", field=field
        )
    return pk


def parse_optional_id(value: Any, type_name: str, *, field: tuple[str, ...]) -> UUID | None:
    return None if value is None else parse_id(value, type_name, field=field)
