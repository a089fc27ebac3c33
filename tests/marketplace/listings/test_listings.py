from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError

from marketplace.accounts.models import Organisation
from marketplace.core.errors import Conflict, DomainError, Faults, Forbidden, Invalid, NotFound
from marketplace.core.models import OutboxMessage
from marketplace.listings import services
from marketplace.listings.models import Listing
from marketplace.listings.selectors import listing_for, wording
from tests.factories import (
    ADVANTAGE,
    NOW,
    TEXT,
    make_listing,
    make_operator,
    make_organisation,
    member_of,
    publish,
)

pytestmark = pytest.mark.django_db


def test_submitting_names_everything_that_is_missing() -> None:
    owner = member_of(make_organisation("licensor"))
    listing = services.listing_create(
        viewer=owner,
        owner_id=next(iter(owner.roles)),
        original_language="en",
        kind="patent_licence",
        texts=[{"language": "en", "title": "Membrane"}],
    )
    with pytest.raises(Faults) as refusal:
        services.listing_move(viewer=owner, listing_id=listing.pk, move="submit", now=NOW)
    assert [error.field[0] for error in refusal.value.errors] == [
        "summary",
        "description",
        "problem",
        "advantages",
        "trl",
        "ipr_status",
        "fields_of_use",
        "industry",
        "exclusivity",
        "territories",
        "period_months",
        "price_model",
    ]
    listing.refresh_from_db()
    assert listing.state == "draft"
    assert not OutboxMessage.objects.exists()


@pytest.mark.parametrize(
    ("content", "field"),
    [
        ({"trl": 0}, ("trl",)),
        ({"trl": 10}, ("trl",)),
        ({"territories": ["CN", "XX"]}, ("territories", "1")),
        ({"ipc": ["H01M", "nonsense"]}, ("ipc", "1")),
        ({"sdgs": [18]}, ("sdgs", "0")),
        ({"industry": "Z9"}, ("industry",)),
        ({"price_amount": 5, "price_currency": ""}, ("price_amount",)),
        ({"price_amount": None, "price_currency": "HKD"}, ("price_amount",)),
        ({"price_amount": -1, "price_currency": "HKD"}, ("price_amount",)),
        ({"price_model": "free", "price_amount": 5, "price_currency": "HKD"}, ("price_amount",)),
        ({"kind": "assignment", "exclusivity": ["sole"]}, ("exclusivity",)),
        ({"exclusivity": ["total"]}, ("exclusivity", "0")),
        ({"texts": [{**TEXT, "summary": "x" * 141}]}, ("texts", "0", "summary")),
        ({"texts": [{**TEXT, "title": " "}]}, ("texts", "0", "title")),
        ({"advantages": [{**ADVANTAGE, "value": "much"}]}, ("advantages", "0", "value")),
        ({"advantages": [{**ADVANTAGE, "unit": ""}]}, ("advantages", "0", "unit")),
        ({"advantages": [{**ADVANTAGE, "value": "NaN"}]}, ("advantages", "0", "value")),
    ],
)
def test_a_wrong_value_is_told_by_its_field(
    content: dict[str, object], field: tuple[str, ...]
) -> None:
    with pytest.raises((Faults, Invalid)) as refusal:
        make_listing(**content)
    errors = refusal.value.errors if isinstance(refusal.value, Faults) else [refusal.value]
    assert [error.field for error in errors] == [field]


def test_publishing_needs_review_and_a_verified_owner() -> None:
    owner = member_of(make_organisation("licensor", verified=False))
    operator = make_operator()
    listing = make_listing(owner)
    with pytest.raises(Conflict):
        services.listing_move(viewer=owner, listing_id=listing.pk, move="publish", now=NOW)
    services.listing_move(viewer=owner, listing_id=listing.pk, move="submit", now=NOW)
    services.listing_move(viewer=operator, listing_id=listing.pk, move="start_review", now=NOW)
    with pytest.raises(Conflict):
        services.listing_move(viewer=operator, listing_id=listing.pk, move="publish", now=NOW)
    listing.refresh_from_db()
    assert listing.state == "in_review"


def test_nobody_reviews_their_own_listing() -> None:
    own = member_of(make_organisation("licensor", "operator"))
    listing = make_listing(own)
    services.listing_move(viewer=own, listing_id=listing.pk, move="submit", now=NOW)
    with pytest.raises(Forbidden):
        services.listing_move(viewer=own, listing_id=listing.pk, move="start_review", now=NOW)


