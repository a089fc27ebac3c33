"""A saved search is told of exactly what the real search would find, by either engine."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from django.db import IntegrityError, transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from marketplace.accounts.models import Organisation
from marketplace.alerts.models import Alert, SavedSearch
from marketplace.alerts.services import saved_search_update
from marketplace.core.errors import Faults, Invalid
from marketplace.core.models import OutboxMessage
from marketplace.core.outbox import drain
from marketplace.core.outbox import publish as announce
from marketplace.listings.models import Listing
from marketplace.listings.services import listing_move, listing_update
from marketplace.needs.models import Need
from marketplace.needs.services import need_move
from marketplace.patents.models import Patent
from search.demand import Offered
from search.engine import Engine, live, search_in
from search.indexing import rebuild
from search.listings import document_of_listing, listings_to_index
from search.matching import fit, telling, text_of_need, wish_of
from search.percolation import (
    Waiting,
    checked_filters,
    file_saved_searches,
    percolate,
    request_of,
)
from search.request import Price
from search.synonyms import synonyms_set
from search.watched import ALERT_FROM, Watched
from tests.factories import (
    NOW,
    TEXT,
    make_listing,
    make_need,
    make_operator,
    make_organisation,
    make_patent,
    make_saved_search,
    member_of,
    publish,
)

pytestmark = pytest.mark.django_db
TITLES = [
    ("en", "Solid electrolyte for lithium batteries", "Garnet ceramic, no dendrites"),
    ("en", "Reverse osmosis membrane with fouling resistance", "Polyamide layer for sea water"),
    ("en", "Wheat harvester with battery drive", "Electric harvesting machine for grain"),
    ("en", "Method of coating a turbine blade", "Thermal barrier coating by plasma spraying"),
    ("zh-Hans", "固态电解质锂电池", "抑制枝晶的石榴石陶瓷隔膜"),
    ("zh-Hans", "抗污染反渗透膜", "海水淡化用聚酰胺复合膜"),
    ("zh-Hant", "航空發動機渦輪葉片塗層", "等離子噴塗熱障塗層"),
    ("zh-Hant", "無人機電池管理系統", "用於無人駕駛飛行器的電池"),
]
QUERIES = [
    "battery", "batteries lithium", "solid electrolyte", "membrane", "reverse osmosis membrane",
    "coating blade", "turbine", "harvester -battery", "battery -lithium", '"lithium batteries"',
    '"batteries lithium"', "电池", "锂电池", "反渗透膜", "塗層", "涂层 -航空", "无人机", "石榴石",
    "ipc:H01M", "battery ipc:H01M", "trl:5-6", "membrane trl:3", "trl:12", "US8147410",
    "number:US1234567 number:US8147410", "garnet", "applicant:Polytechnic", "polyamide",
    "claimword", "sea water", "nothing whatever", "electrolyte 电池",
    'battery -"lithium batteries"', "电池 -锂电池",
    "membrane -number:US8147410", 'battery -applicant:"Polytechnic Ltd"',
    "membrane -applicant:wheat",
]  # fmt: skip
FILTERS: list[dict[str, Any]] = [
    {},
    {"ipc": ["H01M"]},
    {"trl": ["6"]},
    {"territory": ["CN"], "kind": ["know_how"]},
    {"price": {"currency": "HKD", "least": None, "most": 5000}},
]


def market() -> list[Listing]:
    owner = member_of(make_organisation("licensor", name="Polytechnic Ltd"))
    patent = make_patent("US.8147410.B2", claims="A claimword comprising a membrane and 电池.")
    found = []
    for number, (language, title, summary) in enumerate(TITLES):
        text = {**TEXT, "language": language, "title": title, "summary": summary,
                "description": summary, "problem": title}  # fmt: skip
        more: dict[str, Any] = {"texts": [text], "trl": 3 + number % 4}
        if number % 3 == 0:
            more |= {"ipc": ["H01M 10/0562"], "price_model": "lump_sum",
                     "price_amount": 1000 * number, "price_currency": "HKD"}  # fmt: skip
        if number % 4 == 1:
            more |= {"patents": [patent]}
        found.append(publish(make_listing(owner, **more), owner))
    return found


def offered(rows: list[Listing]) -> dict[UUID, Offered]:
    again = listings_to_index().filter(pk__in=[row.pk for row in rows])
    return {row.pk: Offered(document_of_listing(row)) for row in again}


def test_percolation_finds_what_the_search_finds(one_engine: Engine) -> None:
    listings = market()
    rebuild("listing")
    by = member_of(make_organisation("buyer"))
    for text in ["", *QUERIES]:
        for filters in FILTERS:
            if text or filters:
                make_saved_search(by, text=text, filters=filters)
    assert file_saved_searches() == len(QUERIES) * len(FILTERS) + len(FILTERS) - 1
    new = offered(listings[1:])  # the burst; the first is there already
    told = {(saved.pk, str(pk)) for saved, pk in Waiting().matches(new)}
    generation = live("listing")
    assert generation is not None
    ids = [str(pk) for pk in new]
    real: set[tuple[UUID, str]] = set()
    for saved in SavedSearch.objects.all():
        asked = request_of(saved)
        result = search_in(generation, type(asked)(**{**vars(asked), "ids": ids}), one_engine)
        real |= {(saved.pk, hit.id) for hit in result.hits}
    assert told == real
    assert 100 < len(real) < len(ids) * SavedSearch.objects.count()


PIECES = st.one_of(
    st.sampled_from([
        *QUERIES, "-membrane", "-电池", "-ipc:H01M", "-trl:4", '"固态电解质"', '"無人機 電池"',
        "渦輪葉片", "涡轮 叶片", "無人駕駛飛行器", "海水淡化", "sea-water", "plasma", "cell",
        "drone", "uav", "solid state battery", "全固态电池", "ipc:H01M10/0562", "cpc:H01", "trl:5",
        "of the", "的", "电", 'applicant:"polytechnic ltd"', "applicant:electrolyte", "electric",
        "陶瓷 -枝晶", "抑制", "desalination",
    ]),
    st.text(alphabet="电池锂膜反渗透涂層 aé-\":@#=|%_1", max_size=6),
)  # fmt: skip
FILTERED = st.sampled_from([
    *FILTERS,
    {"ipc_section": ["H"], "trl": ["3", "4"]},
    {"territory": ["US"]},
    {"jurisdiction": ["HK"], "year": ["2010", "2026"]},
    {"price": {"currency": "HKD", "least": 2000, "most": None}},
    {"price": {"currency": "USD", "least": None, "most": None}},
])  # fmt: skip


def test_any_saved_search_is_told_of_what_the_search_finds(one_engine: Engine) -> None:
    """Both engines, with operators' synonyms, translations, both scripts and all operators."""
    new = offered(market())
    operator, by = make_operator(), member_of(make_organisation("buyer"))
    for words in (
        ["drone", "uav", "無人機"],
        ["solid state battery", "全固态电池", "solid electrolyte"],
    ):
        synonyms_set(viewer=operator, words=words)
    generation = rebuild("listing")
    ids = [str(pk) for pk in new]
    found = 0

    @settings(max_examples=250)
    @given(st.lists(PIECES, min_size=1, max_size=3).map(" ".join), FILTERED)
    def agrees(text: str, filters: dict[str, Any]) -> None:
        nonlocal found
        text = text.strip()
        try:
            checked_filters(text, {}, None)
        except (Faults, Invalid):
            return
        if not text and not filters:
            return
        SavedSearch.objects.all().delete()
        saved = SavedSearch.objects.create(user=by.user, name="x", text=text, filters=filters)
        file_saved_searches()
        told = sorted(str(pk) for _, pk in Waiting().matches(new))
        asked = replace(request_of(saved), ids=ids)
        real = sorted(hit.id for hit in search_in(generation, asked, one_engine).hits)
        assert told == real
        found += len(real)

    agrees()
    assert found > 50  # else it had nothing to compare


