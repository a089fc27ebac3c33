from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone
from pypdf import PdfReader, PdfWriter, Transformation
from pypdf.generic import RectangleObject

from marketplace.accounts.models import User
from marketplace.accounts.viewer import Viewer
from marketplace.core import links
from marketplace.core.errors import Conflict, Faults, Forbidden, NotFound
from marketplace.deals.evidence import verify
from marketplace.deals.models import Deal, Nda
from marketplace.deals.services import deal_move
from marketplace.rooms import gates
from marketplace.rooms.links import file_link
from marketplace.rooms.models import Grant, Opening, RoomFile
from marketplace.rooms.services import access_grant, access_revoke, file_remove
from marketplace.rooms.watermark import watermarked
from tests.factories import (
    NOW,
    PASSWORD,
    Parties,
    grant_file,
    make_deal,
    make_file,
    make_nda,
    make_organisation,
    make_parties,
    member_of,
)

from .test_uploading import pdf

pytestmark = pytest.mark.django_db


def sworn() -> tuple[Parties, Deal]:
    parties = make_parties()
    deal = make_deal(parties)
    make_nda(parties, deal)
    return parties, deal


def link(viewer: Viewer, file: RoomFile) -> str:
    return file_link(viewer=viewer, file_id=file.pk, now=timezone.now())


def opens(path: str) -> bool:
    page = Client().get(path)
    return page.status_code == 200 and bool(page.getvalue())


def test_a_granted_file_opens_for_its_reader_and_each_opening_is_kept() -> None:
    parties, deal = sworn()
    file = make_file(parties, deal)
    grant_file(parties, file)
    path = link(parties.buyer, file)
    for _ in range(2):
        page = Client().get(path, REMOTE_ADDR="203.0.113.9")
        assert page.status_code == 200
        assert page.getvalue() == b"Sinter at 1,140 degrees."
    assert [(one.organisation_id, one.address) for one in Opening.objects.all()] == [
        (parties.buyer_id, "203.0.113.9")
    ] * 2
    deal.refresh_from_db()
    assert [event.kind for event in deal.events.all()][-3:] == [
        "room.grant",
        "room.open",
        "room.open",
    ]
    assert verify(deal) == []
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        Opening.objects.all().delete()


def test_a_pdf_says_on_each_page_who_read_it_and_when() -> None:
    parties, deal = sworn()
    assert parties.buyer.user is not None
    type(parties.buyer.user).objects.update(name="王伟")
    file = make_file(parties, deal, name="recipe.pdf", content=pdf())
    grant_file(parties, file)
    page = Client().get(link(parties.buyer, file))
    (read,) = PdfReader(io.BytesIO(page.content)).pages
    text = read.extract_text()
    assert "Secret recipe" in text
    assert text.count(f"王伟 · {deal.buyer.name} · {timezone.now():%Y-%m-%d}") == 3


def test_the_mark_is_on_the_part_of_the_page_that_is_shown() -> None:
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(pdf())))
    (page,) = writer.pages
    page.cropbox = RectangleObject((100, 400, 500, 750))
    out = io.BytesIO()
    writer.write(out)
    places = []

    def see(text: str, cm: list[float], tm: list[float], *_: object) -> None:
        if "王伟" in text:
            x, y = Transformation(tuple(cm)).apply_on((tm[4], tm[5]))
            places.append((100 < x < 500, 400 < y < 750))

    PdfReader(io.BytesIO(watermarked(out, "王伟 · 深圳"))).pages[0].extract_text(visitor_text=see)
    assert places == [(True, True)] * 3


@pytest.mark.parametrize("path", ["", "add/", "{}/change/", "{}/delete/"])
def test_operators_read_rooms_but_no_contents_in_the_admin(path: str) -> None:
    parties, deal = sworn()
    file = make_file(parties, deal)
    grant_file(parties, file)
    client = Client()
    client.force_login(User.objects.create_superuser("boss@example.com", PASSWORD))
    page = client.get("/admin/rooms/roomfile/" + path.format(file.pk))
    reads = path in ("", "{}/change/")
    assert page.status_code == (200 if reads else 403)
    assert ("recipe.txt" in page.content.decode()) == reads
    assert file.content.name not in page.content.decode()
    assert client.post(f"/admin/rooms/roomfile/{file.pk}/change/", {"name": "x"}).status_code == 403
    file.refresh_from_db()
    assert file.name == "recipe.txt"


