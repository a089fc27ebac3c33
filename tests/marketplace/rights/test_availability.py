"""What is still free of a listing, and what stands behind it."""

from __future__ import annotations

from contextlib import suppress
from datetime import date, timedelta
from itertools import count
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from marketplace.core.errors import Conflict
from marketplace.listings.models import Listing
from marketplace.patents.models import Family, LegalEvent, Patent
from marketplace.rights.availability import RELATIONS, Free, Left, Part, availability
from marketplace.rights.cover import Cover
from marketplace.rights.services import assets_of, occupy, release
from tests.factories import NOW, make_listing, make_organisation, make_patent, member_of

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 23)
ALL = ("make", "use", "sell", "offer", "import", "sublicense")
numbers = count(1)
ANY = ("exclusive", "sole", "non_exclusive")


@pytest.fixture
def listing() -> Any:
    return make_listing(exclusivity=list(ANY), territories=["CN", "HK"])


def take(listing: Any, **wanted: Any) -> None:
    occupy(
        **{
            "owner": listing.owner,
            "holder": make_organisation("buyer"),
            "assets": assets_of(listing),
            "territories": ["CN"],
            "fields": ["batteries"],
            "acts": list(ALL),
            "exclusivity": "exclusive",
            "kind": "grant",
            "start": date(2027, 1, 1),
            "end": date(2028, 1, 1),
            "subject": f"test:{next(numbers)}",
            "now": NOW,
            **wanted,
        }
    )


def free_in(listing: Any, territory: str, now: Any = NOW) -> list[Free]:
    parts = [part for part in availability(listing, now) if territory in part.territories]
    assert len(parts) == 1
    return list(parts[0].free)


def test_of_a_new_listing_all_is_free(listing: Any) -> None:
    everything = Free("batteries", ALL, ANY, TODAY, None, ())
    assert availability(listing, NOW) == [
        Part(("CN", "HK"), Cover.UNKNOWN, None, Left.ALL, (everything,)),
    ]


def test_an_exclusive_grant_leaves_the_time_before_and_after_it(listing: Any) -> None:
    take(listing)
    assert free_in(listing, "CN") == [
        Free("batteries", ALL, ANY, TODAY, date(2027, 1, 1), ()),
        Free("batteries", ALL, ANY, date(2028, 1, 1), None, ()),
    ]
    assert free_in(listing, "HK") == [Free("batteries", ALL, ANY, TODAY, None, ())]


def test_a_field_below_is_an_exception_to_the_field_above(listing: Any) -> None:
    take(listing, fields=["batteries/automotive"], end=None, start=TODAY, acts=["make", "sell"])
    take(
        listing,
        fields=["batteries/grid/home"],
        end=None,
        start=TODAY,
        acts=["make", "sell"],
        exclusivity="non_exclusive",
    )
    rest = ("use", "offer", "import", "sublicense")
    apart = ("batteries/automotive", "batteries/grid/home")
    assert free_in(listing, "CN") == [
        Free("batteries", ("make", "sell"), ANY, TODAY, None, apart),
        Free("batteries", rest, ANY, TODAY, None, ()),
        Free("batteries/grid/home", ("make", "sell"), ("non_exclusive",), TODAY, None, ()),
    ]


def test_own_use_leaves_a_sole_licence(listing: Any) -> None:
    take(
        listing,
        kind="reservation",
        holder=listing.owner,
        exclusivity="non_exclusive",
        fields=[],
        start=TODAY,
        end=None,
    )
    assert free_in(listing, "CN") == [
        Free("batteries", ALL, ("sole", "non_exclusive"), TODAY, None, ())
    ]


def test_what_lapsed_or_was_released_is_free_again(listing: Any) -> None:
    soon = NOW + timedelta(days=3)
    take(listing, kind="lock", expires_at=soon, subject="terms", start=TODAY, end=None)
    assert free_in(listing, "CN") == []
    assert free_in(listing, "CN", soon) == [
        Free("batteries", ALL, ANY, TODAY + timedelta(days=3), None, ())
    ]
    release(subject="terms", now=NOW)
    listing = type(listing).objects.get(pk=listing.pk)
    assert free_in(listing, "CN") == [Free("batteries", ALL, ANY, TODAY, None, ())]


FIELDS = ["", "a", "a/b", "a/b/c", "a/d"]


