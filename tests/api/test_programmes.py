"""Certificates, programmes and screening through the API."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.urls import reverse
from graphql_relay import to_global_id

from marketplace.core.outbox import drain
from marketplace.listings.services import listing_move
from marketplace.screening.lists import Entry
from marketplace.screening.services import list_load
from tests.conftest import Api, done
from tests.factories import (
    NOW,
    make_listing,
    make_operator,
    make_organisation,
    member_of,
    staff,
)

pytestmark = pytest.mark.django_db


def gid(pk: object) -> str:
    return str(to_global_id("Organisation", str(pk)))


def test_a_certificate_opens_a_programme(api: Api) -> None:
    firm = make_organisation("licensor")
    own, operator = api.as_(member_of(firm)), api.as_(make_operator())
    id = gid(firm.pk)
    early = own.run("programme_apply", organisation=id, programme="cepa_supplier")["programmeApply"]
    assert [error["code"] for error in early["errors"]] == ["INVALID"]
    shown = done(
        own.run(
            "supplier_certificate_submit", organisation=id, sector="Technical testing",
            number="HKSS-1", expiresOn="2099-12-31", evidence="file 1",
        )
    )["certificate"]  # fmt: skip
    assert (shown["state"], shown["availableActions"]) == ("SUBMITTED", [])
    decided = operator.run("supplier_certificate_decide", id=shown["id"], approve=True)
    assert done(decided)["certificate"]["state"] == "APPROVED"
    (edge,) = own.run("supplier_certificates", state="APPROVED")["supplierCertificates"]["edges"]
    assert edge["node"]["number"] == "HKSS-1"

    sent = done(own.run("programme_apply", organisation=id, programme="cepa_supplier"))
    application = sent["application"]
    assert application["rules"] == ["any-programme-cepa-supplier"]
    assert own.run("programme_effects", organisation=id)["programmeEffects"] == {
        "listingFeeBp": 10_000, "commissionBp": 10_000, "priorityReview": False, "rules": [],
        "status": "CONFIRMED",
    }  # fmt: skip
    wrong = own.run("programme_decide", id=application["id"], move="approve")["programmeDecide"]
    assert [error["code"] for error in wrong["errors"]] == ["FORBIDDEN"]
    approved = done(operator.run("programme_decide", id=application["id"], move="approve"))
    assert approved["application"]["state"] == "APPROVED"
    assert own.run("programme_effects", organisation=id)["programmeEffects"] == {
        "listingFeeBp": 10_000,
        "commissionBp": 9_000,
        "priorityReview": True,
        "rules": ["any-programme-cepa-supplier"],
        "status": "NEEDS_CONFIRMATION",
    }
    (edge,) = operator.run("programme_applications")["programmeApplications"]["edges"]
    assert edge["node"]["availableActions"] == ["end"]


def test_others_see_none_of_it(api: Api) -> None:
    firm = make_organisation("licensor")
    own = api.as_(member_of(firm))
    for number in ("HKSS-1", "HKSS-2"):
        shown = own.run(
            "supplier_certificate_submit", organisation=gid(firm.pk), sector="x", number=number,
            expiresOn="2099-12-31", evidence="y",
        )  # fmt: skip
    stranger = api.as_(member_of(make_organisation("buyer")))
    assert stranger.run("supplier_certificates")["supplierCertificates"]["edges"] == []
    assert stranger.run("programme_effects", organisation=gid(firm.pk))["programmeEffects"] is None
    certificate = shown["supplierCertificateSubmit"]["certificate"]["id"]
    assert stranger.run("node", id=certificate)["node"] is None
    assert own.run("node", id=certificate)["node"]["id"] == certificate


def test_programmes_are_open_to_all_with_their_rules(api: Api) -> None:
    said = api.run("programmes", on="2026-11-23", language="ZH_HANT")["programmes"]
    assert [one["key"] for one in said] == ["cepa_supplier", "hub_tenant", "youth_startup"]
    assert said[1]["name"] == "港資創新園區入駐企業"
    assert said[1]["effects"] == {
        "listingFeeBp": 5000, "commissionBp": 8000, "priorityReview": True,
    }  # fmt: skip
    tests = json.loads(said[1]["answer"]["value"])["all"]
    assert [one["fact"] for one in tests] == ["hk_macao_invested", "zone"]
    assert said[1]["answer"]["status"] == "NEEDS_CONFIRMATION"


@pytest.mark.parametrize("certificates", [1, 5])
def test_a_page_costs_the_same(api: Api, django_assert_num_queries: Any, certificates: int) -> None:
    firm = make_organisation("licensor")
    own = api.as_(member_of(firm))
    for number in range(certificates):
        done(
            own.run(
                "supplier_certificate_submit", organisation=gid(firm.pk), sector="x",
                number=f"HKSS-{number}", expiresOn="2099-12-31", evidence="y",
            )
        )  # fmt: skip
    with django_assert_num_queries(4):  # user, memberships, page, count
        seen = own.run("supplier_certificates")["supplierCertificates"]
    assert seen["totalCount"] == certificates


def test_who_has_priority_comes_first_in_review(api: Api) -> None:
    firm = make_organisation("licensor", jurisdiction="HK")
    own, operator = member_of(firm), make_operator()
    listings = []
    for viewer in (own, member_of(make_organisation("licensor"))):
        listing = make_listing(viewer)
        listing_move(viewer=viewer, listing_id=listing.pk, move="submit", now=NOW)
        listings.append(to_global_id("Listing", str(listing.pk)))
    sent = api.as_(own).run(
        "programme_apply", organisation=gid(firm.pk), programme="youth_startup",
        facts={"founderAge": 30, "yearsSinceFounding": 2},
    )  # fmt: skip
    query = "query($id: ID!) { listing(id: $id) { priorityReview } }"

    def priorities() -> list[bool | None]:
        asked = [api.as_(operator).post(query, id=one)["data"]["listing"] for one in listings]
        return [one["priorityReview"] for one in asked]

    assert priorities() == [False, False]
    id = done(sent)["application"]["id"]
    done(api.as_(operator).run("programme_decide", id=id, move="approve"))
    assert priorities() == [True, False]
    page = staff(operator).get(reverse("admin:listings_listing_changelist")).content.decode()
    assert page.index(firm.name) < page.index("icon-no")


def test_hits_are_for_operators(api: Api) -> None:
    near = make_organisation("buyer", name="Huaxing Precision Machinery")
    entry = Entry("E-1", ("華興精密機械有限公司", "Huaxing Precision Machinery Ltd"), "CN", "")
    list_load(name="test", entries=[entry])
    drain()
    own, operator = api.as_(member_of(near)), api.as_(make_operator())
    assert own.run("screening_hits")["screeningHits"]["edges"] == []
    (edge,) = operator.run("screening_hits", state="OPEN")["screeningHits"]["edges"]
    hit = edge["node"]
    assert (hit["organisation"]["name"], hit["score"], hit["reason"]) == (near.name, 100, "written")
    assert hit["party"]["reference"] == "E-1"
    refused = own.run("screening_hit_decide", id=hit["id"], listed=False, note="No.")
    assert refused["screeningHitDecide"]["errors"][0]["code"] == "NOT_FOUND"
    said = done(operator.run("screening_hit_decide", id=hit["id"], listed=False, note="Another."))
    assert said["hit"]["state"] == "CLEARED"


@pytest.mark.parametrize("hits", [1, 5])
def test_a_page_of_hits_costs_the_same(api: Api, django_assert_num_queries: Any, hits: int) -> None:
    for number in range(hits):
        make_organisation("buyer", name=f"Red Harbour Trading {number}")
    list_load(name="test", entries=[Entry("E-1", ("Red Harbour Trading 0",), "IR", "")])
    drain()
    operator = api.as_(make_operator())
    with django_assert_num_queries(4):  # user, memberships, page, count
        assert operator.run("screening_hits")["screeningHits"]["totalCount"] == hits
