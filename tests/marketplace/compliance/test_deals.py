"""The dossier of a deal follows the deal; without its word no agreement is active and no file goes
where the law does not let it."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from marketplace.agreements.amendments import amendment_propose, amendment_sign
from marketplace.agreements.models import Agreement
from marketplace.agreements.services import agreement_draw_up, agreement_move
from marketplace.compliance.assessment import assess
from marketplace.compliance.dossiers import dossier_activate, dossier_open, dossier_update
from marketplace.compliance.facts import terms_of
from marketplace.compliance.models import Dossier
from marketplace.compliance.papers import paper_add
from marketplace.core.errors import Conflict, Faults, Invalid, NotFound
from marketplace.core.outbox import drain
from marketplace.deals.evidence import verify
from marketplace.negotiation.services import offer_accept
from marketplace.rooms.services import access_grant
from marketplace.rulebook.facts import GrantBack
from tests.factories import (
    NOW,
    TERMS,
    Parties,
    activate_agreement,
    clear_deal,
    grant_file,
    make_agreement,
    make_deal,
    make_enquiry,
    make_file,
    make_nda,
    make_offer,
    make_organisation,
    make_parties,
    make_patent,
    member_of,
    sign_agreement,
)

pytestmark = pytest.mark.django_db


def opened(parties: Parties, deal: Any) -> Dossier:
    return dossier_open(viewer=parties.licensor, deal_id=deal.pk, now=NOW)


def test_it_opens_once_with_the_deal_and_follows_its_offers() -> None:
    parties = make_parties()
    deal = make_deal(parties)
    dossier = opened(parties, deal)
    assert (dossier.amount, dossier.terms["royalty"]) == (None, False)
    assert "garnet ceramic" in dossier.technology
    make_offer(parties, deal, milestones=[MILESTONE])
    again = dossier_open(viewer=parties.buyer, deal_id=deal.pk, now=NOW)
    assert (again.pk, again.amount, again.currency) == (dossier.pk, 50_000_700, "HKD")
    assert again.terms["royalty_until"] == "2031-12-31"
    assert again.revision == 2
    assert dossier_open(viewer=parties.buyer, deal_id=deal.pk, now=NOW).revision == 2
    deal.refresh_from_db()
    assert verify(deal) == []


MILESTONE = {"what": "Pilot line", "evidence": "Report", "due": date(2027, 6, 1), "amount": 700}


@pytest.mark.parametrize(
    ("terms", "found"),
    [
        ({}, (GrantBack.NONE, False, None)),
        ({"gross_up": True}, (GrantBack.NONE, False, True)),
        ({"grant_back": "exclusive"}, (GrantBack.EXCLUSIVE, False, None)),
        ({"improvements": "licensor"}, (GrantBack.ASSIGNMENT, False, None)),
        (
            {"grant_back": "non_exclusive", "grant_back_fee": 5},
            (GrantBack.NON_EXCLUSIVE, True, None),
        ),
    ],
)
def test_terms_are_read_as_the_rule_book_asks(terms: dict[str, Any], found: Any) -> None:
    parties = make_parties()
    deal = make_deal(parties)
    make_offer(parties, deal, **terms)
    read = terms_of(opened(parties, deal))
    assert (read.grant_back, read.grant_back_paid, read.gross_up) == found


def test_only_patents_in_force_in_the_territory_cover_it() -> None:
    home = make_patent("CN.105000001.B", filing_date=date(2015, 3, 1))
    home.events.create(territory="CN", kind="granted", on=date(2018, 1, 5))
    away = make_patent("HK.1230000.A1", filing_date=date(2015, 3, 1))
    away.events.create(territory="HK", kind="granted", on=date(2018, 1, 5))
    parties = make_parties(patents=[home, away])
    deal = make_deal(parties)
    make_offer(parties, deal, patents=[str(home.pk), str(away.pk)])
    (patent,) = terms_of(opened(parties, deal)).patents
    assert (patent.number, patent.territory) == ("CN.105000001.B", "CN")
    assert patent.expires_on == date(2035, 2, 28)


def test_a_deal_not_accepted_has_none() -> None:
    parties = make_parties()
    deal = make_enquiry(parties)
    with pytest.raises(Conflict):
        opened(parties, deal)
    with pytest.raises(NotFound):
        dossier_open(viewer=member_of(make_organisation("buyer")), deal_id=deal.pk, now=NOW)
    assert not Dossier.objects.exists()


def test_what_follows_the_deal_is_not_changed_here() -> None:
    parties = make_parties()
    dossier = opened(parties, make_deal(parties))
    with pytest.raises(Invalid, match="follows the deal"):
        dossier_update(viewer=parties.licensor, dossier_id=dossier.pk, revision=1, amount=1)
    with pytest.raises(Conflict, match="agreement"):
        dossier_activate(
            viewer=parties.licensor, dossier_id=dossier.pk, effective_on=NOW.date(), now=NOW
        )
    dossier.refresh_from_db()
    assert (dossier.amount, dossier.state) == (None, "open")


def refused(parties: Parties, agreement: Agreement) -> list[str]:
    with pytest.raises(Faults) as refusal:
        agreement_move(
            viewer=parties.licensor,
            agreement_id=agreement.pk,
            move="activate",
            revision=agreement.revision,
            now=NOW,
        )
    assert Agreement.objects.get().state == "signed"
    return [error.message for error in refusal.value.errors]


def test_no_agreement_is_active_without_its_assessment() -> None:
    parties = make_parties()
    agreement = sign_agreement(parties, make_agreement(parties))
    (why,) = refused(parties, agreement)
    assert why.startswith("Open the dossier")
    dossier = opened(parties, agreement.deal)
    assert len(refused(parties, agreement)) == 1
    assess(viewer=parties.buyer, dossier_id=dossier.pk, now=NOW)
    assert len(refused(parties, agreement)) == 3  # both signatures and the classification
    assert activate_agreement(parties, agreement).state == "active"


def test_activation_makes_the_tasks_and_an_amendment_goes_on_from_there() -> None:
    parties = make_parties()
    agreement = sign_agreement(parties, make_agreement(parties))
    activate_agreement(parties, agreement)
    drain(NOW)
    dossier = Dossier.objects.get()
    assert (dossier.state, dossier.effective_on) == ("active", NOW.date())
    tasks = dict(dossier.tasks.values_list("register", "due_on"))
    assert tasks == {"mofcom": None, "recognition": None}  # a royalty: not before the first base
    directions = set(dossier.classifications.values_list("direction", flat=True))
    assert "cn_export" not in directions
    amended = amendment_propose(
        viewer=parties.licensor,
        agreement_id=agreement.pk,
        terms={**TERMS, "grant_back": "non_exclusive", "grant_back_fee": 100},
        now=NOW,
    )

    def sign(who: str) -> None:
        amendment_sign(
            viewer=getattr(parties, who),
            amendment_id=amended.pk,
            organisation_id=getattr(parties, f"{who}_id"),
            typed_name="Chan Tai Man",
            sha256=amended.document.sha256,
            address="203.0.113.7",
            now=NOW,
        )

    sign("licensor")
    with pytest.raises(Faults, match="There is no assessment of things as they stand"):
        sign("buyer")
    assert amended.document.signatures.count() == 1
    dossier_open(viewer=parties.licensor, deal_id=agreement.deal_id, now=NOW)
    exported = dossier.classifications.get(direction="cn_export")
    assert (exported.cause, exported.state) == ("grant_back", "open")
    clear_deal(parties, agreement.deal)
    sign("buyer")
    drain(NOW)
    agreement.refresh_from_db()
    assert agreement.terms["grant_back"] == "non_exclusive"
    assert dossier.tasks.count() == 2


def test_what_was_agreed_since_has_to_be_signed_again() -> None:
    parties = make_parties()
    deal = make_deal(parties)
    make_offer(parties, deal)
    clear_deal(parties, deal)
    make_offer(parties, deal, by="buyer", challenge_allowed=False)
    offer_accept(viewer=parties.licensor, deal_id=deal.pk, number=2, now=NOW)
    drawn_up = agreement_draw_up(viewer=parties.licensor, deal_id=deal.pk, now=NOW)
    agreement = sign_agreement(parties, drawn_up)
    assert refused(parties, agreement) == [
        "There is no assessment of things as they stand; assess first."
    ]


def test_personal_data_leaves_shenzhen_once_the_contract_is_filed() -> None:
    parties = make_parties()
    buyer = parties.buyer_id
    type(parties.listing.owner).objects.filter(pk=buyer).update(city="深圳")
    deal = make_deal(parties)
    make_nda(parties, deal)
    file = make_file(parties, deal, by="buyer", classification="personal")
    sent: dict[str, Any] = {
        "viewer": parties.buyer,
        "file_id": file.pk,
        "organisation_id": parties.licensor_id,
        "expires_at": NOW.replace(year=2099),
        "now": NOW,
    }
    with pytest.raises(Faults, match="standard contract"):
        access_grant(**sent)
    assert not file.grants.exists()
    dossier = opened(parties, deal)
    paper_add(
        viewer=parties.buyer,
        dossier_id=dossier.pk,
        kind="gba_contract",
        name="gba.pdf",
        content=b"%PDF-1.7",
        now=NOW,
    )
    assert access_grant(**sent).organisation_id == parties.licensor_id


def test_files_of_the_room_are_counted_in() -> None:
    parties = make_parties()
    deal = make_deal(parties)
    make_nda(parties, deal)
    grant_file(parties, make_file(parties, deal))
    make_file(parties, deal, name="b.txt", classification="personal")
    assert [one["data_class"] for one in opened(parties, deal).files] == ["no_personal", "personal"]
