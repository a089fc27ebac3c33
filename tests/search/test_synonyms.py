"""Words that operators hold to be the same, on both engines, with nothing indexed anew."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from graphql_relay import to_global_id
from hypothesis import given
from hypothesis import strategies as st

from marketplace.core.errors import Faults, Forbidden
from search.document import Document
from search.engine import EMBEDDED, Engine, search_in
from search.models import Generation, SynonymChange, SynonymGroup
from search.percolation import file_saved_searches
from search.regional import of_regions
from search.request import SearchRequest, checked
from search.synonyms import among, loaded, synonyms_remove, synonyms_set
from tests.conftest import Api, done
from tests.factories import (
    make_operator,
    make_organisation,
    make_saved_search,
    member_of,
    staff,
)

pytestmark = pytest.mark.django_db
DOCUMENTS = [
    Document(id="lidar", texts={"title": ["Lidar for a car"]}),
    Document(id="laser", texts={"title": ["Laser radar of a ship"]}),
    Document(id="chinese", texts={"title": ["車載激光雷達"]}),
    Document(id="pen", texts={"title": ["Laser pen"]}),
    Document(id="lamp", texts={"title": ["Lamp"]}),
]


@pytest.fixture
def find(one_engine: Engine) -> Iterator[Callable[..., list[str]]]:
    generation = Generation.objects.create(kind="trial")
    for engine in dict.fromkeys((EMBEDDED, one_engine)):
        engine.create(generation)
        engine.put(generation, DOCUMENTS)

    def ask(text: str, **asked: Any) -> list[str]:
        request = checked(SearchRequest(text=text, **asked))
        return [hit.id for hit in search_in(generation, request, only=one_engine).hits]

    yield ask


@pytest.mark.parametrize(
    ("text", "groups"),
    [
        ("資訊安全的軟體", [["資訊", "信息"], ["軟體", "软件"]]),
        ("矽晶圓", [["矽晶", "硅晶"]]),
        ("矽", [["矽", "硅"]]),
        ("聚醯胺", [["聚醯", "聚酰"], ["醯胺", "酰胺"]]),
        ("ＡＩ伺服器 印表機", [["伺服器", "服务器"], ["印表機", "打印机"]]),
        ("裝置 程序 文件 元件", []),  # words of the mainland as well
        ("软体机器人", []),  # so written, it is a soft robot
        ("software", []),
    ],
)
def test_words_of_taiwan_have_those_of_the_mainland(text: str, groups: list[list[str]]) -> None:
    assert of_regions(text) == groups


def test_a_word_of_taiwan_finds_that_of_the_mainland(find: Callable[..., list[str]]) -> None:
    assert set(find("雷射雷達", match="all")) == {"laser", "chinese"}


def test_one_word_finds_the_others_at_once(find: Callable[..., list[str]]) -> None:
    assert "laser" not in find("lidar", match="all")
    group = synonyms_set(viewer=make_operator(), words=["LiDAR", "laser  radar", "激光雷達"])
    assert group.words == ["LiDAR", "laser radar", "激光雷達"]
    assert find("lidar")[0] == "lidar"
    assert set(find("lidar")) >= {"lidar", "laser", "chinese"}
    assert {"lidar", "laser", "chinese"} <= set(find("laser radar", match="all"))
    assert set(find("激光雷达", match="all")) >= {"lidar", "laser", "chinese"}
    assert "lidar" not in find("radar", match="all")  # half of the word is not the word
    assert "lidar" not in find('"laser radar"')  # a phrase is meant as it is
    synonyms_remove(viewer=make_operator(), group_id=group.pk)
    assert "laser" not in find("lidar", match="all")


def test_every_change_says_who() -> None:
    first, second = make_operator(), make_operator()
    group = synonyms_set(viewer=first, words=["lidar", "laser radar"])
    synonyms_set(viewer=second, words=["lidar", "ladar"], group_id=group.pk)
    synonyms_remove(viewer=first, group_id=group.pk)
    changes = SynonymChange.objects.order_by("created_at").values_list("by", "before", "after")
    assert list(changes) == [
        (first.user.pk, [], ["lidar", "laser radar"]),
        (second.user.pk, ["lidar", "laser radar"], ["lidar", "ladar"]),
        (first.user.pk, ["lidar", "ladar"], []),
    ]
    with pytest.raises(IntegrityError), transaction.atomic():
        SynonymChange.objects.all().delete()
    with pytest.raises(IntegrityError), transaction.atomic():
        SynonymChange.objects.update(after=[])


@pytest.mark.parametrize(
    ("words", "fields"),
    [
        (["lidar"], [("words",)]),
        (["lidar", "  "], [("words", "1")]),
        (["lidar", "the of"], [("words", "1")]),
        (["lidar", "LIDARS"], [("words", "1")]),
        (["lidar", "x" * 81], [("words", "1")]),
        ([f"word{n}" for n in range(21)], [("words",)]),
        (["激光雷达", "激光雷達", "-"], [("words", "1"), ("words", "2")]),
    ],
)
def test_what_is_no_synonym_is_refused(words: list[str], fields: list[tuple[str, ...]]) -> None:
    with pytest.raises(Faults) as caught:
        synonyms_set(viewer=make_operator(), words=words)
    assert [error.field for error in caught.value.errors] == fields
    assert (SynonymGroup.objects.count(), SynonymChange.objects.count()) == (0, 0)


def test_only_operators() -> None:
    owner = member_of(make_organisation("licensor"))
    group = synonyms_set(viewer=make_operator(), words=["lidar", "ladar"])
    with pytest.raises(Forbidden):
        synonyms_set(viewer=owner, words=["sonar", "asdic"])
    with pytest.raises(Forbidden):
        synonyms_set(viewer=owner, words=["sonar", "asdic"], group_id=group.pk)
    with pytest.raises(Forbidden):
        synonyms_remove(viewer=owner, group_id=group.pk)
    assert list(SynonymGroup.objects.values_list("words", flat=True)) == [["lidar", "ladar"]]


@given(st.lists(st.text(max_size=90), max_size=25))
def test_any_words_are_set_or_refused(words: list[str]) -> None:
    words = [word.replace("\x00", "") for word in words]
    with transaction.atomic():
        try:
            group = synonyms_set(viewer=make_operator(), words=words)
        except Faults:
            pass
        else:
            assert among(group.tokens) == loaded()(group.tokens) == [group.words]
        transaction.set_rollback(True)


def test_saved_searches_are_filed_anew_when_synonyms_change() -> None:
    saved = make_saved_search(member_of(make_organisation("buyer")), text="lidar")
    assert file_saved_searches() == 1
    synonyms_set(viewer=make_operator(), words=["lidar", "ladar"])
    assert file_saved_searches() == 1
    saved.refresh_from_db()
    assert "ladar" in saved.keys
    assert file_saved_searches() == 0


def test_synonyms_in_the_api(api: Api, codes: Callable[[dict[str, Any]], list[str]]) -> None:
    operator = make_operator()
    made = done(api.as_(operator).run("synonyms_set", words=["lidar", "ladar"]))["synonyms"]
    assert made["words"] == ["lidar", "ladar"]
    listed = api.as_(operator).run("synonyms", word="lidar")["synonyms"]
    assert [one["id"] for one in listed] == [made["id"]]
    assert api.as_(operator).run("synonyms", word="sonar") == {"synonyms": []}
    assert api.run("synonyms") == {"synonyms": []}  # they are for operators
    refused = api.run("synonyms_set", words=["sonar", "asdic"])["synonymsSet"]
    assert codes(refused) == ["FORBIDDEN"]
    unknown = to_global_id("SynonymGroup", "00000000-0000-0000-0000-000000000000")
    assert codes(api.as_(operator).run("synonyms_remove", id=unknown)["synonymsRemove"]) == [
        "NOT_FOUND"
    ]
    gone = done(api.as_(operator).run("synonyms_remove", id=made["id"]))
    assert gone["id"] == made["id"]
    assert SynonymGroup.objects.count() == 0


def test_synonyms_in_the_admin() -> None:
    operator = make_operator()
    client = staff(operator)
    here = "/admin/search/synonymgroup/"
    assert client.post(f"{here}add/", {"words": "lidar\n激光雷达\n"}).status_code == 302
    group = SynonymGroup.objects.get()
    assert group.words == ["lidar", "激光雷达"]
    page = client.post(f"{here}{group.pk}/change/", {"words": "lidar"})
    assert (page.status_code, "2 to 20 words" in page.content.decode()) == (200, True)
    assert client.post(f"{here}{group.pk}/change/", {"words": "lidar\r\nladar"}).status_code == 302
    assert client.post(f"{here}{group.pk}/delete/", {"post": "yes"}).status_code == 302
    assert SynonymGroup.objects.count() == 0
    by = SynonymChange.objects.values_list("by", flat=True)
    assert list(by) == [operator.require_user().pk] * 3
    assert client.get("/admin/search/synonymchange/").status_code == 200


def test_a_comma_in_a_word_stays_in_it_in_the_admin() -> None:
    operator = make_operator()
    group = synonyms_set(viewer=operator, words=["1,2-dichloroethane", "ethylene dichloride"])
    client, here = staff(operator), f"/admin/search/synonymgroup/{group.pk}/change/"
    words = client.get(here).context["adminform"].form["words"].value()
    assert client.post(here, {"words": f"{words}\r\nEDC"}).status_code == 302
    group.refresh_from_db()
    assert group.words == ["1,2-dichloroethane", "ethylene dichloride", "EDC"]


def test_staff_that_are_no_operators_read_synonyms_and_are_offered_no_more() -> None:
    group = synonyms_set(viewer=make_operator(), words=["lidar", "ladar"])
    client = staff(member_of(make_organisation("licensor")))
    here = "/admin/search/synonymgroup/"
    assert client.get(f"{here}{group.pk}/change/").status_code == 200
    chosen = {"action": "delete_selected", "_selected_action": str(group.pk), "post": "yes"}
    for page, form in (
        (f"{here}add/", {"words": "a\nb"}),
        (f"{here}{group.pk}/change/", {"words": "a\nb"}),
        (f"{here}{group.pk}/delete/", {"post": "yes"}),
    ):
        assert client.post(page, form).status_code == 403
    assert "Successfully deleted" not in client.post(here, chosen, follow=True).content.decode()
    assert list(SynonymGroup.objects.values_list("words", flat=True)) == [["lidar", "ladar"]]
