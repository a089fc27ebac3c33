"""Walks the whole schema as every role: what each may see of a secretive listing and its people.

Every field of an object type has a rule in RULES; a new field without one fails the test.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from graphql import (
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    is_leaf_type,
)
from graphql_relay import to_global_id

from api import limits, view
from api.schema import schema
from marketplace.accounts.models import VerificationEvidence
from marketplace.accounts.viewer import ANONYMOUS, Viewer
from marketplace.core.outbox import drain
from marketplace.needs.services import need_move
from tests.conftest import Api
from tests.factories import (
    NOW,
    make_listing,
    make_need,
    make_operator,
    make_organisation,
    make_patent,
    member_of,
    publish,
)

# By type: fields that all may see of what they may see at all; `named`, unless it is anonymous;
# `inside`, members and operators; `self`, only about oneself.
RULES: dict[str, dict[str, str]] = {
    "Listing": {
        "public": "id state kind anonymous originalLanguage text texts advantages trl iprStatus"
        " fieldsOfUse ipc sdgs industry exclusivity territories periodMonths priceModel price"
        " isSample publishedAt expiresAt createdAt availableActions",
        "named": "owner patents",
        "inside": "revision history",
    },
    "Organisation": {
        "public": "id name nameZh kinds jurisdiction city zone website hkMacaoInvested isSample"
        " verification verifiedUntil availableActions",
        "inside": "registrationNumber revision members evidence",
    },
    "Need": {
        "public": "id state anonymous language title description mustHaves mustWords notOfInterest"
        " kinds iprStatuses trlMin trlMax territories exclusivity ipc deadline isSample createdAt"
        " availableActions",
        "named": "organisation",
        "inside": "budget revision history",
    },
    "Patent": {
        "public": "id office docdb applicationNumber publicationNumbers titleEn titleHans titleHant"
        " titleOther abstractEn abstractHans abstractHant applicants inventors ipc cpc priorityDate"
        " filingDate publicationDate grantDate events status simpleFamily extendedFamily"
    },
    "SearchHit": {
        "public": "id title summary excerpt language textStatus kind trl iprStatus exclusivity"
        " territories ipc industry sdgs priceModel price isSample publishedAt listing",
        "named": "ownerName ownerJurisdiction patentNumbers",
    },
    "User": {"self": "id name email language timeZone"},
    "Membership": {"inside": "user organisation roles"},
    "Evidence": {"inside": "kind reference note createdAt decidedAt decisionNote"},
    "Viewer": {"self": "user memberships isOperator"},
    "ListingText": {"public": "language status title summary description problem"},
    "Advantage": {"public": "metric value unit comparator"},
    "ListingEvent": {"inside": "move source target reason createdAt"},
    "NeedEvent": {"inside": "move source target createdAt"},
    "LegalEvent": {"public": "territory kind on source"},
    "TerritoryStatus": {"public": "territory status"},
    "Money": {"public": "amount currency"},
    "PageInfo": {"public": "hasNextPage hasPreviousPage startCursor endCursor"},
    "SearchConnection": {"public": "edges pageInfo totalCount facets didYouMean degraded"},
    "SearchEdge": {"public": "node cursor score highlights"},
    "Highlight": {"public": "field fragment"},
    "Facet": {"public": "name buckets"},
    "FacetBucket": {"public": "value count"},
    "Suggestions": {"public": "words listings"},
    "SuggestedListing": {"public": "id title"},
    "Matches": {"public": "matches excluded degraded"},
    "Match": {"public": "listing need score components reasons exclusions"},
    "MatchComponent": {"public": "name points of"},
    "UserError": {"public": "code message field"},
    **{
        f"{name}{kind}": {"public": fields}
        for name in ("Listing", "Need")
        for kind, fields in (("Connection", "edges pageInfo totalCount"), ("Edge", "node cursor"))
    },
}
SECRETS = {  # who may read each, wherever in the schema it turns up
    "Secretive Owner Ltd": {"insider", "operator"},
    "Secretive Buyer Ltd": {"buyer", "operator"},
    "US.9999999.B2": {"insider", "operator"},
    "Secretive Applicant": {"insider", "operator"},
    "11223344": {"insider", "operator"},  # registration number
    "BR-EVIDENCE-77": {"insider", "operator"},
    "777000111": {"buyer", "operator"},  # budget
    "owner-of-secrets@example.com": {"insider", "operator"},
}
MOST_DEPTH = 6


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
    if isinstance(type_, GraphQLInterfaceType):
        kinds = schema.graphql_schema.get_possible_types(type_)
        return "{ __typename id " + " ".join(
            f"... on {kind.name} {selection(kind, above)}" for kind in kinds if kind.name != "User"
        ) + " }"  # fmt: skip
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
    patent = make_patent("US.9999999.B2", applicants=["Secretive Applicant"])
    listing = publish(make_listing(insider, anonymous=True, patents=[patent]), insider)
    buyer = member_of(make_organisation("buyer", name="Secretive Buyer Ltd"))
    need = make_need(
        buyer, anonymous=True, budget_amount=777000111, budget_currency="HKD", description="lithium"
    )
    need_move(viewer=buyer, need_id=need.pk, move="open", now=NOW)
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
        },
        "ids": {
            "Listing": to_global_id("Listing", str(listing.pk)),
            "Need": to_global_id("Need", str(need.pk)),
            "Organisation": to_global_id("Organisation", str(owner.pk)),
            "Patent": to_global_id("Patent", str(patent.pk)),
        },
    }


def documents(ids: dict[str, str]) -> Iterator[str]:
    """Every root field with everything below it, one document each."""
    arguments = {
        "listing": [f'(id: "{ids["Listing"]}")'],
        "need": [f'(id: "{ids["Need"]}")'],
        "organisation": [f'(id: "{ids["Organisation"]}")'],
        "patent": [f'(id: "{ids["Patent"]}")', '(number: "US 9,999,999 B2")'],
        "node": [f'(id: "{id}")' for id in ids.values()],
        "listings": ["", f'(owner: "{ids["Organisation"]}")'],
        "needs": [""],
        "search": ['(text: "lithium")', '(text: "Secretive")', '(text: "US9999999")'],
        "suggest": ['(typed: "solid")', '(typed: "secr")'],
        "matchesForNeed": [f'(need: "{ids["Need"]}")'],
        "matchesForListing": [f'(listing: "{ids["Listing"]}")'],
        "viewer": [""],
    }
    for name, field in schema.graphql_schema.query_type.fields.items():
        for one in arguments[name]:  # a new root field has to be put here
            yield f"{{ {name}{one} {selection(named(field.type), ())} }}"


@pytest.mark.parametrize("role", ["anonymous", "stranger", "insider", "buyer", "operator"])
def test_no_role_reads_what_is_not_for_it(
    api: Api, world: dict[str, Any], role: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "MAX_FIELDS", 10**6)
    monkeypatch.setattr(view, "MAX_DOCUMENT_CHARACTERS", 10**6)
    monkeypatch.setattr(view, "MAX_TOKENS", 10**6)
    viewer: Viewer = world["roles"][role]
    client = api.as_(viewer)
    seen = ""
    for document in documents(world["ids"]):
        answer = client.post(document)
        assert "errors" not in answer, answer["errors"][0]
        seen += str(answer["data"])
    readable = {secret for secret in SECRETS if secret in seen}
    assert readable == {secret for secret, roles in SECRETS.items() if role in roles}
