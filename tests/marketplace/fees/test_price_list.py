"""What the marketplace takes: nothing that two operators have not confirmed, less by programmes."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from marketplace.accounts.models import Organisation
from marketplace.core.money import Money
from marketplace.core.outbox import drain
from marketplace.fees.price_list import price
from marketplace.invoices.models import Invoice
from marketplace.listings.services import listing_move
from marketplace.programmes.services import programme_apply, programme_decide
from marketplace.rulebook.files import read
from marketplace.rulebook.services import rule_confirm, rule_propose
from tests.factories import (
    NOW,
    activate_agreement,
    make_agreement,
    make_listing,
    make_operator,
    make_organisation,
    make_parties,
    member_of,
    publish,
    sign_agreement,
)

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 23)


def confirm(key: str, **parameters: Any) -> None:
    """Propose the row of the files again, and have a second operator confirm it."""
    row = next(one for one in read() if one.key == key)
    content = row.model_dump(exclude={"status", "checked_on"})
    proposed = rule_propose(
        viewer=make_operator(),
        **{
            **content,
            "id": f"{row.id}-2026",
            "parameters": {**content["parameters"], **parameters},
        },
    )
    rule_confirm(viewer=make_operator(), rule_id=proposed.pk, today=TODAY)


def start_up(owner: Organisation) -> None:
    sent = programme_apply(
        viewer=member_of(owner),
        organisation_id=owner.pk,
        programme="youth_startup",
        facts={"founder_age": 30, "years_since_founding": 2},
        today=TODAY,
    )
    programme_decide(
        viewer=make_operator(), application_id=sent.pk, move="approve", note="", today=TODAY
    )


def test_what_is_not_confirmed_is_not_taken() -> None:
    owner = make_organisation("licensor")
    found = price(owner, on=TODAY)
    assert (found.commission_bp, found.listing_fee, found.rules) == (0, None, ())


def test_a_programme_lowers_it_once_its_row_is_confirmed() -> None:
    owner = make_organisation("licensor")
    confirm("fee.commission", rate_bp=501)
    confirm("fee.listing")
    start_up(owner)
    full = price(owner, on=TODAY)
    assert (full.commission_bp, full.listing_fee) == (501, Money(100_000, "HKD"))
    confirm("programme.youth_startup")
    less = price(owner, on=TODAY)
    assert (less.commission_bp, less.listing_fee) == (250, None)
    assert less.rules == (
        "any-fee-commission-2026",
        "any-fee-listing-2026",
        "any-programme-youth-startup-2026",
    )


def test_the_commission_comes_out_of_what_the_licensor_gets() -> None:
    parties = make_parties()
    confirm("fee.commission")
    activate_agreement(parties, sign_agreement(parties, make_agreement(parties)))
    drain(NOW)
    invoice = Invoice.objects.get()
    platform = Organisation.objects.filter(kinds=["operator"]).earliest("created_at")
    shares = invoice.shares.order_by("role")
    assert [(one.party_id, one.role, one.basis_points) for one in shares] == [
        (parties.licensor_id, "licensor", None),
        (platform.pk, "platform", 500),
    ]


def test_a_listing_is_charged_for_once() -> None:
    confirm("fee.listing")
    parties = make_parties()
    drain(NOW)
    invoice = Invoice.objects.get()
    assert (invoice.payer_id, invoice.state, invoice.total, invoice.currency) == (
        parties.licensor_id,
        "issued",
        100_000,
        "HKD",
    )
    assert invoice.agreement == f"listing:{parties.listing.pk}"
    listing_move(viewer=parties.licensor, listing_id=parties.listing.pk, move="revise", now=NOW)
    publish(parties.listing, parties.licensor, parties.operator)
    drain(NOW)
    assert Invoice.objects.count() == 1


def test_of_listings_published_together_each_is_charged_for() -> None:
    confirm("fee.listing")
    parties = make_parties()
    other = publish(make_listing(parties.licensor), parties.licensor, parties.operator)
    drain(NOW)
    asked = Invoice.objects.values_list("agreement", flat=True)
    assert sorted(asked) == sorted(f"listing:{pk}" for pk in (parties.listing.pk, other.pk))


def test_before_it_is_confirmed_a_listing_costs_nothing() -> None:
    make_parties()
    drain(NOW)
    assert not Invoice.objects.exists()