@given(st.lists(st.sampled_from([*QUERIES, "的", "''", '"', "-", "ipc:", "ＵＳ"]), max_size=4))
def test_any_text_is_filed_or_refused(parts: list[str]) -> None:
    try:
        assert checked_filters(" ".join(parts), {}, None) == {}
    except (Faults, Invalid) as error:
        assert any(one in str(error) for one in ("Say what to look for", "is no "))


def test_what_cannot_be_saved() -> None:
    for text, filters, price in (
        ("-battery", {}, None),
        ("word " * 100, {}, None),
        ("x" * 301, {}, None),
        (" ".join(f"word{n}" for n in range(25)), {}, None),
        ("battery", {"trl": ["12"]}, None),
        ("battery", {}, Price("HKD", 5, 1)),
    ):
        with pytest.raises((Faults, Invalid)):
            checked_filters(text, filters, price)
    assert checked_filters("-battery", {"trl": ["6"]}, None) == {"trl": ["6"]}


@pytest.fixture
def buyer_and_owner(db: None) -> tuple[Any, Any]:
    rebuild("listing")
    rebuild("need")
    return member_of(make_organisation("buyer")), member_of(make_organisation("licensor"))


def told() -> list[tuple[str, UUID]]:
    return sorted(Alert.objects.values_list("saved_search__name", "listing_id"))


