"""Walks the whole schema as every role: what each may see of a secretive listing and its people.

Every field of an object type has a rule in disclosure_rules.py; a new field without one fails.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from django.utils import timezone
from graphql import (
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    is_leaf_type,
)
from graphql_relay import from_global_id, to_global_id

from api import limits, view
from api.schema import schema
from marketplace.accounts.models import VerificationEvidence
from marketplace.accounts.viewer import ANONYMOUS, Viewer, viewer_of
from marketplace.agreements.amendments import amendment_propose
from marketplace.agreements.services import agreement_draw_up
from marketplace.alerts.services import alerts_record, saved_search_create
from marketplace.analytics.models import ListingDay
from marketplace.compliance.models import Dossier
from marketplace.compliance.papers import paper_add
from marketplace.core.outbox import drain
from marketplace.deals.mandates import mandate_offer
from marketplace.deals.services import deal_move
from marketplace.disputes.services import dispute_raise
from marketplace.feedback.services import match_decline
from marketplace.needs.services import need_move
from marketplace.negotiation.services import comment_add, offer_accept
from marketplace.programmes.services import supplier_certificate_submit
from marketplace.rights.services import assets_of, occupy
from marketplace.rooms.models import Opening
from marketplace.screening.lists import Entry
from marketplace.screening.models import ScreeningHit
from marketplace.screening.services import list_load
from tests.api.disclosure_money import money_arguments, secret_money
from tests.api.disclosure_royalties import secret_schedule
from tests.api.disclosure_rules import RULES, SECRETS
from tests.conftest import Api
from tests.factories import (
    NOW,
    TERMS,
    TEXT,
    Parties,
    activate_agreement,
    grant_file,
    make_enquiry,
    make_file,
    make_listing,
    make_nda,
    make_need,
    make_offer,
    make_operator,
    make_organisation,
    make_patent,
    member_of,
    publish,
    sign_agreement,
)

MOST_DEPTH = 6
FIELD = re.compile(r"\b([A-Z]\w*_\w+): ")  # as `selection` writes them


def object_types() -> Iterator[GraphQLObjectType]:
    roots = {"Query", "Mutation"}
    payloads = {
        named(field.type).name for field in schema.graphql_schema.mutation_type.fields.values()
    }
    for type_ in schema.graphql_schema.type_map.values():
        ours = isinstance(type_, GraphQLObjectType) and not type_.name.startswith("__")
        if ours and type_.name not in roots | payloads:
            yield type_


def named(type_: Any) -> Any:
    while isinstance(type_, GraphQLNonNull | GraphQLList):
        type_ = type_.of_type
    return type_


def test_every_field_has_a_rule() -> None:
    fields = {f"{t.name}.{name}" for t in object_types() for name in t.fields}
    ruled = [f"{t}.{f}" for t, rules in RULES.items() for fs in rules.values() for f in fs.split()]
    assert fields - set(ruled) == set(), "say in RULES who may see it"
    assert set(ruled) - fields == set(), "no such field any more"
    assert len(ruled) == len(set(ruled))


def selection(type_: Any, above: tuple[str, ...]) -> str:
    """All fields below a type that need no argument, as deep as makes sense, no type twice."""
    parts = ["__typename"]
    for name, field in type_.fields.items():
        below = named(field.type)
        if is_leaf_type(below):
            parts.append(f"{type_.name}_{name}: {name}")
        elif below.name not in above and len(above) < MOST_DEPTH:
            alias = f"{type_.name}_{name}"  # two types of an interface may differ in one name
            parts.append(f"{alias}: {name} {selection(below, (*above, type_.name))}")
    return "{ " + " ".join(parts) + " }"


@pytest.fixture
def world(indexes: None) -> dict[str, Any]:
    owner = make_organisation(
        "licensor", name="Secretive Owner Ltd", registration_number="11223344"
    )
    insider = member_of(owner)
    assert insider.user is not None
    type(insider.user).objects.filter(pk=insider.user.pk).update(
        email="owner-of-secrets@example.com"
    )
    insider.user.refresh_from_db()
    VerificationEvidence.objects.create(
        organisation=owner, kind="other", reference="BR-EVIDENCE-77", submitted_by=insider.user
    )
    # Its name is public, as that of every verified organisation: hidden here to be seen leaking.
    type(owner).objects.filter(pk=owner.pk).update(verification="verified")
    patent = make_patent(
        "US.9999999.B2", applicants=["Secretive Applicant"], filing_date=date(2019, 7, 13)
    )
    patent.events.create(territory="US", kind="granted", on=date(2021, 1, 5))
    text = {**TEXT, "confidential": "Sinter at 1,140 degrees"}
    listing = publish(
        make_listing(
            insider,
            anonymous=True,
            patents=[patent],
            territories=["CN", "US"],
            texts=[text],
            contact_name="Contact-of-secrets",
        ),
        insider,
    )
    buyer = member_of(make_organisation("buyer", name="Secretive Buyer Ltd"))
    need = make_need(
        buyer, anonymous=True, budget_amount=777000111, budget_currency="HKD", description="lithium"
    )
    need_move(viewer=buyer, need_id=need.pk, move="open", now=NOW)
    saved = saved_search_create(
        viewer=buyer, name="Secret-search-of-the-buyer", text="lithium", filters={"trl": ["6"]}
    )
    alerts_record([(saved.pk, listing.pk)], now=NOW)
    deals = {}
    enquirers = {}
    for name in ("waiting", "introduced", "sworn"):
        enquirers[name] = member_of(
            make_organisation("buyer", name=f"{name.title()} Buyer Ltd", verified=False)
        )
        parties = Parties(insider, enquirers[name], make_operator(), listing)
        deals[name] = make_enquiry(parties, application="Secret-application")
        if name != "waiting":
            note = "Secret-note-of-the-deal" if name == "introduced" else ""
            deal_move(viewer=insider, deal_id=deals[name].pk, move="accept", now=NOW, note=note)
        if name == "sworn":
            make_nda(
                parties,
                deals[name],
                purpose="Secret-purpose-of-the-NDA",
                typed_name="Signer-of-secrets",
            )
            make_file(parties, deals[name], name="Secret-kept-file.txt")
            file = make_file(parties, deals[name], name="Secret-granted-file.txt")
            grant_file(parties, file)
            Opening.objects.create(
                file=file,
                user=enquirers[name].require_user(),
                organisation=deals[name].buyer,
                at=NOW,
                address="203.0.113.99",
            )
            make_offer(parties, deals[name], special="Secret-term")
            comment_add(viewer=insider, deal_id=deals[name].pk, text="Secret-comment", now=NOW)
            offer_accept(viewer=enquirers[name], deal_id=deals[name].pk, number=1, now=NOW)
            drawn_up = agreement_draw_up(viewer=insider, deal_id=deals[name].pk, now=NOW)
            agreement = activate_agreement(parties, sign_agreement(parties, drawn_up))
            dossier = Dossier.objects.get()
            paper = paper_add(
                viewer=enquirers[name],
                dossier_id=dossier.pk,
                kind="contract",
                name="Secret-paper",
                content=b"%PDF-1.7",
                now=NOW,
            )
            assessment = dossier.assessments.get()
            amendment = amendment_propose(
                viewer=insider,
                agreement_id=agreement.pk,
                terms={**TERMS, "special": "Secret-amendment"},
                now=NOW,
            )
            schedule = secret_schedule(parties, agreement)
            dispute = dispute_raise(
                viewer=insider, agreement_id=agreement.pk, claim="Secret-claim", now=NOW
            )
    occupy(
        owner=owner,
        holder=deals["sworn"].buyer,
        assets=assets_of(listing),
        territories=["US"],
        fields=[],
        acts=["make"],
        exclusivity="sole",
        kind="grant",
        start=NOW.date(),
        end=None,
        subject="agreement:secret-cause",
        now=NOW,
    )
    cashier, money = secret_money(deals["sworn"].buyer)
    certificate = supplier_certificate_submit(
        viewer=insider,
        organisation_id=owner.pk,
        sector="Testing",
        number="Secret-CEPA-certificate",
        expires_on=date(2099, 1, 1),
        evidence="file 1",
        today=NOW.date(),
    )
    list_load(name="test", entries=[Entry("Secret-sanction", ("Secretive Owner",), "", "")])
    centre = member_of(make_organisation("transfer_centre", name="Mandated Centre Ltd"))
    mandate = mandate_offer(
        viewer=insider,
        principal_id=owner.pk,
        centre_id=next(iter(centre.roles)),
        acts=["answer"],
        starts_on=NOW.date(),
        ends_on=NOW.date(),
        commission_bp=500,
    )
    type(owner).objects.filter(name="Mandated Centre Ltd").update(verification="unverified")
    match_decline(
        viewer=buyer, need_id=need.pk, listing_id=listing.pk, reasons=["no_capacity"], now=NOW
    )
    ListingDay.objects.create(listing=listing, day=timezone.localdate(), impressions=42424242)
    drain()
    # An organisation is told of by its own door only to those who may know it.
    type(owner).objects.filter(pk=owner.pk).update(verification="unverified", verified_until=None)
    type(owner).objects.filter(name="Secretive Buyer Ltd").update(
        verification="unverified", verified_until=None
    )
    return {
        "roles": {
            "anonymous": ANONYMOUS,
            "stranger": member_of(make_organisation("buyer")),
            "insider": insider,
            "buyer": buyer,
            "operator": make_operator(),
            "cashier": cashier,
            "centre": viewer_of(centre.user),
            **{name: viewer_of(one.user) for name, one in enquirers.items()},
        },
        "ids": {
            "Listing": to_global_id("Listing", str(listing.pk)),
            "Need": to_global_id("Need", str(need.pk)),
            "Organisation": to_global_id("Organisation", str(owner.pk)),
            "Patent": to_global_id("Patent", str(patent.pk)),
            "Mandate": to_global_id("Mandate", str(mandate.pk)),
            "RoomFile": to_global_id("RoomFile", str(file.pk)),
            "Dispute": to_global_id("Dispute", str(dispute.pk)),
            "Agreement": to_global_id("Agreement", str(agreement.pk)),
            "Amendment": to_global_id("Amendment", str(amendment.pk)),
            **{
                type(one).__name__: to_global_id(type(one).__name__, str(one.pk))
                for one in (
                    dossier,
                    paper,
                    assessment,
                    certificate,
                    ScreeningHit.objects.get(),
                    *money,
                    *schedule,
                )
            },
            "Nda": to_global_id("Nda", str(deals["sworn"].ndas.get().pk)),
            **{name: to_global_id("Deal", str(deal.pk)) for name, deal in deals.items()},
        },
    }


def documents(ids: dict[str, str]) -> Iterator[str]:
    """Every root field with everything below it, one document each."""
    arguments = {
        "listing": [f'(id: "{ids["Listing"]}")'],
        "need": [f'(id: "{ids["Need"]}")'],
        "organisation": [f'(id: "{ids["Organisation"]}")'],
        "patent": [f'(id: "{ids["Patent"]}")', '(number: "US 9,999,999 B2")'],
        "node": [],  # below: of each id only its own type can be there
        "listings": ["", f'(owner: "{ids["Organisation"]}")'],
        "needs": [""],
        "search": ['(text: "lithium")', '(text: "Secretive")', '(text: "US9999999")'],
        "synonyms": [""],
        "ipcSuggestions": ['(text: "lithium")', '(text: "Secretive")'],
        "suggest": ['(typed: "solid")', '(typed: "secr")'],
        "similar": [f'(listing: "{ids["Listing"]}")'],
        "duplicates": [f'(listing: "{ids["Listing"]}")'],
        "analytics": [f'(organisation: "{ids["Organisation"]}")'],
        "matchDeclines": ["", f'(need: "{ids["Need"]}")'],
        "matchesForNeed": [f'(need: "{ids["Need"]}")'],
        "matchesForListing": [f'(listing: "{ids["Listing"]}")'],
        "viewer": [""],
        "deal": [f'(id: "{ids[name]}")' for name in ("waiting", "introduced", "sworn")],
        "expressOffer": [f'(listing: "{ids["Listing"]}")'],
        "agreement": [f'(id: "{ids["Agreement"]}")'],
        "roomFiles": [f'(deal: "{ids["sworn"]}")'],
        "deals": ["", f'(listing: "{ids["Listing"]}")'],
        "mandate": [f'(id: "{ids["Mandate"]}")'],
        "mandates": [""],
        "enquiryQuestions": [""],
        "savedSearches": [""],
        "alerts": [""],
        "fieldNames": [""],
        "occupations": ["", f'(listing: "{ids["Listing"]}", past: true)'],
    }
    party = '{ jurisdiction: "HK" }'
    mainland = '{ jurisdiction: "CN" }'
    arguments |= money_arguments(ids)
    arguments |= {
        "dossier": [f'(id: "{ids["Dossier"]}")'],
        "programmes": [""],
        "programmeApplications": [""],
        "supplierCertificates": [""],
        "programmeEffects": [f'(organisation: "{ids["Organisation"]}")'],
        "price": [f'(organisation: "{ids["Organisation"]}")'],
        "screeningHits": [""],
        "dossiers": [""],
        "dossierObstacles": [f'(dossier: "{ids["Dossier"]}")'],
        "remittanceBundle": [f'(dossier: "{ids["Dossier"]}", amount: 1, currency: "HKD")'],
        "catalogueSuggestions": ['(text: "lithium", direction: CN_EXPORT)'],
        "rules": [""],
        "ruleCounts": [""],
        "ruleAnswer": ['(key: "tax.vat")'],
        "grossToNet": [
            f'(amount: 1, currency: "CNY", payer: {mainland}, licensor: {party},'
            " technology: KNOW_HOW)"
        ],
        "governingLaw": [f'(of: "HK", parties: [{party}, {mainland}])'],
        "dataGate": [f"(file: {{ dataClass: UNKNOWN }}, owner: {party}, reader: {mainland})"],
        "clauseFindings": [
            '(terms: { kind: KNOW_HOW, territories: ["CN"], startsOn: "2027-01-01" },'
            f" licensor: {party}, licensee: {mainland})"
        ],
        "hkStandardPatentDeadlines": ['(applicationPublishedOn: "2026-01-01")'],
        "annuityDeadlines": ['(jurisdiction: "HK", filedOn: "2020-01-01")'],
        "patentBoxFiling": ['(filedOn: "2026-07-05")'],
    }
    for id in ids.values():
        kind = schema.graphql_schema.type_map[from_global_id(id).type]
        yield f'{{ node(id: "{id}") {{ id ... on {kind.name} {selection(kind, ())} }} }}'
    for name, field in schema.graphql_schema.query_type.fields.items():
        for one in arguments[name]:  # a new root field has to be put here
            yield f"{{ {name}{one} {selection(named(field.type), ())} }}"


ROLES = (
    "anonymous",
    "stranger",
    "insider",
    "buyer",
    "operator",
    "waiting",
    "introduced",
    "sworn",
    "centre",
    "cashier",
)


@pytest.mark.parametrize("role", ROLES)
def test_no_role_reads_what_is_not_for_it(
    api: Api, world: dict[str, Any], role: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "MAX_FIELDS", 10**6)
    monkeypatch.setattr(view, "MAX_DOCUMENT_CHARACTERS", 10**6)
    monkeypatch.setattr(view, "MAX_TOKENS", 10**6)
    viewer: Viewer = world["roles"][role]
    client = api.as_(viewer)
    seen = ""
    walked: set[str] = set()
    for document in documents(world["ids"]):
        answer = client.post(document)
        assert "errors" not in answer, answer["errors"][0]
        seen += str(answer["data"])
        walked |= set(FIELD.findall(document))
    print(json.dumps({"role": role, "fields_walked": len(walked)}))  # for `make walk`
    readable = {secret for secret in SECRETS if secret in seen}
    assert readable == {secret for secret, roles in SECRETS.items() if role in roles}
