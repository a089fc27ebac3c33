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
    # By words they are a b c g. Of "two" the best is near too, of "three" another than the best.
    near = {"f": "three", "a": "two", "g": ""}
    page = fused_with(one_engine, near, first=1, collapse=True, facets=["kind"])
    seen: list[str] = []
    after, more = None, True
    while more:
        found = page(after)
        seen += [hit.id for hit in found.hits]
        after, more = found.hits[-1].cursor, found.more
    assert seen == ["a", "f", "g", "c"]


def fused_with(
    engine: Engine, near: dict[str, str], *more: Document, **asked: Any
) -> Callable[..., SearchResult]:
    """Pages of "membrane" with a list by meaning, families by id."""
    generation = Generation.objects.create(kind="trial")
    for one in dict.fromkeys((EMBEDDED, engine)):
        one.create(generation)
        one.put(generation, [*DOCUMENTS, *more])

    def page(after: str | None = None) -> SearchResult:
        request = checked(SearchRequest(**{"text": "membrane", "after": after, **asked}))
        return fused(
            request,
            planned_for(generation, request, engine),
            [],
            lambda request, plan: engine.search(generation, request, plan),
            lambda *asked: near,
        )

    return page


OTHERS = [
    replace(document(id, kin, 1), texts={"title": ["Polymer"]})
    for id, kin in (("w", ""), ("x", "three"), ("y", "four"), ("z", "four"))
]


@pytest.mark.parametrize("collapse", [True, False])
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
    one_engine: Engine,
    monkeypatch: pytest.MonkeyPatch,
    near: dict[str, str],
    total: int,
    collapse: bool,
) -> None:
    monkeypatch.setattr("search.fusion.WINDOW", 1)
    page = fused_with(one_engine, near, *OTHERS, first=2, collapse=collapse)
    expected = total if collapse else len(DOCUMENTS) + len(near.keys() & {*"wxyz"})
    seen: list[str] = []
    after, more = None, True
    while more:
        found = page(after)
        assert found.total == expected
        seen += [hit.id for hit in found.hits]
        after, more = found.hits[-1].cursor, found.more
    assert len(seen) == len(set(seen)) == expected


def test_a_family_has_the_place_of_its_nearest_member(one_engine: Engine) -> None:
    """Which shows if words find none; else whichever they find shows there."""
    near = {"x": "three", "y": "four", "w": "", "z": "four"}
    page = fused_with(one_engine, near, *OTHERS, collapse=True)()
    found = [(hit.id, hit.family_size, hit.nearest) for hit in page.hits]
    assert found == [("b", 2, 1), ("a", 4, 0), ("y", 2, 2), ("w", 1, 3), ("c", 1, 0), ("g", 1, 0)]
    apart = fused_with(one_engine, near, *OTHERS, collapse=False)()
    assert [(hit.id, hit.nearest) for hit in apart.hits if hit.nearest] == [
        ("x", 1), ("y", 2), ("w", 3), ("z", 4)
    ]  # fmt: skip
