"""A short way for plain values. A page of results has hundreds of them, none of which needs what
graphql-core does for a field in general: arguments, a resolver's info, awaiting, a path.

Whatever is not plain, or goes wrong on the way, goes the general way and is told as it tells it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from graphene.types.resolver import dict_or_attr_resolver
from graphql import (
    ExecutionContext,
    FieldNode,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    Undefined,
    is_leaf_type,
)
from graphql.pyutils import Path

Reader = Callable[[Any], Any]
READERS: dict[tuple[str, str], Reader | None] = {}


def completed(type_: Any) -> Reader | None:
    """How a value of the type is written out, where it is a plain one or a list of such."""
    if isinstance(type_, GraphQLNonNull):
        inner = completed(type_.of_type)
        return inner and partial(present, inner)
    if isinstance(type_, GraphQLList):
        item = completed(type_.of_type)
        return item and partial(each, item, isinstance(type_.of_type, GraphQLNonNull))
    if is_leaf_type(type_):
        serialize: Reader = type_.serialize
        return serialize
    return None


def present(inner: Reader, value: Any) -> Any:
    if value is None:
        raise TypeError("null where there must be a value")
    return inner(value)


def each(item: Reader, must: bool, values: Any) -> list[Any]:
    if must:
        return [item(value) for value in values]
    return [None if value is None else item(value) for value in values]


def reader_of(parent: GraphQLObjectType, name: str) -> Reader | None:
    """Reads the field off its parent, where it has no resolver of its own and no arguments."""
    field = parent.fields.get(name)
    resolve = getattr(field, "resolve", None)
    if field is None or field.args or not isinstance(resolve, partial):
        return None
    write = completed(field.type)
    if resolve.func is not dict_or_attr_resolver or write is None:
        return None
    attribute, default = resolve.args
    must = isinstance(field.type, GraphQLNonNull)

    def read(source: Any) -> Any:
        if isinstance(source, dict):
            value = source.get(attribute, default)
        else:
            value = getattr(source, attribute, default)
        return None if value is None and not must else write(value)

    return read


Plain = tuple[str, list[FieldNode], Reader | None]


class LeanContext(ExecutionContext):
    is_awaitable = staticmethod(lambda value: False)  # no resolver here is async

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.planned: dict[int, tuple[dict[str, list[FieldNode]], list[Plain]]] = {}

    def execute_fields(
        self,
        parent_type: GraphQLObjectType,
        source_value: Any,
        path: Path | None,
        fields: dict[str, list[FieldNode]],
    ) -> dict[str, Any]:
        found = {}
        for name, nodes, read in self.plan(parent_type, fields):
            if read is not None:
                try:
                    found[name] = read(source_value)
                except Exception:  # noqa: S110 - the general way meets it again, and tells it
                    pass
                else:
                    continue
            at = Path(path, name, parent_type.name)
            value = self.execute_field(parent_type, source_value, nodes, at)
            if value is not Undefined:
                found[name] = value
        return found

    def plan(self, parent: GraphQLObjectType, fields: dict[str, list[FieldNode]]) -> list[Plain]:
        """Which of the fields are read the short way: the same for all items of a list, of which
        graphql-core gives the same `fields`. They are kept, so that no other can have their id."""
        kept = self.planned.get(id(fields))
        if kept is None:
            each = [
                (name, nodes, None if nodes[0].directives else reader(parent, nodes[0].name.value))
                for name, nodes in fields.items()
            ]
            kept = self.planned[id(fields)] = (fields, each)
        return kept[1]


def reader(parent: GraphQLObjectType, name: str) -> Reader | None:
    key = (parent.name, name)
    if key not in READERS:
        READERS[key] = reader_of(parent, name)
    return READERS[key]
