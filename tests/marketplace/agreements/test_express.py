from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from marketplace.agreements import tasks
from marketplace.agreements.express import (
    TO_PAY,
    express_accept,
    express_offer,
    express_withdraw,
)
from marketplace.agreements.models import Agreement, ExpressOffer
from marketplace.agreements.services import agreement_move
from marketplace.compliance.dossiers import dossier_open
from marketplace.core.errors import Conflict, DomainError, Faults, Forbidden, Invalid, NotFound
from marketplace.core.outbox import drain
from marketplace.deals.evidence import verify
from marketplace.deals.models import Deal
from marketplace.deals.services import deal_move
from marketplace.invoices.models import Invoice, Payment
from marketplace.invoices.services import settle
from marketplace.rights.models import Occupation
from tests.factories import (
    NOW,
    TERMS,
    Parties,
    clear_deal,
    make_agreement,
    make_organisation,
    make_parties,
    member_of,
)

pytestmark = pytest.mark.django_db
FIXED = {
    **{name: value for name, value in TERMS.items() if name not in {"start", "end", "royalty"}},
    "exclusivity": "non_exclusive",
}


def offer(parties: Parties, **terms: Any) -> ExpressOffer:
    return express_offer(
        viewer=parties.licensor,
        listing_id=parties.listing.pk,
        terms={**FIXED, **terms},
        months=12,
        typed_name="Wong Mei Ling",
        address="203.0.113.5",
        now=NOW,
    )


def accept(parties: Parties, sha256: str) -> tuple[Agreement, Invoice]:
    return express_accept(
        viewer=parties.buyer,
        listing_id=parties.listing.pk,
        buyer_id=parties.buyer_id,
        sha256=sha256,
        typed_name="Wang Wei",
        address="203.0.113.7",
        now=NOW,
    )


def pay(invoice: Invoice) -> None:
    """As a wire that came in would."""
    Payment.objects.create(
        invoice=invoice,
        method="wire",
        amount=invoice.total,
        received=invoice.total,
        state="captured",
    )
    settle(invoice)


def standing() -> list[tuple[str, str]]:
    held = Occupation.objects.filter(live__contains=NOW + timedelta(minutes=1))
    return [(one.kind, one.exclusivity) for one in held]


def test_accepted_and_paid_it_is_active_by_itself() -> None:
    parties = make_parties()
    agreement, invoice = accept(parties, offer(parties).sha256)
    assert (agreement.state, invoice.state, invoice.total) == ("signed", "issued", 50_000_000)
    assert sorted(one.typed_name for one in agreement.document.signatures.all()) == [
        "Wang Wei",
        "Wong Mei Ling",
    ]
    assert (agreement.terms["start"], agreement.terms["end"]) == ("2026-11-23", "2027-11-23")
    assert standing() == [("lock", "non_exclusive")]
    clear_deal(parties, agreement.deal)
    pay(invoice)
    drain()
    agreement.refresh_from_db()
    assert agreement.state == "active"
    deal = Deal.objects.get()
    assert (deal.state, verify(deal)) == ("agreed", [])
    assert Occupation.objects.filter(kind="grant", live__endswith=None).count() == 1


def test_paid_before_it_is_cleared_it_waits_for_that() -> None:
    parties = make_parties()
    agreement, invoice = accept(parties, offer(parties).sha256)
    pay(invoice)
    drain()
    agreement.refresh_from_db()
    assert agreement.state == "signed"
    assert standing() == [("lock", "non_exclusive")]
    clear_deal(parties, agreement.deal)
    drain()
    agreement.refresh_from_db()
    assert agreement.state == "active"


def test_what_is_paid_for_stays_kept_however_long_it_takes_to_clear() -> None:
    parties = make_parties()
    agreement, invoice = accept(parties, offer(parties).sha256)
    pay(invoice)
    tasks.activate_paid(str(invoice.pk), NOW)
    late = NOW + TO_PAY + timedelta(days=200)
    assert tasks.lapse_express(late) == 0
    kept = Occupation.objects.filter(live__contains=late)
    assert [(one.kind, one.subject) for one in kept] == [("lock", f"express_paid:{agreement.pk}")]
    rival = Parties(
        parties.licensor, member_of(make_organisation("buyer")), parties.operator, parties.listing
    )
    with pytest.raises(Conflict):
        make_agreement(rival, exclusivity="exclusive")
    clear_deal(parties, agreement.deal, now=late)
    tasks.activate_paid(str(invoice.pk), late)
    agreement.refresh_from_db()
    assert agreement.state == "active"
    held = Occupation.objects.filter(live__contains=late)
    assert [one.kind for one in held] == ["grant"]


def test_until_it_is_paid_nobody_gets_an_exclusive_licence() -> None:
    parties = make_parties()
    accept(parties, offer(parties).sha256)
    rival = Parties(
        parties.licensor, member_of(make_organisation("buyer")), parties.operator, parties.listing
    )
    with pytest.raises(Conflict):
        make_agreement(rival, exclusivity="exclusive")


