"""Why a result ranks, said in three languages, from nothing but public words."""

from __future__ import annotations

from typing import Any

import pytest
from graphql_relay import to_global_id

from marketplace.core.outbox import drain
from marketplace.listings.models import Listing
from marketplace.needs.services import need_move
from search.indexing import rebuild
from search.synonyms import synonyms_set
from tests.conftest import Api
from tests.factories import (
    NOW,
    TEXT,
    make_listing,
    make_need,
    make_operator,
    make_organisation,
    make_patent,
    member_of,
    publish,
)

pytestmark = pytest.mark.django_db
HANT = {
    "language": "zh-Hant",
    "title": "抗污染反滲透膜",
    "summary": "聚酰胺複合膜",
    "description": "用於海水淡化。",
    "problem": "污染",
}


@pytest.fixture(params=["embedded", "elasticsearch"])
def indexes(request: pytest.FixtureRequest) -> None:
    if request.param == "elasticsearch":
        request.getfixturevalue("elasticsearch")
    rebuild("listing")
    rebuild("need")


pytestmark = [pytestmark, pytest.mark.usefixtures("indexes")]


def published(**content: object) -> Listing:
    owner = member_of(make_organisation("licensor", name="Garnet Ltd"))
    listing = publish(make_listing(owner, **content), owner)
    drain()
    return listing


def why(api: Api, text: str, **asked: Any) -> list[dict[str, Any]]:
    """Of the one result that there is."""
    (edge,) = api.run("search_explained", text=text, **asked)["search"]["edges"]
    grounds: list[dict[str, Any]] = edge["why"]
    return grounds


def sentences(grounds: list[dict[str, Any]]) -> list[str]:
    return [one["sentence"] for one in grounds]


def test_words_are_named_as_they_are_written_with_their_fields(api: Api) -> None:
    published()
    grounds = why(api, "battery dendrites")
    assert {(g["kind"], g["asked"], *g["found"]) for g in grounds} == {
        ("word", "battery", "batteries"),
        ("word", "dendrites", "dendrites"),
    }
    assert set(sentences(grounds)) == {
        "“batteries”, for “battery”, stands in the title and the description.",
        "“dendrites” stands in the summary and the description.",
    }
    assert sum(g["share"] for g in grounds) == pytest.approx(1, abs=0.001)
    assert [g["share"] for g in grounds] == sorted((g["share"] for g in grounds), reverse=True)


def test_a_translation_is_told_in_each_language(api: Api) -> None:
    published(texts=[HANT])
    by_language = {
        language: next(g for g in why(api, "osmosis", language=language))
        for language in ("EN", "ZH_HANS", "ZH_HANT")
    }
    assert by_language["EN"]["kind"] == "translation"
    assert {name: g["sentence"] for name, g in by_language.items()} == {
        "EN": "“反渗透” in the title is Chinese for “osmosis”.",
        "ZH_HANS": "标题中的“反渗透”是“osmosis”的中文。",
        "ZH_HANT": "標題中的“反滲透”是“osmosis”的中文。",
    }


def test_a_chinese_word_is_one_ground_and_not_its_pairs_of_signs(api: Api) -> None:
    published(texts=[HANT])
    grounds = why(api, "反渗透膜", language="ZH_HANS")
    assert grounds[0]["found"] == ["反渗透膜"]
    assert sentences(grounds)[0] == "标题中有“反渗透膜”。"


def test_english_for_a_chinese_query(api: Api) -> None:
    published()
    grounds = why(api, "电解质", language="EN")
    assert "“electrolyte” in the title is English for “电解质”." in sentences(grounds), sentences(
        grounds
    )


def test_phrase_number_and_fuzzy(api: Api) -> None:
    published(patents=[make_patent("US.8000000.B2")])
    assert "It holds the phrase “lithium batteries”." in sentences(
        why(api, '"lithium batteries"', language="EN")
    )
    assert sentences(why(api, "US8000000B2"))[0] == "It has the number “US8000000”."
    found = sentences(why(api, "electrolite", match="FUZZY"))
    assert found == ["“electrolyte” in the title is spelt nearly like “electrolite”."]


def test_a_name_that_is_asked_for_stands_in_the_names(api: Api) -> None:
    published()
    (ground,) = why(api, 'applicant:"Garnet Ltd"', language="EN")
    assert (ground["kind"], ground["asked"], ground["fields"], ground["share"]) == (
        "word", "garnet ltd", ["applicants"], 1.0
    )  # fmt: skip
    assert ground["sentence"] == "“garnet ltd” stands in the names of owner and applicants."


def test_a_synonym_is_named(api: Api) -> None:
    published()
    synonyms_set(viewer=make_operator(), words=["dendrites", "LLZO cubic oxide"])
    assert sentences(why(api, "llzo cubic oxide", language="EN")) == [
        "“dendrites” in the summary and the description is a synonym of “llzo cubic oxide”.",
    ]


def test_classes_of_the_best_candidates_are_named(api: Api) -> None:
    published(ipc=["H01M 10/0562"])
    grounds = why(api, "lithium", language="EN")
    (classes,) = (g for g in grounds if g["kind"] == "candidates")
    assert set(classes["found"]) == {"H01M 10/00", "H01M 10/0562"}
    assert classes["sentence"].startswith("It is classified in H01M 10/")


def test_an_anonymous_listing_is_not_explained_by_what_is_hidden(api: Api) -> None:
    patent = make_patent(
        "US.8000000.B2",
        title_en="Sesame seal",
        applicants=["Secretive Applicant"],
        claims="1. A sesame gasket.",
    )
    text = {**TEXT, "confidential": "Sinter the sesame"}
    published(patents=[patent], texts=[text], anonymous=True)
    for asked in ("battery sesame Secretive Garnet", "battery US8000000", "battery gasket"):
        grounds = why(api, asked)
        words = {word.lower() for g in grounds for word in g["found"]}
        assert "batteries" in words
        assert words.isdisjoint({"sesame", "secretive", "garnet ltd", "gasket", "us8000000"})
        assert {f for g in grounds for f in g["fields"]} <= {"title", "summary", "description"}


def test_a_match_says_why_it_is_a_candidate(api: Api) -> None:
    published(ipc=["H01M 10/0562"])
    buyer = member_of(make_organisation("buyer"))
    need = make_need(buyer, title="固态电解质", language="zh-Hans", ipc=["H01M"])
    need_move(viewer=buyer, need_id=need.pk, move="open", now=NOW)
    found = api.as_(buyer).run(
        "matches_explained", need=to_global_id("Need", str(need.pk)), language="EN"
    )
    (match,) = found["matchesForNeed"]["matches"]
    told = sentences(match["why"])
    assert "“electrolyte” in the title is English for “电解质”." in told
    assert any(one.startswith("It is classified in H01M") and "asked for" in one for one in told)


def test_explaining_costs_the_same_statements_whatever_is_found(
    api: Api, django_assert_max_num_queries: Any
) -> None:
    published()
    with django_assert_max_num_queries(11):
        api.run("search_explained", text="batteries")
    for _ in range(9):
        published(patents=[make_patent()])
    with django_assert_max_num_queries(11):
        api.run("search_explained", text="batteries")


def test_nothing_asked_for_needs_no_ground(api: Api) -> None:
    published()
    assert why(api, "") == []