def test_a_new_listing_alerts_each_saved_search_once(buyer_and_owner: Any) -> None:
    buyer, owner = buyer_and_owner
    make_saved_search(buyer, name="finds", text="lithium")
    make_saved_search(buyer, name="finds not", text="wheat")
    listing = publish(make_listing(owner), owner)
    drain()
    assert told() == [("finds", listing.pk)]
    rebuild("listing")
    OutboxMessage.objects.update(done_at=None)  # every message comes a second time
    drain()
    assert told() == [("finds", listing.pk)]
    assert percolate(now=NOW) == 0


def test_a_changed_listing_alerts_those_that_it_did_not_before(buyer_and_owner: Any) -> None:
    buyer, owner = buyer_and_owner
    listing = publish(make_listing(owner), owner)
    drain()
    make_saved_search(buyer, name="old words", text="lithium")
    make_saved_search(buyer, name="new words", text="sodium")
    listing_move(viewer=owner, listing_id=listing.pk, move="renew", now=NOW)
    drain()
    assert told() == []  # a renewal says nothing new
    for text in ("For lithium and sodium", "For sodium and lithium"):
        listing = listing_move(viewer=owner, listing_id=listing.pk, move="revise", now=NOW)
        listing_update(
            viewer=owner,
            listing_id=listing.pk,
            revision=listing.revision,
            texts=[{**TEXT, "summary": text}],
        )
        publish(listing, owner)
        drain()
        assert told() == [("new words", listing.pk), ("old words", listing.pk)]


def test_a_listing_whose_patent_or_owner_changed_alerts_those_that_it_did_not_before(
    buyer_and_owner: Any,
) -> None:
    buyer, owner = buyer_and_owner
    listing, patent = make_listing(owner), make_patent()
    listing.patents.add(patent)
    publish(listing, owner)
    drain()
    for word in ("lithium", "sulfide", "Perovskite"):
        make_saved_search(buyer, name=word, text=word)

    def changed(topic: str, subject: Any) -> list[str]:
        with transaction.atomic():
            announce(topic, subject)
        drain()
        return [name for name, _ in told()]

    assert changed("patent.changed", patent.pk) == []
    Patent.objects.filter(pk=patent.pk).update(abstract_en="A sulfide.")
    assert changed("patent.changed", patent.pk) == ["lithium", "sulfide"]
    Organisation.objects.filter(pk=listing.owner_id).update(name="Perovskite Ltd")
    assert changed("organisation.changed", listing.owner_id) == ["Perovskite", "lithium", "sulfide"]


def test_what_was_there_when_it_was_saved_is_no_news(buyer_and_owner: Any) -> None:
    buyer, owner = buyer_and_owner
    publish(make_listing(owner), owner)
    make_saved_search(buyer, text="lithium")
    drain()  # the worker comes to the listing only now
    assert told() == []


def test_a_saved_search_that_changed_is_filed_anew(buyer_and_owner: Any) -> None:
    buyer, owner = buyer_and_owner
    saved = make_saved_search(buyer, text="wheat")
    assert (file_saved_searches(), file_saved_searches()) == (1, 0)
    saved_search_update(viewer=buyer, saved_search_id=saved.pk, now=NOW, text="lithium")
    listing = publish(make_listing(owner), owner)
    drain()
    assert told() == [("Batteries", listing.pk)]


