from __future__ import annotations

from datetime import timedelta

import pytest

from marketplace.core.errors import Conflict, Forbidden
from marketplace.core.outbox import drain
from marketplace.deals import nda
from marketplace.deals.disclosure import nda_in_force
from marketplace.deals.models import Deal, Nda
from marketplace.documents.pdf import document_pdf
from marketplace.documents.services import latest, template_add
from marketplace.listings.policies import Level, level
from tests.factories import NOW, Parties, make_deal, make_enquiry, make_nda, make_parties, member_of

pytestmark = pytest.mark.django_db


def propose(parties: Parties, deal: Deal) -> Nda:
    return nda.nda_propose(
        viewer=parties.buyer, deal_id=deal.pk, purpose="To judge it.", term_months=240, now=NOW
    )


def sign(parties: Parties, one: Nda, who: str, **fields: object) -> Nda:
    return nda.nda_sign(
        viewer=fields.pop("viewer", getattr(parties, who)),  # type: ignore[arg-type]
        nda_id=one.pk,
        organisation_id=getattr(parties, f"{who}_id"),
        now=NOW,
        **{  # type: ignore[arg-type]
            "typed_name": "Chan Tai Man",
            "sha256": one.document.sha256,
            "address": "203.0.113.7",
            **fields,
        },
    )


def seen_by_buyer(deal: Deal) -> int:
    return level(member_of(deal.buyer), deal.listing)


def test_the_second_signature_puts_it_in_force() -> None:
    parties = make_parties()
    deal = make_deal(parties)
    one = propose(parties, deal)
    sign(parties, one, "buyer")
    assert seen_by_buyer(deal) == Level.ENQUIRY
    signed = sign(parties, one, "licensor")
    assert seen_by_buyer(deal) == Level.NDA
    assert signed.ends_at == NOW.replace(year=NOW.year + 20)
    assert deal.buyer.name in signed.document.text_en
    assert document_pdf(signed.document).startswith(b"%PDF")
    assert document_pdf(signed.document) == document_pdf(signed.document)


def test_both_must_sign_the_same_version() -> None:
    parties = make_parties()
    deal = make_deal(parties)
    first = propose(parties, deal)
    sign(parties, first, "buyer")
    second = propose(parties, deal)
    with pytest.raises(Conflict, match="superseded"):
        sign(parties, first, "licensor")
    sign(parties, second, "licensor")
    assert seen_by_buyer(deal) == Level.ENQUIRY
    sign(parties, second, "buyer")
    assert seen_by_buyer(deal) == Level.NDA


def test_who_may_sign_what() -> None:
    parties = make_parties()
    deal = make_deal(parties)
    one = propose(parties, deal)
    with pytest.raises(Forbidden):
        sign(parties, one, "buyer", viewer=member_of(deal.buyer, "dealmaker"))
    with pytest.raises(Forbidden):
        sign(parties, one, "buyer", viewer=parties.licensor)
    with pytest.raises(Conflict, match="not this text"):
        sign(parties, one, "buyer", sha256="0" * 64)
    sign(parties, one, "buyer")
    with pytest.raises(Conflict, match="has signed"):
        sign(parties, one, "buyer")
    assert one.document.signatures.count() == 1


def test_there_is_none_before_the_enquiry_is_accepted() -> None:
    parties = make_parties()
    deal = make_enquiry(parties)
    with pytest.raises(Conflict):
        propose(parties, deal)
    assert not Nda.objects.exists()


def test_it_ends_with_its_term() -> None:
    parties = make_parties()
    deal = make_deal(parties)
    one = make_nda(parties, deal)
    assert one.ends_at is not None
    assert nda_in_force(deal, one.ends_at - timedelta(seconds=1)) == one
    assert nda_in_force(deal, one.ends_at) is None
    deal.listing.disclosures.update(nda_until=NOW - timedelta(days=400))
    assert seen_by_buyer(deal) == Level.ENQUIRY


@pytest.mark.parametrize(("asks_again", "left"), [(True, Level.ENQUIRY), (False, Level.NDA)])
def test_a_new_version_of_the_template_asks_again(asks_again: bool, left: Level) -> None:
    parties = make_parties()
    deal = make_deal(parties)
    make_nda(parties, deal)
    old = latest("nda")
    template_add(
        name="nda",
        title_en=old.title_en,
        title_zh=old.title_zh,
        text_en=old.text_en + "\n\nMore.",
        text_zh=old.text_zh + "\n\n补充。",
        asks_again=asks_again,
    )
    drain()
    assert seen_by_buyer(deal) == left
    make_nda(parties, deal)
    assert seen_by_buyer(deal) == Level.NDA
