"""One right is never given twice: what shuts out what, and what may stand side by side."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from marketplace.core.errors import Conflict, Invalid
from marketplace.patents.models import Family
from marketplace.rights.models import Asset, Occupation
from marketplace.rights.services import assets_of, release
from tests.factories import NOW, make_listing, make_organisation, make_patent, member_of

from .conftest import Occupy

SOON = NOW + timedelta(days=30)


@pytest.mark.parametrize(
    "other",
    [
        {},
        {"fields": ["batteries/automotive"]},
        {"fields": ["batteries/電池"]},
        {"fields": []},
        {"territories": ["WORLD"]},
        {"acts": ["sell", "sublicense"]},
        {"start": date(2027, 12, 31), "end": None},
        {"exclusivity": "sole"},
        {"exclusivity": "non_exclusive"},
        {"kind": "reservation"},
        {"kind": "reservation", "exclusivity": "non_exclusive"},
        {"kind": "option", "exclusivity": "non_exclusive", "expires_at": SOON},
        {"kind": "lock", "expires_at": SOON},
    ],
)
def test_an_exclusive_grant_shuts_out_whatever_overlaps_it(
    take: Occupy, other: dict[str, Any]
) -> None:
    (held,) = take()
    with pytest.raises(Conflict):
        take(**other)
    assert list(Occupation.objects.all()) == [held]


@pytest.mark.parametrize(
    "other",
    [
        {"territories": ["HK", "MO", "TW"]},
        {"fields": ["medical"]},
        {"fields": ["batteries recycling"]},
        {"acts": ["import"]},
        {"start": date(2028, 1, 1), "end": None},
        {"start": date(2026, 1, 1), "end": date(2027, 1, 1)},
    ],
)
def test_what_is_apart_in_one_respect_is_free(take: Occupy, other: dict[str, Any]) -> None:
    take()
    take(**other)
    assert Occupation.objects.count() == 2


@pytest.mark.parametrize(
    ("first", "second", "both"),
    [
        ("non_exclusive", "non_exclusive", True),
        ("non_exclusive", "sole", False),
        ("non_exclusive", "exclusive", False),
        ("sole", "non_exclusive", False),
        ("sole", "sole", False),
        ("own_use", "sole", True),
        ("sole", "own_use", True),
        ("own_use", "non_exclusive", True),
        ("own_use", "own_use", True),
        ("own_use", "exclusive", False),
        ("exclusive", "own_use", False),
    ],
)
def test_the_exclusivities_side_by_side(take: Occupy, first: str, second: str, both: bool) -> None:
    claims: dict[str, Any] = {
        "own_use": {"kind": "reservation", "exclusivity": "non_exclusive"},
        **{name: {"exclusivity": name} for name in ("non_exclusive", "sole", "exclusive")},
    }
    take(**claims[first])
    if both:
        take(**claims[second])
    else:
        with pytest.raises(Conflict):
            take(**claims[second])
    assert Occupation.objects.count() == 1 + both


def test_a_refusal_says_what_stands_in_the_way_but_not_whose(take: Occupy) -> None:
    rival = make_organisation("buyer", name="Rival Ltd")
    take(holder=rival, fields=["medical/imaging"], territories=["CN", "HK"], end=date(2030, 1, 1))
    with pytest.raises(Conflict) as refused:
        take(fields=["medical"], acts=["sell", "offer"], end=None)
    assert refused.value.message == (
        "It is taken: EXCLUSIVE GRANT for CN; medical/imaging; to sell; "
        "from 2027-01-01 until 2030-01-01."
    )


def test_a_lock_lapses_by_itself(take: Occupy) -> None:
    take(kind="lock", expires_at=SOON)
    with pytest.raises(Conflict):
        take(now=SOON - timedelta(seconds=1))
    take(now=SOON)
    assert Occupation.objects.count() == 2


def test_a_lock_becomes_a_grant_at_once(take: Occupy) -> None:
    take(kind="lock", expires_at=SOON, subject="terms:1")
    (grant,) = take(subject="agreement:1", instead_of="terms:1", now=NOW + timedelta(days=1))
    lock = Occupation.objects.get(subject="terms:1")
    assert lock.live.upper == grant.live.lower == NOW + timedelta(days=1)


def test_a_refused_grant_leaves_the_lock_as_it_was(take: Occupy) -> None:
    take(fields=["medical"])
    take(kind="lock", expires_at=SOON, subject="terms:1")
    with pytest.raises(Conflict):
        take(fields=[], subject="agreement:1", instead_of="terms:1")
    assert Occupation.objects.get(subject="terms:1").live.upper == SOON
    assert Occupation.objects.count() == 2


def test_one_cause_occupies_once_and_a_release_frees_it(take: Occupy) -> None:
    holder = make_organisation("buyer")
    first = take(subject="agreement:1", holder=holder)
    assert take(subject="agreement:1", holder=holder, now=NOW + timedelta(hours=1)) == first
    later = NOW + timedelta(days=1)
    assert release(subject="agreement:1", now=later) == 1
    assert release(subject="agreement:1", now=later) == 0
    take(now=later)
    assert Occupation.objects.count() == 2  # what was is kept


def test_an_amendment_takes_the_place_of_what_it_amends(take: Occupy) -> None:
    holder = make_organisation("buyer")
    take(subject="agreement:1", holder=holder)
    with pytest.raises(Conflict):
        take(subject="agreement:1", holder=holder, territories=["CN", "HK"])
    assert [one.territories for one in Occupation.objects.all()] == [["CN"]]
    later = NOW + timedelta(days=1)
    (wider,) = take(
        subject="agreement:1",
        instead_of="agreement:1",
        holder=holder,
        territories=["CN", "HK"],
        now=later,
    )
    before = Occupation.objects.exclude(pk=wider.pk).get()
    assert (before.live.upper, wider.live.lower, wider.live.upper) == (later, later, None)


def test_a_release_by_a_clock_that_is_behind_frees_too(take: Occupy) -> None:
    take(subject="agreement:1")
    assert release(subject="agreement:1", now=NOW - timedelta(seconds=2)) == 1
    take()


def test_two_listings_of_one_invention_share_its_patents(take: Occupy) -> None:
    cn, hk = make_patent("CN.101000001.B"), make_patent("HK.1100001.A1")
    family = Family.objects.create(kind="simple", number="39183031")
    for patent in (cn, hk):
        patent.simple_family = family
        patent.save()
    owner = make_organisation("licensor")
    one = assets_of(make_listing(member_of(owner), patents=[cn]))
    other = assets_of(make_listing(member_of(owner), patents=[hk]))
    assert {a.kind for a in one} == {"patent", "know_how"}
    assert {a.patent_id for a in one} == {a.patent_id for a in other} == {None, cn.pk, hk.pk}
    take(assets=one)
    with pytest.raises(Conflict):
        take(assets=other)
    assert Occupation.objects.count() == len(one)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"kind": "lock"}, "expires_at"),
        ({"expires_at": SOON}, "expires_at"),
        ({"kind": "option", "expires_at": NOW}, "expires_at"),
        ({"kind": "reservation", "exclusivity": "sole"}, "exclusivity"),
        ({"end": date(2027, 1, 1)}, "end"),
        ({"assets": []}, "assets"),
    ],
)
def test_what_cannot_be_occupied(take: Occupy, wrong: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        take(**wrong)
    assert refused.value.field == (field,)
    assert Occupation.objects.count() == 0


def test_the_database_refuses_what_goes_round_the_service(take: Occupy) -> None:
    (held,) = take()
    held.pk = None
    held.subject, held.fields = "elsewhere", ["batteries/automotive/lorries"]
    with pytest.raises(IntegrityError, match="no_right_is_granted_twice"), transaction.atomic():
        held.save(force_insert=True)
    held.acts = []
    with pytest.raises(IntegrityError, match="occupies_something"), transaction.atomic():
        held.save(force_insert=True)
    assert Occupation.objects.count() == 1
    assert Asset.objects.count() == 1