def test_without_grant_or_nda_the_file_is_not_even_known() -> None:
    parties = make_parties()
    deal = make_deal(parties)
    file = make_file(parties, deal)
    with pytest.raises(NotFound):
        link(parties.buyer, file)
    grant_file(parties, file)
    with pytest.raises(NotFound):
        link(parties.buyer, file)
    make_nda(parties, deal)
    assert opens(link(parties.buyer, file))
    for viewer in (parties.operator, member_of(make_organisation("buyer"))):
        with pytest.raises(NotFound):
            link(viewer, file)


def test_revoking_works_at_once_also_on_links_given_out() -> None:
    parties, deal = sworn()
    file = make_file(parties, deal)
    grant_file(parties, file)
    path = link(parties.buyer, file)
    access_revoke(
        viewer=parties.licensor, file_id=file.pk, organisation_id=parties.buyer_id, now=NOW
    )
    assert Client().get(path).status_code == 404
    assert not Opening.objects.exists()
    with pytest.raises(Conflict):
        access_revoke(
            viewer=parties.licensor, file_id=file.pk, organisation_id=parties.buyer_id, now=NOW
        )


@pytest.mark.parametrize("end", ["grant", "nda", "deal", "removal", "membership", "account"])
def test_a_link_is_no_good_once_what_made_it_right_is_over(end: str) -> None:
    parties, deal = sworn()
    file = make_file(parties, deal)
    grant_file(parties, file)
    path = link(parties.buyer, file)
    past = timezone.now() - timedelta(seconds=1)
    if end == "grant":
        Grant.objects.update(expires_at=past)
    elif end == "nda":
        Nda.objects.update(ends_at=past)
    elif end == "deal":
        deal_move(viewer=parties.buyer, deal_id=deal.pk, move="end", now=NOW)
    elif end == "removal":
        file_remove(viewer=parties.licensor, file_id=file.pk, now=NOW)
    else:
        assert parties.buyer.user is not None
        if end == "account":
            User.objects.filter(pk=parties.buyer.user.pk).update(is_active=False)
        else:
            parties.buyer.user.memberships.all().delete()
    assert Client().get(path).status_code == 404
    assert not Opening.objects.exists()


def test_links_cannot_be_made_up_nor_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    parties, deal = sworn()
    file = make_file(parties, deal)
    path = link(parties.licensor, file)
    assert opens(path)
    assert Client().get(path + "x").status_code == 404
    assert Client().get(f"/rooms/{file.pk}").status_code == 404
    monkeypatch.setattr(links, "LIFETIME", -1)
    assert Client().get(path).status_code == 404


def test_what_is_not_classified_does_not_cross_a_border() -> None:
    parties, deal = sworn()  # from Hong Kong to the mainland
    file = make_file(parties, deal, classification="unknown")
    with pytest.raises(Faults, match="Nobody has said what data"):
        grant_file(parties, file)
    assert not Grant.objects.exists()


@pytest.fixture
def closed() -> Iterator[list[str]]:
    """A gate that closes when a reason is put in."""
    reasons: list[str] = []

    def check(file: RoomFile, reader: object, now: datetime) -> list[str]:
        return reasons

    gates.gate(check)
    yield reasons
    gates.GATES.remove(check)


def test_the_gate_is_asked_again_at_each_opening(closed: list[str]) -> None:
    parties, deal = sworn()
    file = make_file(parties, deal)
    grant_file(parties, file)
    path = link(parties.buyer, file)
    closed.append("The zone's negative list has it since today.")
    page = Client().get(path)
    assert (page.status_code, page.content.decode()) == (403, closed[0])
    with pytest.raises(Forbidden):
        link(parties.buyer, file)
    assert not Opening.objects.exists()


def test_only_the_uploaders_side_manages_a_file() -> None:
    parties, deal = sworn()
    file = make_file(parties, deal)
    grant_file(parties, file)
    for viewer in (parties.buyer, member_of(deal.licensor, "viewer")):
        with pytest.raises(Forbidden):
            access_grant(
                viewer=viewer,
                file_id=file.pk,
                organisation_id=parties.buyer_id,
                expires_at=NOW + timedelta(days=1),
                now=NOW,
            )
        with pytest.raises(Forbidden):
            file_remove(viewer=viewer, file_id=file.pk, now=NOW)
    with pytest.raises(NotFound):
        grant_file(parties, file, organisation_id=make_organisation("buyer").pk)