def test_sending_back_takes_a_reason_that_the_owner_reads() -> None:
    owner, operator = member_of(make_organisation("licensor")), make_operator()
    listing = make_listing(owner)
    services.listing_move(viewer=owner, listing_id=listing.pk, move="submit", now=NOW)
    services.listing_move(viewer=operator, listing_id=listing.pk, move="start_review", now=NOW)
    with pytest.raises(Invalid):
        services.listing_move(viewer=operator, listing_id=listing.pk, move="send_back", now=NOW)
    services.listing_move(
        viewer=operator, listing_id=listing.pk, move="send_back", now=NOW, reason="Which cells?"
    )
    last = listing.events.last()
    assert last is not None
    assert (last.target, last.reason, last.actor) == ("draft", "Which cells?", operator.user)


def test_it_expires_and_a_renewal_keeps_id_and_history() -> None:
    owner = member_of(make_organisation("licensor"))
    listing = publish(make_listing(owner), owner)
    ends = listing.expires_at
    assert ends == NOW + services.SHELF_LIFE
    assert services.listings_expire(now=ends - timedelta(seconds=1)) == 0
    assert services.listings_expire(now=ends) == 1
    renewed = services.listing_move(viewer=owner, listing_id=listing.pk, move="renew", now=ends)
    assert (renewed.pk, renewed.state, renewed.published_at) == (listing.pk, "published", NOW)
    assert renewed.expires_at == ends + services.SHELF_LIFE
    assert list(listing.events.values_list("move", flat=True)) == [
        "submit",
        "start_review",
        "publish",
        "expire",
        "renew",
    ]


@pytest.mark.parametrize("expired", [True, False])
def test_nothing_is_renewed_by_an_owner_whose_verification_is_over(expired: bool) -> None:
    owner = member_of(make_organisation("licensor"))
    listing = publish(make_listing(owner), owner)
    ends = listing.expires_at
    services.listings_expire(now=ends if expired else NOW)
    Organisation.objects.filter(pk=listing.owner_id).update(verification="unverified")
    before = Listing.objects.values().get()
    with pytest.raises(Conflict):
        services.listing_move(viewer=owner, listing_id=listing.pk, move="renew", now=ends)
    assert Listing.objects.values().get() == before


def test_only_a_draft_changes_and_only_from_its_revision() -> None:
    owner = member_of(make_organisation("licensor"))
    listing = make_listing(owner)
    services.listing_update(viewer=owner, listing_id=listing.pk, revision=1, trl=7)
    with pytest.raises(Conflict):
        services.listing_update(viewer=owner, listing_id=listing.pk, revision=1, trl=8)
    published = publish(listing, owner)
    with pytest.raises(Conflict):
        services.listing_update(
            viewer=owner, listing_id=listing.pk, revision=published.revision, trl=8
        )
    listing.refresh_from_db()
    assert listing.trl == 7


def test_who_may_see_a_draft() -> None:
    owner = member_of(make_organisation("licensor"))
    colleague = member_of(make_organisation("licensor"))
    listing = make_listing(owner)
    assert listing_for(owner, listing.pk) == listing
    for other in (colleague, make_operator()):
        with pytest.raises(NotFound):
            listing_for(other, listing.pk)


@pytest.mark.parametrize("roles", [("viewer",), ("finance",)])
def test_who_only_looks_does_not_move(roles: tuple[str, ...]) -> None:
    organisation = make_organisation("licensor")
    listing = make_listing(member_of(organisation))
    with pytest.raises(DomainError) as refusal:
        services.listing_move(
            viewer=member_of(organisation, *roles), listing_id=listing.pk, move="submit", now=NOW
        )
    assert refusal.value.code == "FORBIDDEN"
    assert Listing.objects.get(pk=listing.pk).state == "draft"


def test_a_reader_gets_the_nearest_language_marked() -> None:
    hans = {**TEXT, "language": "zh-Hans", "title": "纳米涂层"}
    listing = make_listing(texts=[hans])
    texts = listing.texts.all()
    assert wording(texts, "zh-Hans").status == "original"
    converted = wording(texts, "zh-Hant")
    assert (converted.title, converted.status) == ("納米塗層", "machine_converted")
    english = wording(texts, "en")
    assert (english.language, english.title) == ("zh-Hans", "纳米涂层")


def test_the_database_refuses_what_no_service_would_write() -> None:
    listing = make_listing()
    with pytest.raises(IntegrityError):
        Listing.objects.filter(pk=listing.pk).update(trl=10)
