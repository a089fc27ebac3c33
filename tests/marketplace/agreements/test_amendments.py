from __future__ import annotations

from typing import Any

import pytest

from marketplace.agreements.amendments import amendment_propose, amendment_sign, amendment_withdraw
from marketplace.agreements.models import Agreement, Amendment
from marketplace.agreements.services import agreement_move
from marketplace.core.errors import Conflict, Invalid
from marketplace.rights.models import Occupation
from tests.factories import (
    NOW,
    TERMS,
    Parties,
    activate_agreement,
    clear_deal,
    make_agreement,
    make_organisation,
    make_parties,
    member_of,
    sign_agreement,
)

pytestmark = pytest.mark.django_db


def running(parties: Parties, **terms: Any) -> Agreement:
    return activate_agreement(parties, sign_agreement(parties, make_agreement(parties, **terms)))


def propose(parties: Parties, agreement: Agreement, **terms: Any) -> Amendment:
    return amendment_propose(
        viewer=parties.buyer, agreement_id=agreement.pk, terms={**TERMS, **terms}, now=NOW
    )


def sign(parties: Parties, amendment: Amendment, who: str) -> Amendment:
    return amendment_sign(
        viewer=getattr(parties, who),
        amendment_id=amendment.pk,
        organisation_id=getattr(parties, f"{who}_id"),
        typed_name="Chan Tai Man",
        sha256=amendment.document.sha256,
        address="203.0.113.7",
        now=NOW,
    )


def granted() -> list[tuple[list[str], str]]:
    held = Occupation.objects.filter(live__contains=NOW)
    return [(one.territories, one.exclusivity) for one in held]


def test_with_both_signatures_its_terms_are_in_force_and_in_the_ledger() -> None:
    parties = make_parties()
    agreement = running(parties)
    amendment = propose(parties, agreement, territories=["CN", "HK"])
    sign(parties, amendment, "buyer")
    assert granted() == [(["CN"], "exclusive")]
    clear_deal(parties, agreement.deal)
    sign(parties, amendment, "licensor")
    assert granted() == [(["CN", "HK"], "exclusive")]
    agreement.refresh_from_db()
    assert agreement.terms["territories"] == ["CN", "HK"]
    assert agreement.document_id == amendment.document_id


def test_it_cannot_take_what_another_holds() -> None:
    parties = make_parties()
    rival = Parties(
        parties.licensor, member_of(make_organisation("buyer")), parties.operator, parties.listing
    )
    agreement = running(parties)
    running(rival, territories=["HK"])
    amendment = propose(parties, agreement, territories=["CN", "HK"])
    sign(parties, amendment, "buyer")
    clear_deal(parties, agreement.deal)
    with pytest.raises(Conflict):
        sign(parties, amendment, "licensor")
    assert sorted(granted()) == [(["CN"], "exclusive"), (["HK"], "exclusive")]
    assert amendment.document.signatures.count() == 1
    assert Amendment.objects.get().state == "proposed"


def test_one_at_a_time_and_it_can_be_withdrawn() -> None:
    parties = make_parties()
    agreement = running(parties)
    with pytest.raises(Invalid):
        propose(parties, agreement)
    amendment = propose(parties, agreement, upfront=1)
    with pytest.raises(Conflict):
        propose(parties, agreement, upfront=2)
    amendment_withdraw(viewer=parties.licensor, amendment_id=amendment.pk, now=NOW)
    with pytest.raises(Conflict):
        sign(parties, amendment, "buyer")
    assert propose(parties, agreement, upfront=2).number == 2


def test_what_is_not_active_is_not_amended() -> None:
    parties = make_parties()
    with pytest.raises(Conflict):
        propose(parties, make_agreement(parties), upfront=1)


def test_what_has_ended_is_not_amended_by_a_late_signature() -> None:
    parties = make_parties()
    agreement = running(parties)
    amendment = propose(parties, agreement, territories=["CN", "HK"])
    sign(parties, amendment, "buyer")
    agreement.refresh_from_db()
    agreement_move(
        viewer=parties.licensor,
        agreement_id=agreement.pk,
        move="terminate",
        revision=agreement.revision,
        reason="Unpaid.",
        now=NOW,
    )
    with pytest.raises(Conflict):
        sign(parties, amendment, "licensor")
    assert granted() == []
    assert Amendment.objects.get().state == "withdrawn"
    assert amendment.document.signatures.count() == 1
