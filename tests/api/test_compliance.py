"""A dossier through the API: classified, signed off by both, in effect, registered, paid."""

from __future__ import annotations

import base64
import io
import json
import zipfile
from typing import Any

import pytest
from django.test import Client

from tests.conftest import Api, done, gid
from tests.factories import (
    Parties,
    clear_deal,
    make_deal,
    make_offer,
    make_organisation,
    make_parties,
    make_patent,
    member_of,
)

pytestmark = pytest.mark.django_db
PDF = base64.b64encode(b"%PDF-1.7 a contract").decode()
FACTS: dict[str, Any] = {
    "title": "Garnet",
    "technology": "电池正极材料制备技术",
    "amount": 106_000_000,
    "currency": "CNY",
    "terms": {
        "kind": "KNOW_HOW",
        "territories": ["CN"],
        "startsOn": "2027-01-01",
        "endsOn": "2031-12-31",
        "knowHow": True,
        "royalty": True,
        "royaltyUntil": "2031-12-31",
        "grossUp": True,
        "noChallenge": True,
        "grantBack": "NON_EXCLUSIVE",
        "grantBackPaid": True,
    },
    "files": [{"dataClass": "NO_PERSONAL"}],
}


def pair() -> tuple[Api, Api, dict[str, str]]:
    licensor, licensee = (
        make_organisation("licensor"),
        make_organisation("buyer", jurisdiction="CN"),
    )
    ids = {
        "licensor": gid("Organisation", licensor.pk),
        "licensee": gid("Organisation", licensee.pk),
    }
    return Api().as_(member_of(licensor)), Api().as_(member_of(licensee)), ids


def test_from_plain_facts_to_the_banks_bundle(api: Api) -> None:
    licensor, licensee, ids = pair()
    dossier = done(licensor.run("dossier_create", input={**ids, **FACTS}))["dossier"]
    said = {
        "taxResident": "HK", "beneficialOwner": True, "hkResidentCertificateUntil": "2099-12-31",
    }  # fmt: skip
    changes = {"licensorTax": said}
    refused = licensee.run("dossier_update", id=dossier["id"], revision=1, changes=changes)
    assert refused["dossierUpdate"]["errors"][0]["code"] == "FORBIDDEN"
    done(licensor.run("dossier_update", id=dossier["id"], revision=1, changes=changes))

    seen = licensee.run("dossier", id=dossier["id"])
    ways = {(one["direction"], one["cause"]): one for one in seen["dossier"]["classifications"]}
    assert set(ways) == {
        ("CN_IMPORT", "LICENCE"),
        ("HK_STRATEGIC", "LICENCE"),
        ("CN_EXPORT", "GRANT_BACK"),
    }
    best = ways["CN_EXPORT", "GRANT_BACK"]["suggestions"][0]
    assert (best["code"], best["prohibited"]) == ("252604X", False)
    assert "电池正极材料制备" in best["words"][0]
    back = ways["CN_EXPORT", "GRANT_BACK"]["id"]
    wrong = licensor.run("classification_decide", id=back, move="restrict", note="L", code="25X")
    assert wrong["classificationDecide"]["errors"][0]["field"] == ["code"]
    done(licensor.run("classification_decide", id=back, move="restrict", note="L", code="252604X"))
    done(
        licensee.run(
            "classification_decide", id=back, move="license", note="Granted.",
            licenceNumber="CN-EX-1", licenceExpiresOn="2099-12-31",
        )
    )  # fmt: skip
    for way in (("CN_IMPORT", "LICENCE"), ("HK_STRATEGIC", "LICENCE")):
        done(
            licensor.run("classification_decide", id=ways[way]["id"], move="free", note="No item.")
        )

    found = done(licensor.run("dossier_assess", id=dossier["id"], language="ZH_HANT"))["assessment"]
    checks = {one["name"]: one for one in found["checks"]}
    assert checks["clauses"]["verdict"] == "STOP"
    assert "cn-hk-wht-treaty" in checks["tax"]["rules"]
    assert found["notice"]
    for client in (licensor, licensee):
        signed = done(client.run("assessment_sign", id=found["id"]))["assessment"]
    assert [one["side"] for one in signed["signOffs"]] == ["licensor", "licensee"]
    (stop,) = licensor.run("dossier", id=dossier["id"])["dossierObstacles"]
    obstacle = stop["reason"]
    assert obstacle.startswith("clauses: ")
    early = licensor.run("dossier_activate", id=dossier["id"], effectiveOn="2026-11-30")
    assert [one["message"] for one in early["dossierActivate"]["errors"]] == [obstacle]
    override = done(
        licensor.run("override_ask", assessment=found["id"], check="clauses", reason="Agreed.")
    )["override"]
    alone = licensor.run("override_agree", id=override["id"])["overrideAgree"]
    assert alone["errors"][0]["code"] == "FORBIDDEN"
    done(licensee.run("override_agree", id=override["id"]))

    active = done(licensor.run("dossier_activate", id=dossier["id"], effectiveOn="2026-11-30"))
    assert [(one["register"], one["dueOn"]) for one in active["dossier"]["tasks"]] == [
        ("mofcom", None),
        ("recognition", None),
    ]
    first = done(licensee.run("dossier_first_royalty", id=dossier["id"], on="2027-04-01"))
    assert first["dossier"]["tasks"][0]["dueOn"] == "2027-05-31"
    task = active["dossier"]["tasks"][0]["id"]
    early = licensee.run("register_task_move", id=task, move="done")["registerTaskMove"]
    assert [error["code"] for error in early["errors"]] == ["CONFLICT"]
    for kind in ("CONTRACT", "MOFCOM_CERTIFICATE"):
        paper = done(
            licensee.run(
                "paper_add", dossier=dossier["id"], kind=kind, name="a.pdf", content=PDF, number="7"
            )
        )["paper"]
    assert done(licensee.run("register_task_move", id=task, move="done"))["task"]["state"] == "DONE"
    assert Client().get(paper["link"]).content == b"%PDF-1.7 a contract"
    assert Client().get(paper["link"] + "x").status_code == 404

    bank = licensee.run(
        "remittance_bundle", dossier=dossier["id"], amount=6_000_000, currency="USD"
    )["remittanceBundle"]
    assert bank["missing"] == ["INVOICE", "DATA_SHEET", "TAX_PROOF", "TAX_RECORD"]
    with zipfile.ZipFile(io.BytesIO(base64.b64decode(bank["zip"]))) as archive:
        assert archive.namelist() == ["bundle.json", "01-contract.pdf", "03-mofcom_certificate.pdf"]
        assert json.loads(archive.read("bundle.json"))["missing"][0] == "invoice"


