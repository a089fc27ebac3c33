"""Relay connections over querysets, with cursors that survive inserts.

A cursor is the sort value and id of its row, so a page goes on after that row whatever was added
or removed meanwhile. The order is newest first, by `created_at` and id.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

import graphene
from django.db.models import Model, Q, QuerySet

from marketplace.core.errors import Invalid

M = TypeVar("M", bound=Model)
DEFAULT_PAGE = 24
MAX_PAGE = 100


class PageInfo(graphene.ObjectType):
    """Where a page ends, and whether there are more."""

    has_next_page = graphene.Boolean(required=True)
    has_previous_page = graphene.Boolean(required=True)
    start_cursor = graphene.String()
    end_cursor = graphene.String()


@dataclass(frozen=True)
class Edge:
    node: Any
    cursor: str


@dataclass(frozen=True)
class Page:
    """What every connection type resolves from."""

    edges: Sequence[Edge]
    page_info: PageInfo
    count: Callable[[], int]

    @property
    def total_count(self) -> int:
        return self.count()


def connection_of(node: type[graphene.ObjectType]) -> type[graphene.ObjectType]:
    """The connection and edge types of a node, named after it."""
    name = node._meta.name
    edge = type(
        f"{name}Edge",
        (graphene.ObjectType,),
        {
            "__doc__": f"A {name} and its place in a list.",
            "node": graphene.Field(node, required=True),
            "cursor": graphene.String(required=True),
        },
    )
    return type(
        f"{name}Connection",
        (graphene.ObjectType,),
        {
            "__doc__": f"A page of {name}s.",
            "edges": graphene.List(graphene.NonNull(edge), required=True),
            "page_info": graphene.Field(PageInfo, required=True),
            "total_count": graphene.Int(required=True, description="Of all pages together."),
        },
    )


PAGE_ARGUMENTS = {
    "first": graphene.Int(default_value=DEFAULT_PAGE, description=f"At most {MAX_PAGE}."),
    "after": graphene.String(description="The cursor of the last item of the page before."),
}


def page_size(first: int | None) -> int:
    size = DEFAULT_PAGE if first is None else first
    if not 1 <= size <= MAX_PAGE:
        raise Invalid(f"A page has 1 to {MAX_PAGE} items, not {size}.", field=("first",))
    return size


def encode(row: Any) -> str:
    value = json.dumps([row.created_at.isoformat(), str(row.pk)])
    return base64.urlsafe_b64encode(value.encode()).decode()


def decode(cursor: str) -> tuple[datetime, UUID]:
    try:
        at, pk = json.loads(base64.urlsafe_b64decode(cursor.encode("ascii")))
        found = datetime.fromisoformat(at)
        if found.tzinfo is None:
            raise ValueError("naive")
        return found, UUID(pk)
    except (ValueError, TypeError, AttributeError, binascii.Error):
        raise Invalid(
            "Not a cursor; send the endCursor of the page before.", field=("after",)
        ) from None


def page(rows: QuerySet[M], *, first: int | None, after: str | None) -> Page:
    """The page after `after`: two statements, and a count only if the total is asked for."""
    size = page_size(first)
    ordered = rows.order_by("-created_at", "-pk")
    if after:
        at, pk = decode(after)
        ordered = ordered.filter(Q(created_at__lt=at) | Q(created_at=at, pk__lt=pk))
    found = list(ordered[: size + 1])
    edges = [Edge(row, encode(row)) for row in found[:size]]
    return Page(
        edges=edges,
        page_info=PageInfo(
            has_next_page=len(found) > size,
            has_previous_page=bool(after),
            start_cursor=edges[0].cursor if edges else None,
            end_cursor=edges[-1].cursor if edges else None,
        ),
        count=rows.count,
    )
