"""What is kept with a saved search when it is filed."""

from __future__ import annotations

import gzip
import hashlib
from pathlib import Path

import orjson
import pytest
from django.db import connection

from marketplace.alerts.models import SavedSearch
from marketplace.alerts.services import saved_search_update
from search import lexicon
from search.demand import DEMANDS, read, written
from search.percolation import FILE, file_saved_searches, planned_for, rarest, version
from search.request import Price, SearchRequest
from tests.factories import NOW, make_organisation, make_saved_search, member_of

pytestmark = pytest.mark.django_db
TEXTS = [
    "battery", "batteries lithium", "harvester -battery", '"lithium batteries"', "锂电池", "塗層",
    "涂层 -航空", "battery ipc:H01M", "electrolyte -ipc:H01M", "trl:12", "number:US8147410",
    "applicant:Polytechnic", "sea water", "反渗透膜",
]  # fmt: skip


def test_a_saved_search_that_changes_while_it_is_filed_is_filed_again() -> None:
    buyer = member_of(make_organisation("buyer"))
    saved = make_saved_search(buyer, text="wheat")
    was = [{"id": saved.pk, "updated_at": saved.updated_at, "keys": ["wheat"], "demand": {}}]
    saved_search_update(viewer=buyer, saved_search_id=saved.pk, now=NOW, text="lithium")
    with connection.cursor() as cursor:
        cursor.execute(FILE, [version(), orjson.dumps(was).decode()])
    saved.refresh_from_db()
    assert (saved.keys, saved.keys_version) == ([], "")
    assert file_saved_searches() == 1
    saved.refresh_from_db()
    assert (saved.keys, saved.keys_version) == (["lithium", "锂"], version())
    assert saved.demand == {"concepts": [[["lithium"], ["锂"]]]}


def test_a_saved_search_is_filed_under_the_rarest_that_it_needs() -> None:
    spread = {"lithium": 40, "batteri": 90, "garnet": 2, "锂": 30}
    whole, either = [frozenset({"batteri", "garnet"})], [frozenset({"lithium"}), frozenset({"锂"})]
    facet = [frozenset({"kind=patent"})]
    assert rarest([facet, either, whole], spread) == ["garnet"]
    assert rarest([facet, either], spread) == ["lithium", "锂"]  # whichever way it is met
    assert rarest([facet], spread) == ["kind=patent"]
    assert rarest([], spread) == []


def test_what_can_never_be_is_filed_under_nothing() -> None:
    make_saved_search(text="battery trl:12")
    assert file_saved_searches() == 1
    assert list(SavedSearch.objects.values_list("keys", flat=True)) == [[]]


def test_a_lexicon_built_anew_under_the_same_name_files_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    saved = make_saved_search(text="lithium")
    assert (file_saved_searches(), file_saved_searches()) == (1, 0)
    anew = tmp_path / lexicon.FILE.name
    anew.write_bytes(gzip.compress("# {}\nlithium\t锌\t1.000\n锌\t-9.00\n".encode()))

    def another_process() -> None:
        for kept in (lexicon.packed, lexicon.version, lexicon.table, lexicon.translations):
            kept.cache_clear()

    with monkeypatch.context() as changed:
        changed.setattr(lexicon, "FILE", anew)
        another_process()
        try:
            assert file_saved_searches() == 1
        finally:
            another_process()
    saved.refresh_from_db()
    assert saved.demand == {"concepts": [[["lithium"], ["锌"]]]}


def test_a_demand_is_read_as_it_was_written() -> None:
    request = SearchRequest(
        text='reactor -steam "heat exchanger" applicant:Toray -trl:3 number:US8147410'
        ' -"steam drum" -number:US7654321',
        match="all",
        filters={"ipc": ["C02F", "B01D"]},
        price=Price("HKD", None, 5000),
    )
    kept = written(planned_for(request.text, lambda tokens: ()), request)
    demand = read(orjson.loads(orjson.dumps(kept)))
    assert [one.words >= {"reactor"} for one in demand.concepts] == [True]
    assert demand.phrases == (" heat exchang ", " @toray ")
    assert (demand.without, demand.apart) == ({"steam"}, {"trl=3", "number=US7654321"})
    assert demand.without_phrases == (" steam drum ",)
    assert (demand.numbers, demand.facets) == ({"US8147410"}, ({"ipc=C02F", "ipc=B01D"},))
    assert demand.price == Price("HKD", None, 5000)
    assert read(written(planned_for("", lambda tokens: ()), SearchRequest(match="all"))) == read({})


def test_what_is_kept_of_a_plan_has_a_version() -> None:
    """Fails where plan.py asks something else than what is kept: raise DEMANDS, then say it."""
    requests = [SearchRequest(text=text, match="all") for text in TEXTS]
    kept = [written(planned_for(one.text, lambda tokens: ()), one) for one in requests]
    digest = hashlib.sha256(orjson.dumps(kept, option=orjson.OPT_SORT_KEYS)).hexdigest()
    assert (DEMANDS, digest[:12]) == (3, "4b8c90a0edc3")
