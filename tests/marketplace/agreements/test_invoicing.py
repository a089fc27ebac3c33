from __future__ import annotations

import pytest

from marketplace.agreements.invoicing import upfront_invoice
from marketplace.agreements.models import subject
from marketplace.core.outbox import drain
from marketplace.invoices.models import Invoice
from tests.factories import (
    NOW,
    activate_agreement,
    make_agreement,
    make_parties,
    sign_agreement,
)
from tests.marketplace.deals.test_mandates import make_centre, make_mandate

pytestmark = pytest.mark.django_db


def test_an_active_agreement_asks_for_its_upfront_fee_once() -> None:
    parties = make_parties()
    agreement = activate_agreement(parties, sign_agreement(parties, make_agreement(parties)))
    assert not Invoice.objects.exists()
    drain(NOW)
    invoice = Invoice.objects.get()
    assert (invoice.agreement, invoice.state, invoice.total, invoice.currency) == (
        subject(agreement),
        "issued",
        50_000_000,
        "HKD",
    )
    assert (invoice.issuer_id, invoice.payer_id) == (parties.licensor_id, parties.buyer_id)
    assert upfront_invoice(agreement.pk, NOW) == invoice
    assert Invoice.objects.count() == 1


def test_one_without_a_fee_asks_for_none() -> None:
    parties = make_parties()
    activate_agreement(parties, sign_agreement(parties, make_agreement(parties, upfront=0)))
    drain(NOW)
    assert not Invoice.objects.exists()


def test_the_licensors_broker_has_its_commission() -> None:
    parties, centre = make_parties(), make_centre()
    make_mandate(parties.licensor, centre, commission_bp=500)
    agreement = sign_agreement(parties, make_agreement(parties))
    activate_agreement(parties, agreement)
    drain(NOW)
    shares = Invoice.objects.get().shares.order_by("role")
    assert [(one.party_id, one.role, one.basis_points) for one in shares] == [
        (next(iter(centre.roles)), "broker", 500),
        (parties.licensor_id, "licensor", None),
    ]