def test_a_need_is_told_of_what_answers_it(buyer_and_owner: Any) -> None:
    buyer, owner = buyer_and_owner
    for title, more in (
        ("Solid electrolyte for lithium batteries", {}),
        ("Wheat harvester wanted", {}),
        ("Solid electrolyte, no ceramic", {"not_of_interest": ["ceramic"]}),
    ):
        need = make_need(buyer, title=title, **more)
        need_move(viewer=buyer, need_id=need.pk, move="open", now=NOW)
    drain()
    listing = publish(make_listing(owner), owner)
    drain()
    rebuild("need")
    OutboxMessage.objects.update(done_at=None)
    drain()
    assert told() == [("Solid electrolyte for lithium batteries", listing.pk)]


def test_who_left_the_buyer_is_not_told_what_answers_its_need(buyer_and_owner: Any) -> None:
    buyer, owner = buyer_and_owner
    need = make_need(buyer, title="Solid electrolyte for lithium batteries")
    need_move(viewer=buyer, need_id=need.pk, move="open", now=NOW)
    drain()
    buyer.user.memberships.all().delete()
    publish(make_listing(owner), owner)
    drain()
    assert told() == []


def test_the_order_of_saved_searches_does_not_matter() -> None:
    listings = market()
    rebuild("listing")
    texts = QUERIES[:]
    random.Random(1).shuffle(texts)
    for text in texts:
        make_saved_search(text=text)
    file_saved_searches()
    one_by_one = {(s.pk, pk) for row in listings for s, pk in Waiting().matches(offered([row]))}
    assert one_by_one == {(s.pk, pk) for s, pk in Waiting().matches(offered(listings))}


def test_the_database_holds_one_alert_a_search_and_listing(buyer_and_owner: Any) -> None:
    buyer, owner = buyer_and_owner
    saved, listing = make_saved_search(buyer), publish(make_listing(owner), owner)
    Alert.objects.create(saved_search=saved, listing=listing)
    with pytest.raises(IntegrityError), transaction.atomic():
        Alert.objects.create(saved_search=saved, listing=listing)
    assert Alert.objects.count() == 1


def test_a_document_serves_the_revision_that_it_was_made_of(buyer_and_owner: Any) -> None:
    buyer, owner = buyer_and_owner
    for text in ("lithium", "wheat"):
        make_saved_search(buyer, name=text, text=text)
    for back, found in ((0, "wheat"), (1, "lithium")):
        listing = publish(make_listing(owner), owner)
        document = document_of_listing(listing)
        other = replace(document, revision=document.revision - back, texts={"title": ["Wheat"]})
        assert percolate(now=NOW, made={document.id: other}) == 1
        assert list(
            Alert.objects.filter(listing=listing).values_list("saved_search__name", flat=True)
        ) == [found]


def test_published_again_without_change_is_no_news(buyer_and_owner: Any) -> None:
    buyer, owner = buyer_and_owner
    listing = publish(make_listing(owner), owner)
    drain()
    make_saved_search(buyer, text="lithium")
    need = make_need(buyer, title="Solid electrolyte for lithium batteries")
    need_move(viewer=buyer, need_id=need.pk, move="open", now=NOW)
    drain()
    listing_move(viewer=owner, listing_id=listing.pk, move="revise", now=NOW)
    publish(listing, owner)
    rebuild("listing")
    drain()
    assert told() == []


def test_a_need_is_told_as_its_score_says() -> None:
    """What is filed by words finds what scoring every need would find."""
    listings = market()
    rebuild("listing")
    by = member_of(make_organisation("buyer"))
    for _, title, summary in TITLES:
        for more in ({}, {"trl_min": 4, "trl_max": 6}, {"ipc": ["H01M"]}, {"territories": ["US"]}):
            need = make_need(by, title=title, description=summary, **more)
            need_move(viewer=by, need_id=need.pk, move="open", now=NOW)
    drain()
    rows = {row.pk: row for row in listings_to_index().filter(pk__in=[r.pk for r in listings])}
    documents = {pk: document_of_listing(row) for pk, row in rows.items()}
    found = {(s.need_id, pk) for s, pk in Watched().matches(rows, documents, NOW)}
    scored = {
        (need.pk, pk)
        for need in Need.objects.all()
        for weights in [telling(live("listing"), text_of_need(need))]
        for pk, row in rows.items()
        for one in [fit(wish_of(need, weights, inside=True), row, need, 1.0, weights)]
        if one.match.score >= ALERT_FROM and not one.match.exclusions
    }
    assert found == scored
    assert len(TITLES) <= len(found) < len(rows) * Need.objects.count()
