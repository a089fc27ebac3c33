"""Why a result ranks, said in three languages, from nothing but public words."""

from __future__ import annotations

from typing import Any

import pytest
from graphql_relay import to_global_id

from marketplace.accounts.services import organisation_update
from marketplace.core.outbox import drain
from marketplace.listings.models import Listing
from marketplace.needs.services import need_move
from search.indexing import rebuild
from search.request import FILTERS
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


def test_what_two_words_mean_together_is_one_ground(api: Api) -> None:
    published(texts=[HANT])
    grounds = why(api, "Reverse osmosis membranes", language="EN")
    (together,) = (g for g in grounds if g["asked"] == "reverse osmosis")
    assert (together["kind"], together["found"]) == ("translation", ["反渗透"])
    assert together["sentence"] == "“反渗透” in the title is Chinese for “reverse osmosis”."


def test_what_a_chinese_word_is_in_two_words_is_told_as_two(api: Api) -> None:
    said = []
    for title in ("Membrane of reverse osmosis", "Membrane of forward osmosis"):
        published(texts=[{**TEXT, "title": title}])
        first = next(g for g in why(api, f"反渗透 -{'reverse' if said else 'forward'}"))
        said.append(first["sentence"])
    assert said == [
        "“reverse osmosis” in the title is English for “反渗透”.",
        "“osmosis” in the title is English for “反渗透”.",
    ]


def test_what_one_of_two_words_means_alone_is_not_both(api: Api) -> None:
    published(texts=[{**HANT, "title": "空心微球"}])
    first = why(api, "hollow fiber", language="EN")[0]
    assert first["sentence"] == "“空心” in the title is Chinese for “hollow”."


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


def test_what_was_read_lately_is_read_anew_once_the_index_has_it_otherwise(api: Api) -> None:
    owner = member_of(make_organisation("licensor", name="Quartz Ltd"))
    listing = publish(make_listing(owner), owner)
    drain()
    names = "stands in the names of owner and applicants."
    before = sentences(why(api, "quartz olivine", language="EN"))
    assert before == [f"“quartz” {names}"]
    organisation_update(
        viewer=owner,
        organisation_id=listing.owner_id,
        revision=listing.owner.revision,
        name="Olivine Ltd",
    )
    drain()
    after = sentences(why(api, "quartz olivine", language="EN"))
    assert after == [f"“olivine” {names}"]


def test_what_only_filters_is_told_in_each_language(api: Api) -> None:
    published(ipc=["B01D 71/56", "C02F 1/44"], trl=5, patents=[make_patent("US.8000000.B2")])
    (ground,) = why(api, "ipc:B01D", language="EN")
    assert (ground["kind"], ground["asked"], ground["found"], ground["share"]) == (
        "filter", "ipc", ["B01D"], 0.0
    )  # fmt: skip
    assert ground["sentence"] == "It is classified in B01D (Separation), as asked."
    for text, language, said in (
        ("ipc:B01D", "ZH_HANS", ["属于所要求的分类 B01D（分离）。"]),
        ("ipc:B01D ipc:C02F ipc:A01B", "EN",
         ["It is classified in B01D (Separation) and C02F, as asked."]),
        ("trl:5", "EN", ["Its TRL is 5, as asked."]),
        ("trl:4 trl:5", "ZH_HANT", ["技術成熟度為所要求的 5 級。"]),
        ("trl:5 ipc:C02F 1/44", "EN",
         ["Its TRL is 5, as asked.", "It is classified in C02F 1/44 (Treatment of water, waste"
          " water, sewage, or sludge), as asked."]),
        ("number:US8000000B2", "EN", ["It has the number “US8000000”."]),
        ("number:US8000000B2 trl:5", "EN",
         ["It has the number “US8000000”.", "Its TRL is 5, as asked."]),
        ("-perovskite", "EN", ["It has nothing of what is to be left out."]),
        ("-trl:9", "ZH_HANS", ["不含要求排除的内容。"]),
    ):  # fmt: skip
        assert sentences(why(api, text, language=language)) == said, text
    told = sentences(why(api, "dendrites trl:5 -perovskite", language="EN"))
    assert told[0] == "“dendrites” stands in the summary and the description."
    assert told[-1] == "Its TRL is 5, as asked."
    assert not any("left out" in one for one in told)


ASKED: dict[str, tuple[Any, str, str]] = {
    "ipc": (["b01d"], "It is classified in B01D (Separation), as asked.",
            "属于所要求的分类 B01D（分离）。"),
    "ipcSection": (["A", "B"], "It is classified in B (Performing operations), as asked.",
                   "属于所要求的分类 B（作业）。"),
    "ipcSubclass": (["B01D"], "It is classified in B01D (Separation), as asked.",
                    "属于所要求的分类 B01D（分离）。"),
    "trl": ([6, 7], "Its TRL is 6, as asked.", "技术成熟度为所要求的 6 级。"),
    "kind": (["KNOW_HOW", "SOFTWARE"], "It offers know-how, as asked.", "提供所要求的技术秘密。"),
    "territory": (["CN", "HK"], "It is offered for CN, as asked.", "许可地域包括所要求的 CN。"),
    "exclusivity": (["SOLE", "NON_EXCLUSIVE"],
                    "The exclusivity asked for (non-exclusive) is offered.",
                    "可提供所要求的许可方式（普通）。"),
    "jurisdiction": (["HK"], "Its owner is registered in HK, as asked.",
                     "权利人注册于所要求的 HK。"),
    "industry": (["C38"], "It is for industry C38, as asked.", "适用于所要求的行业 C38。"),
    "sdg": ([7], "It serves sustainable development goal 7, as asked.",
            "服务于所要求的可持续发展目标 7。"),
    "year": ([2026], "It is of 2026, as asked.", "年份为所要求的 2026。"),
    "price": ({"currency": "HKD", "most": 600}, "Its price lies within what is asked.",
              "价格在所要求的范围之内。"),
}  # fmt: skip


def test_every_filter_is_told(api: Api) -> None:
    published(ipc=["B01D 71/56"], sdgs=[7], price_amount=500, price_currency="HKD")
    assert {"".join(f"_{c.lower()}" if c.isupper() else c for c in name) for name in ASKED} == {
        *FILTERS, "price"
    }  # fmt: skip
    for name, (values, english, chinese) in ASKED.items():
        for language, said in (("EN", english), ("ZH_HANS", chinese)):
            *_, ground = why(api, "dendrites", filters={name: values}, language=language)
            assert (ground["kind"], ground["sentence"]) == ("filter", said)


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
