"""Several workers at one burst, and what is saved meanwhile; on real threads."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

import pytest
from django.core import mail
from django.db import connection, transaction
from django.utils import timezone

from marketplace.alerts.models import Alert, SavedSearch
from marketplace.alerts.services import saved_search_update
from marketplace.core.models import OutboxMessage
from marketplace.core.outbox import claim, drain, handle_all
from marketplace.core.outbox import publish as announce
from marketplace.needs.services import need_move
from marketplace.patents.models import Patent
from search.indexing import one_writer, rebuild
from search.percolation import file_saved_searches, percolate
from tests.factories import (
    NOW,
    make_listing,
    make_need,
    make_organisation,
    make_patent,
    make_saved_search,
    member_of,
    publish,
)
from tests.threads import at_once

pytestmark = pytest.mark.django_db(transaction=True)


def soon() -> int:
    """What a worker does in a minute."""
    return drain(timezone.now() + timedelta(minutes=1))


def pairs() -> list[tuple[UUID, UUID]]:
    return sorted(Alert.objects.values_list("saved_search_id", "listing_id"))


@pytest.mark.parametrize("times", range(3))
def test_two_workers_at_once_tell_once(times: int) -> None:
    rebuild("listing")
    buyer, owner = member_of(make_organisation("buyer")), member_of(make_organisation("licensor"))
    saved = [make_saved_search(buyer, name=f"{n}", text="lithium") for n in range(5)]
    need = make_need(buyer, title="Solid electrolyte for lithium batteries")
    need_move(viewer=buyer, need_id=need.pk, move="open", now=NOW)
    drain()
    SavedSearch.objects.update(frequency="immediate")
    listings = [publish(make_listing(owner), owner) for _ in range(5)]

    def work() -> None:
        drain()
        percolate(now=timezone.now())

    at_once(work, work)
    soon()
    subscriptions = [*saved, SavedSearch.objects.get(need=need)]
    assert pairs() == sorted((s.pk, one.pk) for s in subscriptions for one in listings)
    assert Alert.objects.filter(sent_at=None).count() == 0
    told = [letter.body.count(str(one.pk)) for letter in mail.outbox for one in listings]
    assert sum(told) == len(pairs())


def test_what_is_published_while_another_worker_is_at_it_is_told() -> None:
    rebuild("listing")
    buyer = member_of(make_organisation("buyer"))
    saved = [make_saved_search(buyer, name=f"{n}", text="lithium") for n in range(5)]
    owners = [member_of(make_organisation("licensor")) for _ in range(3)]

    def work(owner: Any) -> list[UUID]:
        found = []
        for _ in range(6):
            found.append(publish(make_listing(owner), owner).pk)
            drain()
        return found

    listings = [pk for found in at_once(*(partial(work, one) for one in owners)) for pk in found]
    soon()
    assert pairs() == sorted((s.pk, pk) for s in saved for pk in listings)
    assert not OutboxMessage.objects.filter(done_at=None).exists()


def test_a_worker_does_not_wait_for_another_that_is_at_it() -> None:
    """Whoever is at it may have looked for the last time: what it misses is told soon after."""
    rebuild("listing")
    saved = make_saved_search(text="lithium")
    owner = member_of(make_organisation("licensor"))
    listing = publish(make_listing(owner), owner)

    def work() -> int | None:
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '20s'")  # so that a worker that waits is a failure
        drain()
        return percolate(now=NOW)

    def again() -> None:
        handle_all(claim(timezone.now() + timedelta(minutes=1)))

    with one_writer("alerts"):
        assert at_once(work) == [None]
        at_once(again)
    waiting = OutboxMessage.objects.filter(done_at=None).values_list("topic", flat=True)
    assert (list(waiting), pairs()) == (["alerts.again"], [])
    assert OutboxMessage.objects.filter(topic="alerts.again").count() == 2
    assert not OutboxMessage.objects.exclude(error="").exists()
    soon()
    assert pairs() == [(saved.pk, listing.pk)]


def filed(saved: SavedSearch) -> tuple[str, list[str], dict[str, Any]]:
    saved.refresh_from_db()
    return saved.text, saved.keys, saved.demand


@pytest.mark.parametrize("times", range(3))
def test_a_saved_search_updated_twice_at_once_is_filed_as_it_ends(times: int) -> None:
    buyer = member_of(make_organisation("buyer"))
    saved = make_saved_search(buyer, text="membrane")
    texts = ("wheat harvester", "battery -lithium")
    update = partial(saved_search_update, viewer=buyer, saved_search_id=saved.pk, now=NOW)
    outcomes = at_once(
        *(partial(update, text=text) for text in texts),
        partial(update, filters={"trl": ["6"]}),
        file_saved_searches,
    )
    assert [type(one) for one in outcomes] == [SavedSearch] * 3 + [int]
    file_saved_searches()
    text, keys, demand = filed(saved)
    assert text in texts
    assert saved.filters == {"trl": ["6"]}
    alone = make_saved_search(buyer, text=text, filters={"trl": ["6"]})
    file_saved_searches()
    assert filed(alone) == (text, keys, demand)
    assert demand["facets"] == [["trl=6"]]


def test_a_patent_that_changes_while_another_worker_is_at_it_is_told() -> None:
    rebuild("listing")
    owner = member_of(make_organisation("licensor"))
    listing, patent = make_listing(owner), make_patent()
    listing.patents.add(patent)
    publish(listing, owner)
    drain()
    saved = make_saved_search(text="sulfide")
    Patent.objects.filter(pk=patent.pk).update(abstract_en="A sulfide.")
    with transaction.atomic():
        announce("patent.changed", patent.pk)
    with one_writer("alerts"):
        at_once(drain)
    assert pairs() == []
    soon()
    assert pairs() == [(saved.pk, listing.pk)]
