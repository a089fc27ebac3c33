"""Ask the database only for what the query asks for, and only once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TypeVar

from django.db.models import Model, QuerySet
from graphql import FieldNode, FragmentSpreadNode, GraphQLResolveInfo, SelectionSetNode

M = TypeVar("M", bound=Model)
TRANSPARENT = {"edges", "node"}


def requested_fields(info: GraphQLResolveInfo) -> set[str]:
    """Dotted paths of the objects selected below this field, as the document has them."""

    def walk(selection: SelectionSetNode | None, path: tuple[str, ...]) -> Iterator[str]:
        for node in selection.selections if selection else ():
            if isinstance(node, FragmentSpreadNode):
                yield from walk(info.fragments[node.name.value].selection_set, path)
            elif isinstance(node, FieldNode):
                if node.selection_set:
                    below = (*path, node.name.value)
                    yield ".".join(below)
                    yield from walk(node.selection_set, below)
            else:
                yield from walk(node.selection_set, path)  # type: ignore[attr-defined]

    return {path for node in info.field_nodes for path in walk(node.selection_set, ())}


def requested(info: GraphQLResolveInfo) -> set[str]:
    """The same with what only a connection adds left out: `owner`, whether of one or of many."""
    return {
        ".".join(part for part in path.split(".") if part not in TRANSPARENT)
        for path in requested_fields(info)
    }


def prefetch(
    queryset: QuerySet[M], info: GraphQLResolveInfo, lookups: Mapping[str, str | Sequence[str]]
) -> QuerySet[M]:
    """Each path of `lookups` that is asked for brings its lookup, or several of them."""
    wanted = requested(info)
    for path, lookup in lookups.items():
        if path in wanted:
            queryset = queryset.prefetch_related(*[lookup] if isinstance(lookup, str) else lookup)
    return queryset
