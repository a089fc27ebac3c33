"""From an accepted offer to an active, amended and ended agreement, by the clients' documents."""

from __future__ import annotations

import pytest
from django.test import Client
from django.utils import timezone

from tests.api.test_negotiation import TERMS
from tests.conftest import Api, gid
from tests.factories import (
    Parties,
    activate_agreement,
    clear_deal,
    make_agreement,
    make_deal,
    make_parties,
    sign_agreement,
)

pytestmark = pytest.mark.django_db


def both_sign(
    api: Api, parties: Parties, operation: str, id: str, sha256: str
) -> dict[str, object]:
    for viewer, organisation in (
        (parties.licensor, parties.licensor_id),
        (parties.buyer, parties.buyer_id),
    ):
        data = (
            api.as_(viewer).run("agreement_sign", **signing(id, organisation, sha256))
            if operation == "agreement"
            else api.as_(viewer).run("amendment_sign", **signing(id, organisation, sha256))
        )
        (payload,) = data.values()
        assert payload["errors"] == []
    signed: dict[str, object] = payload[operation]
    return signed


def signing(id: str, organisation: object, sha256: str) -> dict[str, str]:
    return {
        "id": id,
        "organisation": gid("Organisation", organisation),
        "typedName": "Chan Tai Man",
        "sha256": sha256,
    }


def test_from_an_accepted_offer_to_the_end(api: Api) -> None:
    parties = make_parties()
    row = make_deal(parties)
    deal = gid("Deal", row.pk)
    licensor, buyer = api.as_(parties.licensor), api.as_(parties.buyer)
    early = licensor.run("agreement_draw_up", deal=deal)["agreementDrawUp"]
    assert [error["code"] for error in early["errors"]] == ["CONFLICT"]
    licensor.run("offer_make", deal=deal, terms=TERMS, answering=0)
    buyer.run("offer_accept", deal=deal, number=1)
    drawn_up = licensor.run("agreement_draw_up", deal=deal)["agreementDrawUp"]["agreement"]
    id = drawn_up["id"]
    assert drawn_up["availableActions"] == ["sign", "abandon"]

    signed = both_sign(api, parties, "agreement", id, drawn_up["document"]["sha256"])
    assert (signed["state"], signed["availableActions"]) == ("SIGNED", ["activate", "abandon"])
    refused = buyer.run("agreement_move", id=id, move="activate", revision=signed["revision"])
    assert "assessment" in refused["agreementMove"]["errors"][0]["message"]
    clear_deal(parties, row, now=timezone.now())
    active = buyer.run("agreement_move", id=id, move="activate", revision=signed["revision"])
    assert active["agreementMove"]["agreement"]["availableActions"] == ["terminate"]

    proposed = buyer.run("amendment_propose", agreement=id, terms={**TERMS, "upfront": 1})
    amendment = proposed["amendmentPropose"]["amendment"]
    withdrawn = buyer.run("amendment_withdraw", id=amendment["id"])["amendmentWithdraw"]
    assert withdrawn["amendment"]["state"] == "WITHDRAWN"
    proposed = buyer.run("amendment_propose", agreement=id, terms={**TERMS, "upfront": 2})
    amendment = proposed["amendmentPropose"]["amendment"]
    clear_deal(parties, row, now=timezone.now())
    in_force = both_sign(
        api, parties, "amendment", amendment["id"], amendment["document"]["sha256"]
    )
    assert (in_force["state"], in_force["terms"]) == (
        "IN_FORCE",
        {"upfront": 2, "currency": "HKD"},
    )

    seen = licensor.run("agreement", id=id)["agreement"]
    assert (seen["state"], seen["terms"]["upfront"]) == ("ACTIVE", 2)
    assert [one["state"] for one in seen["amendments"]] == ["WITHDRAWN", "IN_FORCE"]
    refused = licensor.run("agreement_move", id=id, move="terminate", revision=seen["revision"])
    assert refused["agreementMove"]["errors"][0]["field"] == ["reason"]
    ended = licensor.run(
        "agreement_move", id=id, move="terminate", revision=seen["revision"], reason="Unpaid."
    )["agreementMove"]["agreement"]
    assert (ended["state"], ended["reason"], ended["availableActions"]) == (
        "TERMINATED",
        "Unpaid.",
        [],
    )


def test_the_evidence_is_fetched_by_a_link_for_one_person(api: Api) -> None:
    parties = make_parties()
    deal = gid("Deal", make_deal(parties).pk)
    got = api.as_(parties.buyer).run("evidence_export", deal=deal)["evidenceExport"]
    page = Client().get(got["link"])
    assert (page.status_code, page["Content-Type"]) == (200, "application/zip")
    assert Client().get(got["link"] + "x").status_code == 404
    refused = api.as_(parties.operator).run("evidence_export", deal=deal)["evidenceExport"]
    assert [error["code"] for error in refused["errors"]] == ["FORBIDDEN"]


def test_a_dispute_is_answered_and_settled(api: Api) -> None:
    parties = make_parties()
    row = activate_agreement(parties, sign_agreement(parties, make_agreement(parties)))
    licensor, buyer = api.as_(parties.licensor), api.as_(parties.buyer)
    id = gid("Agreement", row.pk)
    raised = buyer.run("dispute_raise", agreement=id, claim="The pilot line does not run.")
    dispute = raised["disputeRaise"]["dispute"]
    assert dispute["availableActions"] == ["escalate", "settle", "withdraw"]
    answered = licensor.run(
        "dispute_move", id=dispute["id"], move="answer", text="It does.", revision=1
    )["disputeMove"]
    assert (answered["dispute"]["state"], answered["errors"]) == ("ANSWERED", [])
    settled = buyer.run(
        "dispute_move", id=dispute["id"], move="settle", text="It runs now.", revision=2
    )["disputeMove"]
    assert settled["dispute"]["state"] == "SETTLED"
    (seen,) = licensor.run("agreement", id=id)["agreement"]["disputes"]
    assert (seen["raisedBy"]["name"], seen["outcome"]) == (row.deal.buyer.name, "It runs now.")


def test_an_express_licence_is_accepted_and_asks_to_be_paid(api: Api) -> None:
    parties = make_parties()
    licensor, buyer = api.as_(parties.licensor), api.as_(parties.buyer)
    listing = gid("Listing", parties.listing.pk)
    fixed = {
        name: TERMS[name]
        for name in ("knowHow", "territories", "acts", "currency", "upfront", "governingLaw")
    }
    made = licensor.run(
        "express_offer_make",
        listing=listing,
        terms={**fixed, "seat": "Hong Kong", "rules": "HKIAC"},
        months=12,
        typedName="Wong Mei Ling",
    )["expressOfferMake"]
    assert made["errors"] == []
    offer = api.run("express_offer", listing=listing)["expressOffer"]
    assert (offer["months"], offer["terms"]["exclusivity"]) == (12, "NON_EXCLUSIVE")
    accepted = buyer.run(
        "express_accept",
        listing=listing,
        buyer=gid("Organisation", parties.buyer_id),
        sha256=offer["sha256"],
        typedName="王伟",
    )["expressAccept"]
    assert accepted["errors"] == []
    assert accepted["agreement"]["state"] == "SIGNED"
    assert accepted["invoice"]["total"] == {"amount": 50_000_000, "currency": "HKD"}
    withdrawn = licensor.run("express_offer_withdraw", listing=listing)["expressOfferWithdraw"]
    assert withdrawn["errors"] == []
    assert api.run("express_offer", listing=listing) == {"expressOffer": None}