@settings(max_examples=60)
@given(
    taken=st.lists(
        st.tuples(
            st.sampled_from(FIELDS),
            st.sampled_from(ANY),
            st.integers(1, 3),
            st.integers(1, 3),
            st.sampled_from(["make", "sell"]),
        ),
        max_size=4,
    ),
    wish=st.tuples(
        st.sampled_from(FIELDS), st.sampled_from(ANY), st.integers(1, 5), st.sampled_from(ALL)
    ),
)
def test_what_it_calls_free_can_be_had_and_nothing_else(taken: Any, wish: Any) -> None:
    listing = make_listing(exclusivity=list(ANY), territories=["CN"], fields_of_use=["*"])
    for field, exclusivity, start, days, act in taken:
        with suppress(Conflict):
            take(
                listing,
                fields=[field],
                exclusivity=exclusivity,
                start=TODAY + timedelta(days=start),
                end=TODAY + timedelta(days=start + days),
                acts=[act],
            )
    field, exclusivity, day, act = wish
    start, end = TODAY + timedelta(days=day), TODAY + timedelta(days=day + 1)

    def inside(inner: str, outer: str) -> bool:
        return f"/{inner}/".replace("//", "/").startswith(f"/{outer}/".replace("//", "/"))

    said_free = any(
        inside(field, one.field)
        and act in one.acts
        and exclusivity in one.exclusivities
        and one.start <= start
        and (one.until is None or end <= one.until)
        and not any(
            inside(field, f)
            or (inside(f, field) and blocks(listing, f, act, exclusivity, start))
            for f in one.except_fields
        )
        for one in free_in(listing, "CN")
    )  # fmt: skip
    try:
        take(listing, fields=[field], exclusivity=exclusivity, start=start, end=end, acts=[act])
    except Conflict:
        assert not said_free
    else:
        assert said_free


def blocks(listing: Any, field: str, act: str, exclusivity: str, day: date) -> bool:
    """Whether in an excepted field that exclusivity is gone; a field there may still have it."""
    return not any(
        one.field == field
        and act in one.acts
        and exclusivity in one.exclusivities
        and one.start <= day
        and (one.until is None or day < one.until)
        for one in free_in(listing, "CN")
    )


def patent(docdb: str, *events: tuple[str, str], **fields: Any) -> Patent:
    made = make_patent(docdb, **fields)
    for territory, kind in events:
        LegalEvent.objects.create(patent=made, territory=territory, kind=kind, on=date(2015, 1, 7))
    return made


def covers_of(**content: Any) -> dict[str, tuple[str, date | None]]:
    listing = make_listing(territories=["CN", "HK", "MO"], **content)
    return {
        territory: (part.cover, part.cover_until)
        for part in availability(listing, NOW)
        for territory in part.territories
    }


def test_a_hong_kong_patent_leaves_know_how_on_the_mainland() -> None:
    hk = patent("HK.1234567.A1", ("HK", "granted"), filing_date=date(2012, 5, 4))
    nothing = (Cover.KNOW_HOW_ONLY, None)
    assert covers_of(kind="patent_licence", patents=[hk]) == {
        "CN": nothing, "HK": (Cover.PATENT, date(2032, 5, 4)), "MO": nothing,
    }  # fmt: skip


def test_a_member_of_the_family_covers_its_territory() -> None:
    family = Family.objects.create(kind="simple", number="39183031")
    hk = patent("HK.1234567.A1", ("HK", "granted"), simple_family=family)
    patent("CN.101357592.A", ("CN", "published"), simple_family=family)
    found = covers_of(kind="patent_licence", patents=[hk])
    assert {t: cover for t, (cover, _) in found.items()} == {
        "CN": Cover.PENDING, "HK": Cover.PATENT, "MO": Cover.KNOW_HOW_ONLY,
    }  # fmt: skip


def test_a_patent_past_its_term_covers_nothing() -> None:
    old = patent("CN.1000001.C", ("CN", "granted"), filing_date=date(2006, 11, 23))
    assert covers_of(kind="assignment", exclusivity=["exclusive"], patents=[old]) == dict.fromkeys(
        ("CN", "HK", "MO"), (Cover.NONE, None)
    )


def test_a_listing_that_names_no_patent() -> None:
    assert set(covers_of(ipr_status="patent_granted").values()) == {(Cover.UNKNOWN, None)}
    assert set(covers_of(ipr_status="secret_knowhow").values()) == {(Cover.KNOW_HOW_ONLY, None)}


@pytest.mark.parametrize("rows", [1, 5])
def test_its_cost_does_not_grow_with_the_listings(
    django_assert_num_queries: Any, rows: int
) -> None:
    owner = member_of(make_organisation("licensor"))
    for number in range(rows):
        family = Family.objects.create(kind="simple", number=str(number))
        first, _ = [make_patent(simple_family=family) for _ in range(2)]
        take(make_listing(owner, patents=[first]))
    with django_assert_num_queries(12):  # listings and eleven relations
        for one in Listing.objects.prefetch_related(*RELATIONS):
            assert availability(one, NOW)
