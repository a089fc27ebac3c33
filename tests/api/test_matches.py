from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from graphql_relay import to_global_id

from marketplace.core.outbox import drain
from marketplace.listings.models import Listing
from marketplace.rights.models import Act
from marketplace.rights.services import assets_of, occupy
from tests.conftest import Api
from tests.factories import (
    TEXT,
    make_listing,
    make_need,
    make_organisation,
    make_patent,
    member_of,
    open_need,
    publish,
)

pytestmark = pytest.mark.usefixtures("indexes")
HANT = {
    "language": "zh-Hant",
    "title": "固態電解質鋰電池",
    "summary": "抑制枝晶",
    "description": "石榴石陶瓷隔膜。",
    "problem": "枝晶",
}


def test_a_need_in_simplified_finds_a_listing_in_traditional_with_reasons(api: Api) -> None:
    owner = member_of(make_organisation("licensor"))
    buyer = member_of(make_organisation("buyer"))
    publish(make_listing(owner, texts=[HANT]), owner)
    publish(make_listing(owner, texts=[{**TEXT, "title": "Wheat harvester"}]), owner)
    need = open_need(
        buyer, language="zh-Hans", title="寻找固态电解质", trl_min=5, trl_max=7, territories=["CN"]
    )
    drain()
    found = api.as_(buyer).run(
        "matches_for_need", need=to_global_id("Need", str(need.pk)), language="ZH_HANS"
    )["matchesForNeed"]
    (best,) = found["matches"]
    assert best["listing"]["text"]["title"] == "固态电解质锂电池"
    assert best["score"] == sum(part["points"] for part in best["components"])
    assert best["reasons"] == [
        "双方都提到：固态电解质。",
        "技术成熟度 6 级，在所需的 5 至 7 级之内。",
        "许可地域包括 CN。",
    ]


def test_a_must_have_that_fails_excludes_with_its_reason(api: Api) -> None:
    owner = member_of(make_organisation("licensor"))
    buyer = member_of(make_organisation("buyer"))
    publish(make_listing(owner), owner)
    need = open_need(buyer, trl_min=8, must_haves=["trl"], not_of_interest=["lithium"])
    drain()
    found = api.run("matches_for_need", need=to_global_id("Need", str(need.pk)))["matchesForNeed"]
    assert found["matches"] == []
    assert found["excluded"][0]["exclusions"] == [
        "TRL 6 is outside 8 to 9, which is a must.",
        "It speaks of “lithium”, which is not of interest.",
    ]


@pytest.mark.parametrize(
    ("need", "text", "said", "unsaid"),
    [
        ({"language": "zh-Hans", "title": "寻找锂电池"}, TEXT, "固态电解质", "反渗透膜"),
        (
            {"title": "Membranes wanted"},
            {**HANT, "title": "抗污染反滲透膜", "summary": "用於海水淡化"},
            "reverse osmosis",
            "forward osmosis",
        ),
    ],
)
def test_a_must_word_may_be_said_in_the_other_language(
    api: Api, need: dict[str, str], text: dict[str, str], said: str, unsaid: str
) -> None:
    owner = member_of(make_organisation("licensor"))
    buyer = member_of(make_organisation("buyer"))
    publish(make_listing(owner, texts=[text]), owner)
    answers = []
    for word in (said, unsaid):
        pk = open_need(buyer, must_words=[word], **need).pk
        drain()
        found = api.run("matches_for_need", need=to_global_id("Need", str(pk)))["matchesForNeed"]
        answers.append((len(found["matches"]), [e["exclusions"] for e in found["excluded"]]))
    out = f"It does not speak of “{unsaid}”, which is a must."
    assert answers == [(1, []), (0, [[out]])]


def test_a_listing_finds_the_needs_it_answers(api: Api) -> None:
    owner = member_of(make_organisation("licensor"))
    listing = publish(make_listing(owner), owner)
    open_need(member_of(make_organisation("buyer")), title="Solid electrolyte wanted")
    open_need(member_of(make_organisation("buyer")), title="Wheat harvester wanted")
    drain()
    found = api.run("matches_for_listing", listing=to_global_id("Listing", str(listing.pk)))
    (match,) = found["matchesForListing"]["matches"]
    assert match["need"]["title"] == "Solid electrolyte wanted"
    assert match["reasons"][0] == "Both speak of electrolyte, solid."


def test_needs_for_a_listing_cost_the_same_statements_however_many_there_are(api: Api) -> None:
    owner = member_of(make_organisation("licensor"))
    listing = publish(make_listing(owner), owner)
    buyer = member_of(make_organisation("buyer"))
    api.as_(owner)
    costs = []
    for many in (2, 6):
        for _ in range(many):
            open_need(buyer, title="Solid electrolyte wanted")
        drain()
        with CaptureQueriesContext(connection) as caught:
            found = api.run("matches_for_listing", listing=to_global_id("Listing", str(listing.pk)))
        costs.append((len(found["matchesForListing"]["matches"]), len(caught)))
    assert [shown for shown, _ in costs] == [2, 8]
    assert costs[0][1] == costs[1][1]


