"""What is free, what is taken, and what an owner keeps, by the documents clients use."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import timezone
from graphql_relay import to_global_id

from marketplace.accounts.models import Organisation
from marketplace.accounts.viewer import ANONYMOUS
from marketplace.listings.models import Listing
from marketplace.rights.models import Occupation
from marketplace.rights.services import assets_of, occupy
from tests.conftest import Api
from tests.factories import (
    Parties,
    make_listing,
    make_operator,
    make_organisation,
    make_parties,
    make_patent,
    member_of,
)

pytestmark = pytest.mark.django_db
ACTS = ["MAKE", "USE", "SELL", "OFFER", "IMPORT", "SUBLICENSE"]
Codes = Callable[[dict[str, Any]], list[str]]


def gid(listing: Listing) -> str:
    return to_global_id("Listing", str(listing.pk))


def grant(parties: Parties, **wanted: Any) -> list[Occupation]:
    return occupy(
        **{
            "owner": parties.listing.owner,
            "holder": make_organisation("buyer"),
            "assets": assets_of(parties.listing),
            "territories": ["CN"],
            "fields": ["batteries/automotive"],
            "acts": ["make"],
            "exclusivity": "exclusive",
            "kind": "grant",
            "start": timezone.localdate(),
            "end": None,
            "subject": "agreement:1",
            "now": timezone.now(),
            **wanted,
        }
    )


def test_listing_availability_is_public(api: Api) -> None:
    parties = make_parties(territories=["CN", "HK"], exclusivity=["sole", "non_exclusive"])
    grant(parties)
    seen = api.run("listing_availability", id=gid(parties.listing))["listing"]["availability"]
    today = timezone.localdate().isoformat()
    both = ["SOLE", "NON_EXCLUSIVE"]

    def row(**fields: Any) -> dict[str, Any]:
        return {
            "fieldOfUse": "batteries",
            "exceptFields": [],
            "acts": ACTS,
            "exclusivities": both,
            "start": today,
            "until": None,
            **fields,
        }

    assert seen == [
        {
            "territories": ["CN"],
            "cover": "UNKNOWN",
            "coverUntil": None,
            "left": "SOME",
            "free": [row(acts=["MAKE"], exceptFields=["batteries/automotive"]), row(acts=ACTS[1:])],
        },
        {
            "territories": ["HK"],
            "cover": "UNKNOWN",
            "coverUntil": None,
            "left": "ALL",
            "free": [row()],
        },
    ]


def test_an_anonymous_owner_is_not_named_by_the_end_of_a_term(api: Api) -> None:
    patent = make_patent("CN.101357592.B", filing_date=date(2019, 7, 13))
    patent.events.create(territory="CN", kind="granted", on=date(2021, 1, 5))
    parties = make_parties(anonymous=True, patents=[patent])
    seen = {
        who: client.run("listing_availability", id=gid(parties.listing))["listing"]["availability"]
        for who, client in (("public", api), ("owner", api.as_(parties.licensor)))
    }
    assert {who: (part["cover"], part["coverUntil"]) for who, (part,) in seen.items()} == {
        "public": ("PATENT", None),
        "owner": ("PATENT", "2039-07-13"),
    }


def test_reservation_create_and_release(api: Api) -> None:
    parties = make_parties()
    owner = api.as_(parties.licensor)
    made = owner.run(
        "reservation_create",
        input={
            "listing": gid(parties.listing),
            "territories": ["CN"],
            "fieldsOfUse": ["Batteries / Grid"],
            "exclusivity": "EXCLUSIVE",
            "start": "2027-01-01",
            "until": "2029-01-01",
        },
    )["reservationCreate"]
    assert made["errors"] == []
    (one,) = made["occupations"]
    assert one == {
        "id": one["id"],
        "kind": "RESERVATION",
        "assetKind": "KNOW_HOW",
        "territories": ["CN"],
        "fieldsOfUse": ["batteries/grid"],
        "acts": ACTS,
        "start": "2027-01-01",
        "until": "2029-01-01",
        "availableActions": ["release"],
    }
    released = owner.run("reservation_release", id=one["id"])["reservationRelease"]
    assert released["errors"] == []
    assert [o["availableActions"] for o in released["occupations"]] == [[]]
    again = owner.run("reservation_release", id=one["id"])["reservationRelease"]
    assert again["errors"] == [
        {"code": "CONFLICT", "message": "It is released already.", "field": ["id"]}
    ]
    assert owner.run("occupations")["occupations"]["totalCount"] == 0
    assert owner.run("occupations", past=True)["occupations"]["totalCount"] == 1


def test_a_reservation_of_what_is_granted_says_what_stands_in_the_way(api: Api) -> None:
    parties = make_parties()
    grant(parties, holder=make_organisation("buyer", name="Rival Ltd"))
    answer = api.as_(parties.licensor).run(
        "reservation_create",
        input={
            "listing": gid(parties.listing),
            "territories": ["WORLD"],
            "exclusivity": "NON_EXCLUSIVE",
        },
    )["reservationCreate"]
    today = timezone.localdate()
    assert answer["errors"] == [
        {
            "code": "CONFLICT",
            "message": "It is taken: EXCLUSIVE GRANT for CN; batteries/automotive; to make; "
            f"from {today} for good.",
            "field": ["exclusivity"],
        }
    ]
    assert Occupation.objects.count() == 1


@pytest.mark.parametrize(
    ("who", "code"),
    [
        ("anonymous", "FORBIDDEN"),
        ("stranger", "FORBIDDEN"),
        ("reader", "FORBIDDEN"),
        ("operator", "FORBIDDEN"),
        ("owner", None),
    ],
)
def test_who_may_reserve_and_release(api: Api, codes: Codes, who: str, code: str | None) -> None:
    parties = make_parties()
    viewer = {
        "anonymous": ANONYMOUS,
        "stranger": parties.buyer,
        "reader": member_of(parties.listing.owner, "viewer"),
        "operator": make_operator(),
        "owner": parties.licensor,
    }[who]
    input = {"listing": gid(parties.listing), "territories": ["HK"], "exclusivity": "EXCLUSIVE"}
    made = api.as_(viewer).run("reservation_create", input=input)["reservationCreate"]
    assert codes(made) == ([code] if code else [])
    assert Occupation.objects.count() == (0 if code else 1)
    if code is None:
        return
    api.as_(parties.licensor).run("reservation_create", input=input)
    one = Occupation.objects.get()
    id = to_global_id("Occupation", str(one.pk))
    released = api.as_(viewer).run("reservation_release", id=id)["reservationRelease"]
    unseen = who in ("anonymous", "stranger")
    assert codes(released) == ["NOT_FOUND" if unseen else "FORBIDDEN"]
    one.refresh_from_db()
    assert one.live.upper is None


def test_what_no_operator_has_looked_at_cannot_be_reserved(api: Api, codes: Codes) -> None:
    owner = member_of(make_organisation("licensor"))
    draft = make_listing(owner, patents=[make_patent()])
    made = api.as_(owner).run(
        "reservation_create",
        input={"listing": gid(draft), "territories": ["CN"], "exclusivity": "EXCLUSIVE"},
    )["reservationCreate"]
    assert codes(made) == ["CONFLICT"]
    assert Occupation.objects.count() == 0


def test_a_grant_is_not_released_as_a_reservation(api: Api, codes: Codes) -> None:
    parties = make_parties()
    (held,) = grant(parties)
    released = api.as_(parties.licensor).run(
        "reservation_release", id=to_global_id("Occupation", str(held.pk))
    )["reservationRelease"]
    assert codes(released) == ["FORBIDDEN"]
    held.refresh_from_db()
    assert held.live.upper is None


def test_occupations_are_seen_by_both_sides_alone(api: Api) -> None:
    parties = make_parties()
    rival = member_of(make_organisation("buyer", name="Rival Ltd"))
    grant(parties, holder=Organisation.objects.get(pk=next(iter(rival.roles))))
    lapsed = timezone.now() - timedelta(days=2)
    grant(
        parties,
        kind="lock",
        territories=["HK"],
        subject="terms:1",
        now=lapsed,
        expires_at=lapsed + timedelta(days=1),
    )
    counts = {
        who: api.as_(viewer).run("occupations", listing=gid(parties.listing))["occupations"][
            "totalCount"
        ]
        for who, viewer in (
            ("owner", parties.licensor),
            ("holder", rival),
            ("operator", parties.operator),
            ("buyer", parties.buyer),
            ("anonymous", ANONYMOUS),
        )
    }
    assert counts == {"owner": 1, "holder": 1, "operator": 1, "buyer": 0, "anonymous": 0}
    everything = api.as_(parties.licensor).run("occupations", past=True)["occupations"]
    assert [edge["node"]["kind"] for edge in everything["edges"]] == ["LOCK", "GRANT"]


def test_field_join(api: Api, codes: Codes) -> None:
    parties = make_parties()
    grant(parties, fields=["battery/automotive"])
    owner = api.as_(parties.licensor)

    def left() -> list[str]:
        answer = owner.run("listing_availability", id=gid(parties.listing))
        return [part["left"] for part in answer["listing"]["availability"]]

    assert left() == ["ALL"]
    join = {"path": "Battery", "to": "batteries"}
    assert codes(owner.run("field_join", **join)["fieldJoin"]) == ["FORBIDDEN"]
    assert left() == ["ALL"]
    made = api.as_(parties.operator).run("field_join", **join)["fieldJoin"]
    assert made == {"fieldName": {"path": "battery", "joinedTo": "batteries"}, "errors": []}
    assert api.run("field_names") == {"fieldNames": [made["fieldName"]]}
    assert left() == ["SOME"]


@pytest.mark.parametrize("rows", [1, 8])
def test_a_page_of_occupations_costs_the_same(
    api: Api, django_assert_num_queries: Any, rows: int
) -> None:
    parties = make_parties(patents=[make_patent()])
    for number in range(rows):
        grant(parties, exclusivity="non_exclusive", subject=f"agreement:{number}")
    client = api.as_(parties.licensor)
    with django_assert_num_queries(6):  # user, memberships, page, count, owners, holders
        seen = client.run("occupations")["occupations"]
    assert len(seen["edges"]) == seen["totalCount"] == 2 * rows


@pytest.mark.parametrize("rows", [1, 8])
def test_the_availability_of_many_listings_costs_the_same(
    api: Api, django_assert_num_queries: Any, rows: int
) -> None:
    owner = member_of(make_organisation("licensor"))
    for number in range(rows):
        listing = make_listing(owner, patents=[make_patent()])
        grant(Parties(owner, owner, owner, listing), subject=f"agreement:{number}")
    client = api.as_(owner)
    with django_assert_num_queries(10):  # user, memberships, page, names, six that it rests on
        seen = client.post("{ listings { edges { node { availability { left } } } } }")
    found = [edge["node"]["availability"] for edge in seen["data"]["listings"]["edges"]]
    assert found == [[{"left": "SOME"}]] * rows
