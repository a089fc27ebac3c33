"""Files of a data room go only where the law lets their data go (N8)."""

from __future__ import annotations

import pytest
from django.test import Client
from django.utils import timezone

from marketplace.accounts.models import Organisation
from marketplace.core.errors import Faults
from marketplace.rooms.links import file_link
from marketplace.rooms.models import Opening
from marketplace.rooms.services import access_grant
from tests.factories import NOW, grant_file, make_deal, make_file, make_nda, make_parties

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("jurisdiction", "city", "goes"),
    [
        ("CN", "广州", True),
        ("CN", "Shenzhen", True),
        ("CN", "Beijing", False),
        ("US", "", False),
        ("MO", "", False),
    ],
)
def test_what_came_under_the_bay_area_contract_stays_in_the_bay_area(
    jurisdiction: str, city: str, goes: bool
) -> None:
    parties = make_parties()
    buyer = Organisation.objects.filter(pk=parties.buyer_id)
    buyer.update(jurisdiction=jurisdiction, city=city)
    deal = make_deal(parties)
    make_nda(parties, deal)
    file = make_file(parties, deal, classification="personal", under_gba_contract=True)
    if goes:
        assert grant_file(parties, file).organisation_id == parties.buyer_id
        return
    with pytest.raises(Faults) as refused:
        grant_file(parties, file)
    assert refused.value.errors[0].field == ("organisation",)
    assert not file.grants.exists()


def test_a_reader_who_moves_out_of_the_bay_area_opens_nothing_more() -> None:
    parties = make_parties()
    buyer = Organisation.objects.filter(pk=parties.buyer_id)
    buyer.update(city="深圳")
    deal = make_deal(parties)
    make_nda(parties, deal)
    file = make_file(parties, deal, classification="personal", under_gba_contract=True)
    grant_file(parties, file)
    path = file_link(viewer=parties.buyer, file_id=file.pk, now=timezone.now())
    buyer.update(city="Beijing")
    assert Client().get(path).status_code == 403
    assert not Opening.objects.exists()


@pytest.mark.parametrize(("persons", "goes"), [(99_999, True), (100_000, False), (None, False)])
def test_data_of_few_persons_leaves_the_mainland(persons: int | None, goes: bool) -> None:
    parties = make_parties()
    Organisation.objects.filter(pk=parties.buyer_id).update(city="Beijing")
    deal = make_deal(parties)
    make_nda(parties, deal)
    file = make_file(parties, deal, by="buyer", classification="personal", persons=persons)

    def send() -> None:
        access_grant(
            viewer=parties.buyer,
            file_id=file.pk,
            organisation_id=parties.licensor_id,
            expires_at=NOW.replace(year=2099),
            now=NOW,
        )

    if goes:
        send()
    else:
        with pytest.raises(Faults):
            send()
    assert file.grants.exists() == goes
