"""From an enquiry to an NDA in force, and a broker's mandate, by the documents clients use."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from marketplace.core.language import to_traditional
from marketplace.documents.links import document_link
from tests.conftest import Api, gid
from tests.factories import (
    ANSWERS,
    TEXT,
    make_deal,
    make_enquiry,
    make_listing,
    make_nda,
    make_organisation,
    make_parties,
    member_of,
    publish,
)

pytestmark = pytest.mark.django_db
SECRET = {
    "anonymous": True,
    "texts": [{**TEXT, "confidential": "Sinter at 1,140 degrees."}],
    "contact_name": "Ms Wong",
    "contact_email": "wong@example.com",
}


def test_from_enquiry_to_nda_each_side_sees_what_is_its_turn(api: Api) -> None:
    parties = make_parties(**SECRET)
    buyer, licensor = api.as_(parties.buyer), api.as_(parties.licensor)
    questions = buyer.run("enquiry_questions", language="ZH_HANT")["enquiryQuestions"]
    assert [(one["name"], one["limit"]) for one in questions] == [
        ("application", 1000),
        ("fit", 1000),
        ("plan", 600),
    ]
    assert all(one["text"] == to_traditional(one["text"]) for one in questions)

    sent = buyer.run(
        "enquiry_send",
        input={
            "listing": gid("Listing", parties.listing.pk),
            "buyer": gid("Organisation", parties.buyer_id),
            **ANSWERS,
        },
    )["enquirySend"]
    assert sent["errors"] == []
    id = sent["deal"]["id"]
    assert sent["deal"]["availableActions"] == ["withdraw"]

    seen = buyer.run("deal", id=id)["deal"]
    assert (seen["licensor"], seen["level"]) == (None, "PUBLIC")
    assert seen["listing"]["contactEmail"] is None

    asked = licensor.run("deal", id=id)["deal"]
    assert asked["availableActions"] == ["accept", "decline"]
    accepted = licensor.run("deal_move", id=id, move="accept", revision=1)["dealMove"]
    assert accepted["errors"] == []

    seen = buyer.run("deal", id=id)["deal"]
    assert seen["licensor"]["name"] == parties.listing.owner.name
    assert (seen["level"], seen["listing"]["contactEmail"]) == ("ENQUIRY", "wong@example.com")
    assert seen["listing"]["confidential"] is None

    proposed = licensor.run(
        "nda_propose", deal=id, purpose="To judge it for buses.", termMonths=24
    )["ndaPropose"]
    assert proposed["errors"] == []
    for client, organisation in ((licensor, parties.licensor_id), (buyer, parties.buyer_id)):
        signed = client.run(
            "nda_sign",
            id=proposed["nda"]["id"],
            organisation=gid("Organisation", organisation),
            typedName="Chan Tai Man",
            sha256=proposed["nda"]["document"]["sha256"],
        )["ndaSign"]
        assert signed["errors"] == []
    assert signed["nda"]["document"]["unsignedBy"] == []

    seen = buyer.run("deal", id=id)["deal"]
    assert (seen["level"], seen["listing"]["confidential"]) == ("NDA", "Sinter at 1,140 degrees.")
    assert [event["kind"] for event in seen["events"]] == [
        "enquiry.send",
        "deal.accept",
        "nda.propose",
        "nda.sign",
        "nda.sign",
        "nda.in_force",
    ]
    page = Client().get(seen["ndas"][0]["document"]["pdf"])
    assert (page.status_code, page["Content-Type"]) == (200, "application/pdf")
    assert page.content.startswith(b"%PDF")


def test_a_link_to_a_document_cannot_be_made_up() -> None:
    parties = make_parties()
    document = make_nda(parties, make_deal(parties)).document
    good = document_link(document.pk)
    assert Client().get(good).status_code == 200
    for bad in (f"/documents/{document.pk}.pdf", good.replace(".pdf", "x.pdf")):
        assert Client().get(bad).status_code == 404


def test_who_moved_first_wins_and_the_second_reads_why(api: Api) -> None:
    parties = make_parties()
    id = gid("Deal", make_enquiry(parties).pk)
    api.as_(parties.licensor).run("deal_move", id=id, move="accept", revision=1)
    late = api.as_(parties.buyer).run("deal_move", id=id, move="withdraw", revision=1)["dealMove"]
    assert late["deal"] is None
    assert [(e["code"], e["field"]) for e in late["errors"]] == [("CONFLICT", ["revision"])]
    assert "deal.accept" in late["errors"][0]["message"]


def test_declining_says_which_reasons_there_are(api: Api) -> None:
    parties = make_parties()
    id = gid("Deal", make_enquiry(parties).pk)
    licensor = api.as_(parties.licensor)
    refused = licensor.run("deal_move", id=id, move="decline", revision=1)["dealMove"]
    assert refused["errors"][0]["field"] == ["reason"]
    assert "NO_CAPACITY" in refused["errors"][0]["message"]
    done = licensor.run(
        "deal_move", id=id, move="decline", revision=1, reason="NO_CAPACITY", note="Next year."
    )["dealMove"]
    assert (done["deal"]["state"], done["deal"]["declineReason"]) == ("DECLINED", "NO_CAPACITY")


def test_a_refusal_does_not_name_an_anonymous_owner(api: Api) -> None:
    parties = make_parties(anonymous=True)
    id = gid("Deal", make_enquiry(parties).pk)
    for move in ("accept", "decline", "end", "nonsense", ""):
        answer = api.as_(parties.buyer).run("deal_move", id=id, move=move, revision=1)["dealMove"]
        assert len(answer["errors"]) == 1
        assert parties.listing.owner.name not in answer["errors"][0]["message"]


def test_a_mandate_is_offered_accepted_and_revoked(api: Api) -> None:
    parties = make_parties()
    centre = member_of(make_organisation("transfer_centre"))
    principal, broker = api.as_(parties.licensor), api.as_(centre)
    offered = principal.run(
        "mandate_offer",
        input={
            "principal": gid("Organisation", parties.licensor_id),
            "centre": gid("Organisation", next(iter(centre.roles))),
            "acts": ["ANSWER"],
            "listings": [gid("Listing", parties.listing.pk)],
            "startsOn": "2000-01-01",
            "endsOn": "2999-12-31",
            "commissionBp": 500,
        },
    )["mandateOffer"]
    assert offered["errors"] == []
    id = offered["mandate"]["id"]
    deal = gid("Deal", make_enquiry(parties).pk)
    assert broker.run("deal", id=deal)["deal"] is None
    seen = broker.run("mandate", id=id)["mandate"]
    assert seen["availableActions"] == ["accept", "refuse"]
    broker.run("mandate_move", id=id, move="accept", revision=1)
    assert broker.run("deal", id=deal)["deal"]["availableActions"] == ["accept", "decline"]
    listed = broker.run("mandates", state="ACCEPTED")["mandates"]
    assert [edge["node"]["id"] for edge in listed["edges"]] == [id]
    revoked = principal.run("mandate_move", id=id, move="revoke", revision=2)["mandateMove"]
    assert revoked["mandate"]["state"] == "REVOKED"
    assert broker.run("deal", id=deal)["deal"] is None


@pytest.mark.parametrize("rows", [1, 8])
def test_a_page_of_deals_costs_the_same(api: Api, django_assert_num_queries, rows: int) -> None:
    parties = make_parties()
    for _ in range(rows):
        listing = publish(make_listing(parties.licensor), parties.licensor, parties.operator)
        make_deal(type(parties)(parties.licensor, parties.buyer, parties.operator, listing))
    client = api.as_(parties.buyer)
    # user, memberships, page, count, NDAs, texts, version of the NDA, mandates held
    with django_assert_num_queries(8):
        seen: dict[str, Any] = client.run("deals", first=50)["deals"]
    assert len(seen["edges"]) == seen["totalCount"] == rows
