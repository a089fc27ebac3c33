"""What is saved, changed or opened while a burst is held against the saved searches."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from marketplace.accounts.models import Organisation
from marketplace.accounts.viewer import Viewer
from marketplace.alerts.models import Alert, SavedSearch
from marketplace.alerts.services import need_watch, saved_search_update
from marketplace.core.outbox import drain
from marketplace.listings.services import listing_move, listing_update
from search import percolation
from search.indexing import rebuild
from search.percolation import percolate
from tests.factories import (
    NOW,
    TEXT,
    make_listing,
    make_organisation,
    make_saved_search,
    member_of,
    open_need,
    publish,
)

pytestmark = pytest.mark.django_db
WHEAT = [{**TEXT, "title": "Wheat harvester", "summary": "Cuts wheat.", "description": "Wheat."}]


@pytest.fixture
def buyer_and_owner(db: None) -> tuple[Viewer, Viewer]:
    rebuild("listing")
    return member_of(make_organisation("buyer")), member_of(make_organisation("licensor"))


@pytest.fixture
def after_the_first_batch(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], Any]], None]:
    """Batches of one listing, and something that happens between the first and the second."""

    def happens(what: Callable[[], Any]) -> None:
        record = percolation.alerts_record

        def interrupted(*args: Any, **named: Any) -> None:
            record(*args, **named)
            monkeypatch.setattr(percolation, "alerts_record", record)
            what()

        monkeypatch.setattr(percolation, "BATCH", 1)
        monkeypatch.setattr(percolation, "alerts_record", interrupted)

    return happens


def told() -> list[tuple[str, str]]:
    titles = Alert.objects.values_list("saved_search__name", "listing__texts__title")
    return sorted(titles)


@pytest.mark.parametrize(
    "change", [{"frequency": "daily"}, {"active": True}, {"text": "wheat harvester"}]
)
def test_a_saved_search_changed_meanwhile_misses_nothing(
    buyer_and_owner: Any, after_the_first_batch: Any, change: dict[str, Any]
) -> None:
    buyer, owner = buyer_and_owner
    saved = make_saved_search(buyer, name="wheat", text="barley" if "text" in change else "wheat")
    if "active" in change:
        SavedSearch.objects.update(paused_at=NOW)

    def changed() -> None:
        saved_search_update(viewer=buyer, saved_search_id=saved.pk, now=NOW, **change)
        publish(make_listing(owner, texts=WHEAT), owner)

    publish(make_listing(owner), owner)
    after_the_first_batch(changed)
    assert percolate(now=NOW) == 2
    assert told() == [("wheat", "Wheat harvester")]


def test_what_is_saved_meanwhile_hears_of_what_comes_after_it(
    buyer_and_owner: Any, after_the_first_batch: Any
) -> None:
    buyer, owner = buyer_and_owner

    def saved() -> None:
        make_saved_search(buyer, name="words", text="lithium")
        need = open_need(buyer, title="Solid electrolyte for lithium batteries")
        need_watch(need.pk)
        publish(make_listing(owner), owner)

    publish(make_listing(owner), owner)
    after_the_first_batch(saved)
    assert percolate(now=NOW) == 2
    title = "Solid electrolyte for lithium batteries"
    assert told() == [(title, title), ("words", title)]


def test_a_need_hears_of_what_was_published_before_the_worker_came_to_it(
    buyer_and_owner: Any,
) -> None:
    buyer, owner = buyer_and_owner
    title = "Solid electrolyte for lithium batteries"
    publish(make_listing(owner, texts=[{**TEXT, "problem": "before it was opened"}]), owner)
    open_need(buyer, title=title)
    late = publish(make_listing(owner), owner)
    drain()
    assert list(Alert.objects.values_list("listing", flat=True)) == [late.pk]


def test_a_change_of_how_it_is_told_leaves_it_filed_as_it_was(buyer_and_owner: Any) -> None:
    """So that it is found by a run that has filed all and reads them a moment later."""
    buyer, owner = buyer_and_owner
    saved = make_saved_search(buyer, text="lithium")
    publish(make_listing(owner), owner)
    percolation.file_saved_searches()
    saved.refresh_from_db()
    before = (saved.keys, saved.demand)
    saved = saved_search_update(viewer=buyer, saved_search_id=saved.pk, now=NOW, frequency="weekly")
    assert (saved.keys, saved.demand, saved.keys_version) == (*before, "")


@pytest.mark.parametrize("summary", [TEXT["summary"], "With sodium too."])
def test_what_was_revised_when_its_digest_went_out_is_told_once_it_is_back(
    buyer_and_owner: Any, mailoutbox: list[Any], summary: str
) -> None:
    buyer, owner = buyer_and_owner
    saved = make_saved_search(buyer, text="lithium", frequency="daily")
    listing = publish(make_listing(owner), owner)
    drain()
    saved.refresh_from_db()
    morning = saved.next_at
    assert morning is not None
    listing = listing_move(viewer=owner, listing_id=listing.pk, move="revise", now=NOW)
    drain(morning)
    assert mailoutbox == []
    listing_update(
        viewer=owner,
        listing_id=listing.pk,
        revision=listing.revision,
        texts=[{**TEXT, "summary": summary}],
    )
    publish(listing, owner)
    for day in (1, 2):
        drain(morning + timedelta(days=day))
    assert [letter.subject for letter in mailoutbox] == ["1 new for “Batteries”"]


@pytest.mark.parametrize(("silent", "told"), [(False, ["2 new for “wheat”"]), (True, [])])
def test_what_a_listing_no_longer_says_is_not_told_of_it(
    buyer_and_owner: Any, mailoutbox: list[Any], silent: bool, told: list[str]
) -> None:
    buyer, owner = buyer_and_owner
    Organisation.objects.filter(pk__in=owner.roles).update(name="Garnet Ltd")
    for text in ("lithium", "applicant:Garnet", "wheat"):
        make_saved_search(buyer, name=text, text=text, frequency="daily")
    listing = publish(make_listing(owner), owner)
    drain()
    if silent:
        SavedSearch.objects.update(paused_at=NOW)
    listing = listing_move(viewer=owner, listing_id=listing.pk, move="revise", now=NOW)
    changed = {"texts": [{**WHEAT[0], "problem": "Hunger."}], "anonymous": True}
    listing_update(viewer=owner, listing_id=listing.pk, revision=listing.revision, **changed)
    publish(listing, owner)
    publish(make_listing(owner, **changed), owner)
    drain()
    kept = Alert.objects.filter(saved_search__name="lithium").count()
    drain(timezone.now() + timedelta(days=2))
    assert [letter.subject for letter in mailoutbox] == told
    assert kept == silent