def test_the_dossier_of_a_deal_is_for_its_sides(api: Api) -> None:
    parties = make_parties()
    deal = make_deal(parties)
    opened = done(api.as_(parties.buyer).run("dossier_open", deal=gid("Deal", deal.pk)))["dossier"]
    assert (opened["state"], opened["amount"]) == ("OPEN", None)
    stranger = api.as_(member_of(make_organisation("buyer")))
    assert stranger.run("node", id=opened["id"])["node"] is None
    assert stranger.run("dossiers")["dossiers"]["totalCount"] == 0
    seen = stranger.run("dossier", id=opened["id"])
    assert seen == {"dossier": None, "dossierObstacles": None}
    assert api.as_(parties.operator).run("node", id=opened["id"])["node"]["id"] == opened["id"]


@pytest.mark.parametrize("content", ["not base64!", "AAAA", ""])
def test_a_wrong_paper_is_told(api: Api, content: str) -> None:
    licensor, _, ids = pair()
    dossier = done(licensor.run("dossier_create", input={**ids, **FACTS}))["dossier"]["id"]
    added = licensor.run(
        "paper_add", dossier=dossier, kind="CONTRACT", name="a.pdf", content=content
    )["paperAdd"]
    assert [error["field"] for error in added["errors"]] == [["content"]]


def test_the_catalogue_is_open_to_all(api: Api) -> None:
    said = api.run(
        "catalogue_suggestions", text="磷酸鐵鋰正極材料", direction="CN_EXPORT", on="2026-11-23",
        language="ZH_HANT",
    )["catalogueSuggestions"]  # fmt: skip
    assert (said[0]["code"], said[0]["name"]) == ("252604X", "電池正極材料製備技術")
    assert said[0]["answer"]["rules"] == ["cn-export-252604x"]


def weighed(api: Api, parties: Parties, deal: object) -> list[dict[str, Any]]:
    seen = api.run("offers_weighed", deal=gid("Deal", deal))["deal"]["negotiation"]["offers"]
    found: list[dict[str, Any]] = seen
    return found


def test_beside_every_offer_both_sides_see_what_it_leaves(api: Api) -> None:
    parties = make_parties()
    deal = make_deal(parties)
    make_offer(parties, deal, currency="CNY", upfront=106_000_000)
    make_offer(parties, deal, by="buyer", upfront=0, gross_up=True, challenge_allowed=False)
    both = [weighed(api.as_(one), parties, deal.pk) for one in (parties.licensor, parties.buyer)]
    assert both[0] == both[1]
    first, second = both[0]
    assert first["grossToNet"]["net"] == {"amount": 89_970_000, "currency": "CNY"}
    assert "gross_up_missing" in [one["code"] for one in first["findings"]]
    assert json.loads(first["law"]["value"]) is True
    assert "cn-foreign-related" in first["seat"]["rules"]
    assert second["grossToNet"] is None
    assert [one["code"] for one in second["findings"]] == ["no_challenge"]


@pytest.mark.parametrize("offers", [1, 6])
def test_offers_are_weighed_at_the_same_cost(
    api: Api, django_assert_num_queries: Any, offers: int
) -> None:
    patent = make_patent()
    parties = make_parties(patents=[patent])
    deal = make_deal(parties)
    for number in range(offers):
        make_offer(parties, deal, upfront=number + 1, patents=[patent.pk])
    client = api.as_(parties.buyer)
    # user, memberships, deal, NDAs, talks, offers, organisations, dossier, patents, events,
    # and each rule once
    with django_assert_num_queries(25):
        assert len(weighed(client, parties, deal.pk)) == offers


@pytest.mark.parametrize("dossiers", [1, 5])
def test_a_page_of_dossiers_costs_the_same(
    api: Api, django_assert_num_queries: Any, dossiers: int
) -> None:
    parties = make_parties()
    owner = parties.licensor
    for _ in range(dossiers):
        buyer = member_of(make_organisation("buyer", jurisdiction="CN"))
        others = Parties(owner, buyer, parties.operator, parties.listing)
        clear_deal(others, make_deal(others))
    client = api.as_(owner)
    # user, memberships, page, count, classifications, deciders, tasks, papers, assessments,
    # sign-offs, their users, overrides, and two catalogues
    with django_assert_num_queries(14):
        assert client.run("dossiers")["dossiers"]["totalCount"] == dossiers
