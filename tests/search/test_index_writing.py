"""Writing the index when Elasticsearch is not there, twice, or no more."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from functools import partial
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from marketplace.core.models import OutboxMessage
from marketplace.core.outbox import drain
from search import elastic, engine
from search.document import Document, ipc_facets
from search.engine import EMBEDDED
from search.indexing import index_rows, rebuild
from search.models import Entry, Generation, Term
from search.rarity import standing
from search.request import SearchRequest
from tests.factories import make_listing, make_organisation, member_of, publish
from tests.threads import at_once

pytestmark = pytest.mark.django_db


@pytest.fixture
def dead_elasticsearch(settings: Settings) -> Iterator[None]:
    with socket.socket() as taken:  # bound but not listening: every connection is refused
        taken.bind(("127.0.0.1", 0))
        settings.ELASTICSEARCH_URL = f"http://127.0.0.1:{taken.getsockname()[1]}"
        elastic.client.cache_clear()
        engine.BREAKER.open_until = 0.0
        yield
        elastic.client().close()
        elastic.client.cache_clear()
        engine.BREAKER.open_until = 0.0


def test_the_command_says_that_elasticsearch_does_not_answer(dead_elasticsearch: None) -> None:
    with pytest.raises(CommandError, match="Elasticsearch, at ELASTICSEARCH_URL"):
        call_command("search_index", "create", "--kind", "listing", stdout=StringIO())


def test_a_dead_elasticsearch_loses_no_save(dead_elasticsearch: None) -> None:
    Generation.objects.create(kind="listing", live=True)
    owner = member_of(make_organisation("licensor"))
    listing = publish(make_listing(owner), owner)
    drain()
    result = engine.search("listing", SearchRequest(text="batteries"))
    assert [hit.id for hit in result.hits] == [str(listing.pk)]
    waiting = OutboxMessage.objects.filter(topic="listing.changed", done_at=None)
    assert waiting.exists()  # to be tried again, so that Elasticsearch gets it too


def test_a_rebuild_that_fails_leaves_the_live_index_alone(dead_elasticsearch: None) -> None:
    before = Generation.objects.create(kind="listing", live=True)
    with pytest.raises(elastic.FAULTS):
        rebuild("listing")
    assert list(Generation.objects.values_list("pk", "live")) == [(before.pk, True)]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("times", range(3))
def test_rebuilds_at_once_leave_an_index(times: int) -> None:
    owner = member_of(make_organisation("licensor"))
    listing = publish(make_listing(owner), owner)
    rebuild("listing")
    made = at_once(*[partial(rebuild, "listing")] * 3)
    (left,) = Generation.objects.filter(kind="listing")
    assert (left.live, left.documents) == (True, 1)
    assert left in made
    assert list(Entry.objects.values_list("doc", flat=True)) == [str(listing.pk)]


def test_the_same_message_twice_changes_nothing() -> None:
    owner = member_of(make_organisation("licensor"))
    listing = publish(make_listing(owner), owner)
    generation = rebuild("listing")
    once = sorted(Term.objects.filter(generation=generation).values_list("term", "entries"))
    index_rows("listing", [listing.pk])
    index_rows("listing", [listing.pk])
    generation.refresh_from_db()
    again = Term.objects.filter(generation=generation, entries__gt=0)
    assert sorted(again.values_list("term", "entries")) == once
    assert generation.documents == 1


def test_the_index_knows_of_a_document_what_its_analysis_says() -> None:
    texts = {"title": ["Garnet cell 固态电解质"], "description": ["Cells of garnet", "石榴石"]}
    document = Document(id="one", texts=texts, claims="A cell", facets=ipc_facets(["H01M 10/05"]))
    generation = Generation.objects.create(kind="trial")
    EMBEDDED.put(generation, [document, Document(id="other", texts={"title": ["Lamp"]})])
    assert standing(generation, ["one", "none"]) == {
        "one": (document.frequencies, document.lengths)
    }


def test_drop_leaves_nothing() -> None:
    owner = member_of(make_organisation("licensor"))
    publish(make_listing(owner), owner)
    rebuild("listing")
    call_command("search_index", "drop", stdout=StringIO())
    assert (Entry.objects.count(), Generation.objects.count()) == (0, 0)
    call_command("search_index", "create", "--kind", "listing", stdout=StringIO())
    assert engine.search("listing", SearchRequest()).total == 1
