"""Offers, counter-offers and acceptance by the documents clients use."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conftest import Api, gid
from tests.factories import make_deal, make_offer, make_parties, make_patent, member_of

pytestmark = pytest.mark.django_db
TERMS: dict[str, Any] = {
    "exclusivity": "SOLE",
    "knowHow": True,
    "territories": ["cn"],
    "fieldsOfUse": ["Batteries"],
    "acts": ["SELL", "MAKE"],
    "start": "2027-01-01",
    "end": "2032-01-01",
    "currency": "hkd",
    "upfront": 50_000_000,
    "milestones": [
        {"what": "Pilot", "evidence": "Report", "due": "2028-01-01", "amount": 10_000_000}
    ],
    "royalty": {"base": "NET_SALES", "tiers": [{"above": 0, "rate": 300}]},
    "governingLaw": "HK",
    "seat": "Hong Kong",
    "rules": "HKIAC",
}


def test_from_offer_to_lock(api: Api) -> None:
    patent = make_patent()
    parties = make_parties(patents=[patent])
    deal = gid("Deal", make_deal(parties).pk)
    licensor, buyer = api.as_(parties.licensor), api.as_(parties.buyer)
    terms = {**TERMS, "patents": [gid("Patent", patent.pk)]}
    made = licensor.run("offer_make", deal=deal, terms=terms, answering=0)["offerMake"]
    assert made["errors"] == []
    assert (made["offer"]["number"], made["offer"]["differences"]) == (1, [])

    said = buyer.run("comment_add", deal=deal, text="Sole is fine; the fee is not.")
    assert said["commentAdd"]["errors"] == []
    counter = buyer.run(
        "offer_make", deal=deal, terms={**terms, "upfront": 40_000_000}, answering=1
    )["offerMake"]
    assert counter["offer"]["differences"] == ["Upfront fee: HKD 500,000.00 → HKD 400,000.00"]

    seen = licensor.run("negotiation", deal=deal, language="ZH_HANT")["deal"]["negotiation"]
    assert sorted(seen["availableActions"]) == ["accept", "offer"]
    assert seen["offers"][1]["differences"] == ["入門費: HKD 500,000.00 → HKD 400,000.00"]
    first = seen["offers"][0]["terms"]
    assert seen["offers"][0]["patents"] == [{"id": gid("Patent", patent.pk), "docdb": patent.docdb}]
    assert {name: first[name] for name in ("territories", "fieldsOfUse", "acts", "currency")} == {
        "territories": ["CN"],
        "fieldsOfUse": ["batteries"],
        "acts": ["MAKE", "SELL"],
        "currency": "HKD",
    }
    assert first["royalty"]["tiers"] == [{"above": 0, "rate": 300}]
    assert [comment["text"] for comment in seen["comments"]] == ["Sole is fine; the fee is not."]

    late = licensor.run("offer_accept", deal=deal, number=1)["offerAccept"]
    assert [error["code"] for error in late["errors"]] == ["CONFLICT"]
    accepted = licensor.run("offer_accept", deal=deal, number=2)["offerAccept"]
    assert accepted["errors"] == []
    assert accepted["deal"]["negotiation"]["state"] == "ACCEPTED"
    assert accepted["deal"]["negotiation"]["availableActions"] == []


def test_every_wrong_term_is_named_where_the_client_wrote_it(api: Api) -> None:
    parties = make_parties()
    deal = gid("Deal", make_deal(parties).pk)
    wrong = {
        **TERMS,
        "upfront": -5,
        "milestones": [{**TERMS["milestones"][0], "amount": -1}],
        "governingLaw": "Atlantis",
    }
    made = api.as_(parties.buyer).run("offer_make", deal=deal, terms=wrong, answering=0)
    assert [error["field"] for error in made["offerMake"]["errors"]] == [
        ["terms", "upfront"],
        ["terms", "milestones", "0", "amount"],
        ["terms", "governingLaw"],
    ]
    assert api.as_(parties.buyer).run("negotiation", deal=deal, language="EN") == {
        "deal": {"id": deal, "negotiation": None}
    }


def test_a_dealmaker_offers_and_an_admin_accepts(api: Api) -> None:
    parties = make_parties()
    row = make_deal(parties)
    deal = gid("Deal", row.pk)
    make_offer(parties, row)
    dealmaker = api.as_(member_of(row.buyer, "dealmaker"))
    seen = dealmaker.run("negotiation", deal=deal, language="EN")["deal"]["negotiation"]
    assert seen["availableActions"] == ["offer"]
    refused = dealmaker.run("offer_accept", deal=deal, number=1)["offerAccept"]
    assert [error["code"] for error in refused["errors"]] == ["FORBIDDEN"]


@pytest.mark.parametrize("offers", [2, 12])
def test_talks_cost_the_same_however_long(api: Api, django_assert_num_queries, offers: int) -> None:
    patent = make_patent()
    parties = make_parties(patents=[patent])
    row = make_deal(parties)
    for number in range(offers):
        make_offer(parties, row, upfront=number, patents=[patent.pk])
    client = api.as_(parties.buyer)
    # user, memberships, deal, NDAs, talks, offers, organisations, comments, patents, mandates
    with django_assert_num_queries(10):
        seen = client.run("negotiation", deal=gid("Deal", row.pk), language="EN")
    assert len(seen["deal"]["negotiation"]["offers"]) == offers
