"""Needs that are told of new listings, by what their buyers declined."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from marketplace.core.outbox import drain
from marketplace.feedback.services import match_decline
from marketplace.listings.services import listing_move
from marketplace.matching.scoring import POINTS
from marketplace.needs.models import Need
from marketplace.rights.models import Act
from marketplace.rights.services import assets_of, occupy
from search.indexing import rebuild
from search.listings import document_of_listing, listings_to_index
from search.matching import matches_for_need, part_said
from search.watched import ALERT_FROM, Watched, beside, enough
from tests.factories import (
    NOW,
    TEXT,
    make_listing,
    make_organisation,
    make_patent,
    member_of,
    open_need,
    publish,
)

pytestmark = pytest.mark.django_db


def test_a_need_is_not_told_of_what_its_buyer_declined() -> None:
    buyer = member_of(make_organisation("buyer"))
    owner = member_of(make_organisation("licensor"))
    wanted = "Solid electrolyte for lithium batteries"
    needs = [open_need(buyer, title=wanted, description=TEXT["summary"]) for _ in range(2)]
    drain()
    listing = publish(make_listing(owner), owner)

    def answered() -> set[UUID]:
        row = listings_to_index().get(pk=listing.pk)
        found = Watched().matches({row.pk: row}, {row.pk: document_of_listing(row)}, NOW)
        return {saved.need_id for saved, _ in found if saved.need_id}

    rebuild("listing")
    assert answered() == {need.pk for need in needs}
    match_decline(
        viewer=buyer,
        need_id=needs[0].pk,
        listing_id=listing.pk,
        reasons=["compliance"],
        now=NOW,
    )
    assert answered() == {needs[1].pk}


def test_a_need_is_not_told_of_the_family_of_what_its_buyer_declined() -> None:
    buyer = member_of(make_organisation("buyer"))
    owner = member_of(make_organisation("licensor"))
    wanted = "Solid electrolyte for lithium batteries"
    need = open_need(buyer, title=wanted, description=TEXT["summary"])
    patent = make_patent()
    drafts = [make_listing(owner) for _ in range(2)]
    for draft in drafts:
        draft.patents.add(patent)
    declined, twin = (publish(draft, owner) for draft in drafts)
    drain()
    rebuild("listing")

    def told() -> set[UUID]:
        row = listings_to_index().get(pk=twin.pk)
        found = Watched().matches({row.pk: row}, {row.pk: document_of_listing(row)}, NOW)
        return {saved.need_id for saved, _ in found if saved.need_id}

    assert told() == {need.pk}
    match_decline(
        viewer=buyer, need_id=need.pk, listing_id=declined.pk, reasons=["compliance"], now=NOW
    )
    assert told() == set()
    assert [one.listing.pk for one in matches_for_need(need, buyer, NOW).found] == []
    listing_move(viewer=owner, listing_id=declined.pk, move="withdraw", reason="sold", now=NOW)
    drain()
    assert told() == set()
    assert [one.listing.pk for one in matches_for_need(need, buyer, NOW).found] == []


def test_a_need_is_told_of_nothing_that_others_have() -> None:
    buyer = member_of(make_organisation("buyer"))
    owner = member_of(make_organisation("licensor"))
    wanted = "Solid electrolyte for lithium batteries"
    need = open_need(buyer, title=wanted, description=TEXT["summary"], territories=["CN"])
    drain()
    listing = publish(make_listing(owner, territories=["CN", "HK"]), owner)
    rebuild("listing")

    def told() -> set[UUID]:
        row = listings_to_index().get(pk=listing.pk)
        found = Watched().matches({row.pk: row}, {row.pk: document_of_listing(row)}, NOW)
        return {saved.need_id for saved, _ in found if saved.need_id}

    def take(territory: str) -> None:
        occupy(
            owner=listing.owner,
            holder=make_organisation("buyer"),
            assets=assets_of(listing),
            territories=[territory],
            fields=[],
            acts=[*Act.values],
            exclusivity="exclusive",
            kind="grant",
            start=NOW.date(),
            end=None,
            subject=f"test:{territory}",
            now=NOW,
        )

    take("HK")
    assert told() == {need.pk}
    take("CN")
    assert told() == set()
    assert [one.listing.pk for one in matches_for_need(need, buyer, NOW).excluded] == [listing.pk]


def test_a_need_is_told_of_what_says_its_must_in_the_other_language() -> None:
    buyer = member_of(make_organisation("buyer"))
    owner = member_of(make_organisation("licensor"))
    wanted = {"title": "Reverse osmosis membrane against fouling", "description": "Desalination"}
    said, _ = (
        open_need(buyer, must_words=[word], **wanted) for word in ("reverse osmosis", "garnet")
    )
    text = {"language": "zh-Hans", "title": "抗污染反渗透膜", "description": "用于海水淡化的膜。"}
    listing = publish(make_listing(owner, texts=[{**TEXT, **text}]), owner)
    drain()
    rebuild("listing")
    row = listings_to_index().get(pk=listing.pk)
    found = Watched().matches({row.pk: row}, {row.pk: document_of_listing(row)}, NOW)
    assert {saved.need_id for saved, _ in found} == {said.pk}


@pytest.mark.parametrize("asked", [{}, {"ipc": ["H01M"]}, {"ipc": ["H01M"], "trl_min": 4}])
def test_only_what_cannot_be_told_of_is_passed_over_unscored(asked: dict[str, Any]) -> None:
    need = Need(**asked)
    weights = {f"word{n}": 1.0 for n in range(1000)}

    def best(said: int) -> int:
        """The points of a listing that says so many words, with all else at its best."""
        share = part_said(weights, frozenset(list(weights)[:said]))
        return round(POINTS["words"] * share) + beside(need)

    least = next(said for said in range(1000) if best(said) >= ALERT_FROM)
    assert least - 1 < enough(need, weights) <= least


def test_what_shares_a_third_of_the_words_has_all_their_points() -> None:
    weights = {f"word{n}": 1.0 for n in range(12)}
    said = [part_said(weights, frozenset(list(weights)[:n])) for n in (0, 1, 4, 12)]
    assert said == pytest.approx([0.2, 0.4, 1.0, 1.0])
