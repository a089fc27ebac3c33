"""Duplicates and members of one family show as one result, on both engines."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from search.document import Document
from search.engine import EMBEDDED, Engine, planned_for, search_in
from search.fusion import fused
from search.models import Generation
from search.request import SearchRequest, SearchResult, checked

pytestmark = pytest.mark.django_db


def document(id: str, family: str, published: int, kind: str = "know_how") -> Document:
    return Document(
        id=id,
        family=family,
        texts={"title": ["Graphene membrane"], "description": ["sheet " * published]},
        facets={"kind": [kind]},
        published=published,
    )


# Newest first: h g f e d c b a; the families are two (a, d, e, h), three (b, f) and none.
DOCUMENTS = [
    document("a", "two", 1, "software"),
    document("b", "three", 2),
    document("c", "", 3),
    document("d", "two", 4),
    document("e", "two", 5),
    document("f", "three", 6),
    document("g", "", 7),
    document("h", "two", 8),
]


@pytest.fixture
def find(one_engine: Engine) -> Iterator[Callable[..., SearchResult]]:
    generation = Generation.objects.create(kind="trial")
    for engine in dict.fromkeys((EMBEDDED, one_engine)):
        engine.create(generation)
        engine.put(generation, DOCUMENTS)

    def ask(**asked: Any) -> SearchResult:
        request = checked(SearchRequest(**{"sort": "newest", "collapse": True, **asked}))
        return search_in(generation, request, only=one_engine)

    yield ask


def shown(result: SearchResult) -> list[tuple[str, int]]:
    return [(hit.id, hit.family_size) for hit in result.hits]


WHOLE = [("h", 4), ("g", 1), ("f", 2), ("c", 1)]


def test_a_family_shows_as_its_first_member(find: Callable[..., SearchResult]) -> None:
    result = find()
    assert shown(result) == WHOLE
    assert (result.total, result.more) == (4, False)
    every = find(collapse=False)
    assert shown(every) == [(one, 1) for one in "hgfedcba"]
    assert every.total == 8


def test_pages_of_any_size_give_the_whole_once(find: Callable[..., SearchResult]) -> None:
    for size in (1, 2, 3):
        seen, after = [], None
        while True:
            page = find(first=size, after=after)
            assert page.total == 4
            seen += shown(page)
            if not page.more:
                break
            after = page.hits[-1].cursor
        assert seen == WHOLE


def test_only_what_is_found_counts(find: Callable[..., SearchResult]) -> None:
    filters = {"kind": ["software"]}
    assert shown(find(filters=filters)) == [("a", 1)]
    result = find(filters=filters, facets=["kind"])  # the filter comes after the counts
    assert (shown(result), result.total) == ([("a", 1)], 1)
    counts = {bucket.value: bucket.count for bucket in result.facets["kind"]}
    assert counts == {"know_how": 7, "software": 1}
    assert shown(find(exclude=["h", "e"])) == [("g", 1), ("f", 2), ("d", 2), ("c", 1)]


def test_the_best_of_a_family_is_its_best_match(find: Callable[..., SearchResult]) -> None:
    result = find(text="membrane", sort="relevance")  # the shorter the text, the better
    assert shown(result) == [("a", 4), ("b", 2), ("c", 1), ("g", 1)]
    rest = find(text="membrane", sort="relevance", after=result.hits[1].cursor)
    assert shown(rest) == [("c", 1), ("g", 1)]


def test_a_later_member_does_not_repeat_its_family(one_engine: Engine) -> None:
    generation = Generation.objects.create(kind="trial")
    many = [replace(document(f"{n:03}", "big", n), texts={}) for n in range(1, 120)]
    for engine in dict.fromkeys((EMBEDDED, one_engine)):
        engine.create(generation)
        engine.put(generation, [*many, document("last", "", 0)])
    request = checked(SearchRequest(sort="newest", collapse=True, first=1))
    first = search_in(generation, request, only=one_engine)
    second = search_in(generation, replace(request, after=first.hits[0].cursor), only=one_engine)
    assert (shown(first), first.more) == ([("119", 119)], True)
    assert (shown(second), second.more) == ([("last", 1)], False)


def test_a_list_that_joins_another_shows_each_family_once(
    one_engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("search.fusion.WINDOW", 1)
    generation = Generation.objects.create(kind="trial")
    for engine in dict.fromkeys((EMBEDDED, one_engine)):
        engine.create(generation)
        engine.put(generation, DOCUMENTS)
    # By words they are a b c g. Of "two" the best is near too, of "three" another than the best.
    near = {"f": "three", "a": "two", "g": ""}
    seen: list[str] = []
    after, more = None, True
    while more:
        request = checked(
            SearchRequest(text="membrane", collapse=True, first=1, after=after, facets=["kind"])
        )
        page = fused(
            request,
            planned_for(generation, request, one_engine),
            [],
            lambda request, plan: one_engine.search(generation, request, plan),
            lambda *asked: near,
        )
        seen += [hit.id for hit in page.hits]
        after, more = page.hits[-1].cursor, page.more
    assert seen == ["a", "f", "g", "c"]


@pytest.mark.parametrize(
    ("near", "total"),
    [
        ({"x": "three"}, 4),  # of which words find another, after the beginning
        ({"x": "three", "f": "three", "a": "two"}, 4),
        ({"y": "four", "z": "four", "c": ""}, 5),  # no word finds "four"
        ({"x": "three", "w": ""}, 5),
    ],
)
def test_a_family_counts_once_however_it_is_found(
    one_engine: Engine, monkeypatch: pytest.MonkeyPatch, near: dict[str, str], total: int
) -> None:
    monkeypatch.setattr("search.fusion.WINDOW", 1)
    generation = Generation.objects.create(kind="trial")
    others = (("w", ""), ("x", "three"), ("y", "four"), ("z", "four"))
    more = [replace(document(id, kin, 1), texts={"title": ["Polymer"]}) for id, kin in others]
    for engine in dict.fromkeys((EMBEDDED, one_engine)):
        engine.create(generation)
        engine.put(generation, [*DOCUMENTS, *more])
    for collapse, expected in ((True, total), (False, 8 + len(near.keys() & {*"wxyz"}))):
        seen: list[str] = []
        after, going = None, True
        while going:
            request = checked(
                SearchRequest(text="membrane", collapse=collapse, first=2, after=after)
            )
            page = fused(
                request,
                planned_for(generation, request, one_engine),
                [],
                lambda request, plan: one_engine.search(generation, request, plan),
                lambda *asked: near,
            )
            assert page.total == expected
            seen += [hit.id for hit in page.hits]
            after, going = page.hits[-1].cursor, page.more
        assert len(seen) == len(set(seen)) == expected