def grant(listing: Listing, territories: list[str], exclusivity: str = "exclusive") -> None:
    occupy(
        owner=listing.owner,
        holder=make_organisation("buyer"),
        assets=assets_of(listing),
        territories=territories,
        fields=[],
        acts=[*Act.values],
        exclusivity=exclusivity,
        kind="grant",
        start=timezone.localdate(),
        end=None,
        subject=f"agreement:{listing.pk}",
        now=timezone.now(),
    )


def test_what_others_have_is_matched_with_nobody(api: Api) -> None:
    owner = member_of(make_organisation("licensor"))
    buyer = member_of(make_organisation("buyer"))
    offer = {"territories": ["CN", "HK"], "exclusivity": ["exclusive", "non_exclusive"]}
    listing = publish(make_listing(owner, **offer), owner)
    wanted = {"title": "Solid electrolyte wanted", "exclusivity": "exclusive"}
    needs = {t: open_need(buyer, territories=[t], **wanted) for t in ("CN", "HK")}
    drain()
    api.as_(buyer)

    def found(territory: str) -> tuple[list[list[str]], list[list[str]]]:
        need = to_global_id("Need", str(needs[territory].pk))
        answer = api.run("matches_for_need", need=need)["matchesForNeed"]
        return [one["reasons"][1:] for one in answer["matches"]], [
            one["exclusions"] for one in answer["excluded"]
        ]

    offered = "The exclusivity wanted (exclusive) is offered."
    assert found("CN") == ([["It is offered for CN.", offered]], [])
    grant(listing, ["CN"])
    assert found("CN") == ([], [["Nothing that it offers is free in CN."]])
    assert found("HK") == ([["It is offered for HK.", offered]], [])
    asked = to_global_id("Listing", str(listing.pk))
    answered = api.run("matches_for_listing", listing=asked)["matchesForListing"]
    assert [one["need"]["id"] for one in answered["matches"]] == [
        to_global_id("Need", str(needs["HK"].pk))
    ]


def test_what_is_left_is_under_fewer_exclusivities(api: Api) -> None:
    owner = member_of(make_organisation("licensor"))
    buyer = member_of(make_organisation("buyer"))
    offer = {"territories": ["CN"], "exclusivity": ["exclusive", "non_exclusive"]}
    listing = publish(make_listing(owner, **offer), owner)
    need = open_need(buyer, title="Solid electrolyte", territories=["CN"], exclusivity="exclusive")
    drain()
    api.as_(buyer)
    asked = to_global_id("Need", str(need.pk))
    grant(listing, ["CN"], exclusivity="non_exclusive")
    (match,) = api.run("matches_for_need", need=asked)["matchesForNeed"]["matches"]
    points = {part["name"]: part["points"] for part in match["components"]}
    assert (points["territory"], points["exclusivity"]) == (10, 0)


def test_listings_for_a_need_cost_the_same_statements_however_many_there_are(api: Api) -> None:
    owner = member_of(make_organisation("licensor"))
    need = open_need(buyer := member_of(make_organisation("buyer")), title="Solid electrolyte")
    api.as_(buyer)
    costs = []
    for many in (2, 4):
        for n in range(many):
            title = f"Solid electrolyte {many}{n}"
            patents = [make_patent(f"US.80000{many}{n}.B2")]
            made = make_listing(owner, texts=[{**TEXT, "title": title}], patents=patents)
            grant(publish(made, owner), ["HK"])
        drain()
        with CaptureQueriesContext(connection) as caught:
            found = api.run("matches_for_need", need=to_global_id("Need", str(need.pk)))
        costs.append((len(found["matchesForNeed"]["matches"]), len(caught)))
    assert [shown for shown, _ in costs] == [2, 6]
    assert costs[0][1] == costs[1][1]


def test_matches_of_what_one_may_not_see_are_null(api: Api) -> None:
    need = make_need()
    assert api.run("matches_for_need", need=to_global_id("Need", str(need.pk))) == {
        "matchesForNeed": None
    }


def test_of_a_family_a_need_is_shown_the_best(api: Api) -> None:
    owner = member_of(make_organisation("licensor"))
    buyer = member_of(make_organisation("buyer"))
    patent = make_patent()
    best = publish(make_listing(owner, patents=[patent]), owner)
    publish(make_listing(owner, patents=[patent], trl=2), owner)
    need = open_need(buyer, trl_min=5)
    drain()
    found = api.as_(buyer).run("matches_for_need", need=to_global_id("Need", str(need.pk)))
    (match,) = found["matchesForNeed"]["matches"]
    assert match["listing"]["id"] == to_global_id("Listing", str(best.pk))
    assert match["familySize"] == 2