def test_unpaid_it_lapses() -> None:
    parties = make_parties()
    agreement, invoice = accept(parties, offer(parties).sha256)
    assert tasks.lapse_express(NOW + TO_PAY - timedelta(seconds=1)) == 0
    assert tasks.lapse_express(NOW + TO_PAY) == 1
    agreement.refresh_from_db()
    invoice.refresh_from_db()
    assert (agreement.state, invoice.state, Deal.objects.get().state) == (
        "abandoned",
        "void",
        "ended",
    )
    assert accept(parties, ExpressOffer.objects.get().sha256)[0].state == "signed"


def test_many_buyers_may_accept() -> None:
    parties = make_parties()
    sha256 = offer(parties).sha256
    for _ in range(3):
        buyer = member_of(make_organisation("buyer"))
        accept(Parties(parties.licensor, buyer, parties.operator, parties.listing), sha256)
    assert standing() == [("lock", "non_exclusive")] * 3


@pytest.mark.parametrize(
    "wrong",
    [
        {"exclusivity": "sole"},
        {"upfront": 0},
        {"royalty": TERMS["royalty"]},
        {"territories": ["XX"]},
    ],
)
def test_only_fixed_non_exclusive_terms_are_offered(wrong: dict[str, Any]) -> None:
    parties = make_parties()
    with pytest.raises((Invalid, Faults)):
        offer(parties, **wrong)
    assert not ExpressOffer.objects.exists()


def test_what_was_not_read_is_not_accepted() -> None:
    parties = make_parties()
    first = offer(parties)
    offer(parties, upfront=1)
    with pytest.raises(Conflict):
        accept(parties, first.sha256)
    express_withdraw(viewer=parties.licensor, listing_id=parties.listing.pk, now=NOW)
    with pytest.raises(NotFound):
        accept(parties, first.sha256)
    assert not Deal.objects.exists()


def test_only_admins_bind() -> None:
    parties = make_parties()
    dealmaker = Parties(
        member_of(parties.listing.owner, "dealmaker"),
        parties.buyer,
        parties.operator,
        parties.listing,
    )
    with pytest.raises(Forbidden):
        offer(dealmaker)
    sha256 = offer(parties).sha256
    clerk = Parties(
        parties.licensor,
        member_of(make_organisation("buyer"), "dealmaker"),
        parties.operator,
        parties.listing,
    )
    with pytest.raises(Forbidden):
        accept(clerk, sha256)
    own = Parties(parties.licensor, parties.licensor, parties.operator, parties.listing)
    with pytest.raises(DomainError):
        accept(own, sha256)
    assert not Deal.objects.exists()


def abandon(parties: Parties, agreement: Agreement, who: str) -> Agreement:
    return agreement_move(
        viewer=getattr(parties, who),
        agreement_id=agreement.pk,
        move="abandon",
        revision=agreement.revision,
        now=NOW,
    )


def test_given_up_nobody_can_pay_for_it_any_more() -> None:
    parties = make_parties()
    agreement, invoice = accept(parties, offer(parties).sha256)
    assert abandon(parties, agreement, "buyer").state == "abandoned"
    invoice.refresh_from_db()
    assert invoice.state == "void"
    assert standing() == []


@pytest.mark.parametrize("who", ["licensor", "buyer"])
def test_once_paid_nobody_gives_it_up_and_keeps_the_money(who: str) -> None:
    parties = make_parties()
    agreement, invoice = accept(parties, offer(parties).sha256)
    pay(invoice)
    with pytest.raises(Conflict, match="paid"):
        abandon(parties, agreement, who)
    agreement.refresh_from_db()
    assert (agreement.state, standing()) == ("signed", [("lock", "non_exclusive")])


def test_ending_the_deal_takes_back_the_invoice_but_not_what_was_paid() -> None:
    parties = make_parties()
    agreement, invoice = accept(parties, offer(parties).sha256)
    deal_move(viewer=parties.licensor, deal_id=agreement.deal_id, move="end", now=NOW)
    drain(NOW)
    agreement.refresh_from_db()
    invoice.refresh_from_db()
    assert (agreement.state, invoice.state) == ("abandoned", "void")
    agreement, invoice = accept(parties, ExpressOffer.objects.get().sha256)
    pay(invoice)
    dossier_open(viewer=parties.licensor, deal_id=agreement.deal_id, now=NOW)
    deal_move(viewer=parties.licensor, deal_id=agreement.deal_id, move="end", now=NOW)
    drain(NOW)
    assert tasks.lapse_express(NOW + TO_PAY) == 0
    agreement.refresh_from_db()
    invoice.refresh_from_db()
    assert (agreement.state, invoice.state) == ("signed", "paid")
    clear_deal(parties, agreement.deal)
    drain()
    agreement.refresh_from_db()
    assert (agreement.state, agreement.deal.state) == ("active", "agreed")


def test_its_months_count_from_the_day_in_hong_kong() -> None:
    parties = make_parties()
    sha256 = offer(parties).sha256
    agreement, _ = express_accept(
        viewer=parties.buyer,
        listing_id=parties.listing.pk,
        buyer_id=parties.buyer_id,
        sha256=sha256,
        typed_name="Wang Wei",
        address="203.0.113.7",
        now=datetime(2027, 2, 28, 20, tzinfo=UTC),  # 1 March in Hong Kong
    )
    assert (agreement.terms["start"], agreement.terms["end"]) == ("2027-03-01", "2028-03-01")
