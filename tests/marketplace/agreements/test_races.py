"""Two at the same moment, with real threads: one wins, the other reads why."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from marketplace.agreements.express import express_accept, express_offer
from marketplace.agreements.models import Agreement
from marketplace.agreements.services import agreement_draw_up, agreement_move
from marketplace.core.errors import Conflict, DomainError
from marketplace.deals.models import Deal
from marketplace.deals.services import deal_move
from marketplace.invoices.models import Invoice
from marketplace.negotiation.models import Negotiation, Offer
from marketplace.negotiation.services import EXCLUSIVITY, negotiations_lapse, offer_accept
from marketplace.rights.models import Occupation
from tests.factories import (
    NOW,
    TERMS,
    clear_deal,
    make_agreement,
    make_deal,
    make_enquiry,
    make_offer,
    make_parties,
    sign_agreement,
)
from tests.threads import at_once

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("templates")]
ROUNDS = 5


def refusals(outcomes: list[Any]) -> Counter[str]:
    return Counter(one.code if isinstance(one, DomainError) else "done" for one in outcomes)


def test_one_enquiry_accepted_and_withdrawn_at_once_has_one_answer() -> None:
    for _ in range(ROUNDS):
        parties = make_parties()
        deal = make_enquiry(parties)
        moves = [(parties.licensor, "accept"), (parties.buyer, "withdraw")] * 4
        outcomes = at_once(
            *(
                partial(deal_move, viewer=by, deal_id=deal.pk, move=move, revision=1, now=NOW)
                for by, move in moves
            )
        )
        assert refusals(outcomes) == {"done": 1, "CONFLICT": 7}
        deal.refresh_from_db()
        assert deal.revision == deal.events.count() == 2


def test_both_sides_offer_at_once_and_one_must_read_the_other() -> None:
    for _ in range(ROUNDS):
        parties = make_parties()
        deal = make_deal(parties)
        outcomes = at_once(
            *(partial(make_offer, parties, deal, by=by) for by in ("licensor", "buyer") * 4)
        )
        made = Offer.objects.filter(negotiation__deal=deal)
        assert refusals(outcomes)["done"] == made.count()
        assert [one.number for one in made] == list(range(1, made.count() + 1))


def test_one_offer_accepted_by_eight_is_accepted_once() -> None:
    parties = make_parties()
    deal = make_deal(parties)
    make_offer(parties, deal)
    outcomes = at_once(
        *[lambda: offer_accept(viewer=parties.buyer, deal_id=deal.pk, number=1, now=NOW)] * 8
    )
    assert refusals(outcomes) == {"done": 1, "CONFLICT": 7}
    assert deal.events.filter(kind="offer.accept").count() == 1
    assert Occupation.objects.filter(kind="lock").exists()


def test_one_agreement_is_drawn_up() -> None:
    parties = make_parties()
    deal = make_deal(parties)
    make_offer(parties, deal)
    offer_accept(viewer=parties.buyer, deal_id=deal.pk, number=1, now=NOW)
    outcomes = at_once(
        *[lambda: agreement_draw_up(viewer=parties.licensor, deal_id=deal.pk, now=NOW)] * 8
    )
    assert refusals(outcomes) == {"done": 1, "CONFLICT": 7}
    assert Agreement.objects.filter(deal=deal).count() == 1


def test_an_express_licence_accepted_eight_times_is_one_licence_and_one_invoice() -> None:
    parties = make_parties()
    fixed = {name: TERMS[name] for name in TERMS.keys() - {"start", "end", "royalty"}}
    offer = express_offer(
        viewer=parties.licensor,
        listing_id=parties.listing.pk,
        terms={**fixed, "exclusivity": "non_exclusive"},
        months=12,
        typed_name="Wong Mei Ling",
        address="203.0.113.5",
        now=NOW,
    )
    outcomes = at_once(
        *[
            lambda: express_accept(
                viewer=parties.buyer,
                listing_id=parties.listing.pk,
                buyer_id=parties.buyer_id,
                sha256=offer.sha256,
                typed_name="Wang Wei",
                address="203.0.113.7",
                now=NOW,
            )
        ]
        * 8
    )
    assert refusals(outcomes) == {"done": 1, "CONFLICT": 7}
    counts = (Deal.objects.count(), Agreement.objects.count(), Invoice.objects.count())
    assert counts == (1, 1, 1)


def test_the_end_of_the_exclusivity_and_the_activation_do_not_wait_for_each_other() -> None:
    """Each would hold what the other wants, were they to lock in another order."""
    for _ in range(ROUNDS):
        parties = make_parties()
        agreement = sign_agreement(parties, make_agreement(parties))
        clear_deal(parties, agreement.deal)
        after = NOW + EXCLUSIVITY + timedelta(seconds=1)
        outcomes = at_once(
            partial(
                agreement_move,
                viewer=parties.licensor,
                agreement_id=agreement.pk,
                move="activate",
                revision=agreement.revision,
                now=NOW,
            ),
            partial(negotiations_lapse, now=after),
        )
        agreement.refresh_from_db()
        talks = Negotiation.objects.get(deal=agreement.deal)
        ended = (type(outcomes[0]), outcomes[1], agreement.state, talks.state)
        assert ended in [
            (Agreement, 0, "active", "concluded"),
            (Conflict, 1, "signed", "lapsed"),
        ]
