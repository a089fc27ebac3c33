"""Restricted parties (F6): names across scripts, a person's word, and screening again."""

from __future__ import annotations

from io import StringIO
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from hypothesis import given
from hypothesis import strategies as st

from marketplace.accounts.models import Organisation
from marketplace.core.errors import Conflict, Faults, Forbidden, Invalid, NotFound
from marketplace.core.outbox import drain
from marketplace.screening.lists import Entry, read
from marketplace.screening.models import RestrictedParty, ScreeningHit
from marketplace.screening.names import Names, plain, romanised
from marketplace.screening.services import list_load, screen, screening_hit_decide, standing
from tests.factories import NOW, make_operator, make_organisation, member_of

LISTED = Entry("E-1", ("Huaxing Precision Machinery Co., Ltd.", "华兴精密机械有限公司"), "CN", "")
OTHER = Entry("E-2", ("Red Harbour Trading",), "IR", "")
PARTY = uuid4()


def near(own: str, listed: str) -> tuple[int, str] | None:
    found = Names([(PARTY, [listed])]).near([own], 86)
    return (found[0].score, found[0].reason) if found else None


@pytest.mark.parametrize(
    ("own", "listed", "reason"),
    [
        ("Huaxing Precision Machinery Limited", "Huaxing Precision Machinery Co., Ltd.", "written"),
        ("HUAXING  PRECISION-MACHINERY", "Machinery Precision Huaxing", "written"),
        ("Huaxing Precison Machinery", "Huaxing Precision Machinery", "written"),
        ("華興精密機械有限公司", "华兴精密机械股份有限公司", "written"),
        ("Ｈｕａｘｉｎｇ Precision Machinery", "Huaxing Precision Machinery", "written"),
        ("Hua Xing Jing Mi Ji Xie", "华兴精密机械有限公司", "romanised"),
        ("华兴精密机械有限公司", "Huaxing Jingmi Jixie Co Ltd", "romanised"),
        ("Zhang Xiaoming", "张小明", "romanised"),
        ("Xiaoming Zhang", "張小明", "romanised"),
    ],
)
def test_names_that_are_near(own: str, listed: str, reason: str) -> None:
    found = near(own, listed)
    assert found is not None
    assert found[0] >= 86
    assert found[1] == reason


@pytest.mark.parametrize(
    ("own", "listed"),
    [
        ("Sunrise Biotech Ltd", "Huaxing Precision Machinery Ltd"),
        ("华兴纺织有限公司", "华兴精密机械有限公司"),
        ("有限公司", "华兴精密机械有限公司"),
        ("Li", "李"),
        ("!!!", "Huaxing"),
        ("", "Huaxing"),
    ],
)
def test_names_that_are_not(own: str, listed: str) -> None:
    assert near(own, listed) is None


@given(st.text(max_size=40), st.text(max_size=40))
def test_any_two_names_can_be_compared(own: str, listed: str) -> None:
    found = near(own, listed)
    assert found is None or 86 <= found[0] <= 100
    assert plain(plain(own)) == plain(own)
    assert all(" " not in form for form in romanised(own))


@given(st.text(alphabet="abcdefgh 张王李华兴", min_size=3, max_size=30))
def test_a_name_is_as_near_as_can_be_to_itself(name: str) -> None:
    assert not plain(name) or near(name, name) == (100, "written")


def of_state(organisation: Organisation) -> list[str]:
    return list(organisation.hits.order_by("created_at").values_list("state", flat=True))


def make_listed(**fields: str) -> Organisation:
    return make_organisation("buyer", **{"name": "Huaxing Precision Machinery", **fields})


def hit_of(organisation: Organisation) -> UUID:
    return organisation.hits.get(state="open").pk


def test_nothing_found_in_nothing_is_no_all_clear(db: None) -> None:
    organisation = make_listed()
    assert standing(organisation) == "unscreened"
    screen(now=NOW)
    assert standing(organisation) == "unscreened"


def test_a_list_is_loaded_and_everybody_is_screened(db: None) -> None:
    near_one, far_one = make_listed(), make_organisation("licensor")
    assert list_load(name="test", entries=[LISTED, OTHER]) == {
        "added": 2, "changed": 0, "removed": 0, "same": 0,
    }  # fmt: skip
    drain()
    assert (standing(near_one), standing(far_one)) == ("open", "clear")
    hit = near_one.hits.get()
    assert (hit.score, hit.reason, hit.party.reference) == (100, "written", "E-1")
    assert hit.listed_name == LISTED.names[0]


def test_a_person_clears_and_it_stays_until_the_names_change(db: None) -> None:
    organisation, operator = make_listed(), make_operator()
    list_load(name="test", entries=[LISTED])
    drain()
    screening_hit_decide(
        viewer=operator, hit_id=hit_of(organisation), listed=False, note="older", now=NOW
    )
    assert standing(organisation) == "clear"
    list_load(name="test", entries=[LISTED, OTHER])
    drain()
    assert of_state(organisation) == ["cleared"]
    more = Entry("E-1", (*LISTED.names, "Huaxing Group"), "CN", "")
    list_load(name="test", entries=[more, OTHER])
    drain()
    assert of_state(organisation) == ["lapsed", "open"]
    assert standing(organisation) == "open"
    list_load(name="test", entries=[OTHER])
    drain()
    assert (of_state(organisation), standing(organisation)) == (["lapsed", "lapsed"], "clear")
    list_load(name="test", entries=[more, OTHER])
    drain()
    assert of_state(organisation) == ["lapsed", "open"]


def test_an_organisation_is_screened_when_it_changes(db: None) -> None:
    from marketplace.accounts.services import organisation_update

    organisation = make_organisation("buyer", name="Sunrise", jurisdiction="CN")
    list_load(name="test", entries=[LISTED])
    drain()
    assert standing(organisation) == "clear"
    organisation_update(
        viewer=member_of(organisation),
        organisation_id=organisation.pk,
        revision=organisation.revision,
        name_zh="华兴精密机械",
    )
    drain()
    assert standing(organisation) == "open"


def test_what_is_listed_stays_so(db: None) -> None:
    organisation, operator = make_listed(), make_operator()
    list_load(name="test", entries=[LISTED])
    drain()
    screening_hit_decide(
        viewer=operator, hit_id=hit_of(organisation), listed=True, note="same", now=NOW
    )
    list_load(name="test", entries=[OTHER])
    drain()
    assert standing(organisation) == "listed"


def test_who_may_decide(db: None) -> None:
    organisation = make_listed()
    list_load(name="test", entries=[LISTED])
    drain()
    hit = hit_of(organisation)
    for viewer, wrong in (
        (member_of(organisation), NotFound),
        (member_of(make_organisation("buyer")), NotFound),
    ):
        with pytest.raises(wrong):
            screening_hit_decide(viewer=viewer, hit_id=hit, listed=False, note="x", now=NOW)
    with pytest.raises(Invalid):
        screening_hit_decide(viewer=make_operator(), hit_id=hit, listed=False, note=" ", now=NOW)
    with pytest.raises(NotFound):
        screening_hit_decide(
            viewer=make_operator(), hit_id=uuid4(), listed=False, note="x", now=NOW
        )
    assert of_state(organisation) == ["open"]
    own = make_organisation("operator", name="Red Harbour Trading")
    list_load(name="test", entries=[LISTED, OTHER])
    drain()
    with pytest.raises(Forbidden):
        screening_hit_decide(
            viewer=member_of(own), hit_id=hit_of(own), listed=False, note="x", now=NOW
        )
    list_load(name="test", entries=[OTHER])
    drain()
    with pytest.raises(Conflict):
        screening_hit_decide(viewer=make_operator(), hit_id=hit, listed=False, note="x", now=NOW)


def test_the_database_wants_a_person_and_a_reason(db: None) -> None:
    organisation = make_listed()
    list_load(name="test", entries=[LISTED])
    drain()
    with pytest.raises(IntegrityError, match="a_person_decides"), transaction.atomic():
        organisation.hits.update(state="cleared")


@pytest.mark.parametrize(
    ("data", "jsonl"),
    [
        (b"reference,names\nE-1,A | B\n,C\nE-1,D\n", False),
        (b'{"reference": "E-1", "names": []}\n[]\n{', True),
        (b'{"reference": "E-1", "names": [1]}', True),
    ],
)
def test_all_bad_rows_of_a_list_are_told(data: bytes, jsonl: bool) -> None:
    with pytest.raises(Faults, match="Row "):
        read(data, jsonl=jsonl)


@pytest.mark.parametrize(("data", "jsonl"), [(b"", True), (b"reference,names\n", False)])
def test_an_empty_list_is_refused(data: bytes, jsonl: bool) -> None:
    with pytest.raises(Invalid, match="no entry"):
        read(data, jsonl=jsonl)


def test_a_list_is_read_alike_in_both_forms() -> None:
    csv = "reference,names,country,note\nE-1,Huaxing | 华兴,CN,\n".encode()
    jsonl = '{"reference": "E-1", "names": ["Huaxing", "华兴"], "country": "CN"}\n\n'.encode()
    wanted = [Entry("E-1", ("Huaxing", "华兴"), "CN", "")]
    assert read(csv, jsonl=False) == read(jsonl, jsonl=True) == wanted
    with pytest.raises(Invalid):
        read(b"\xff", jsonl=True)


def test_the_command(db: None, tmp_path: Path) -> None:
    make_listed()
    path = tmp_path / "list.csv"
    path.write_text("reference,names\nE-1,Huaxing Precision Machinery Ltd\n")
    out = StringIO()
    call_command("screening", "load", "test", str(path), stdout=out)
    call_command("screening", "run", stdout=out)
    assert out.getvalue() == "added: 1 changed: 0 removed: 0 same: 0\n1 new hits\n"
    path.write_text("nonsense\n1\n")
    with pytest.raises(CommandError):
        call_command("screening", "load", "test", str(path))
    assert RestrictedParty.objects.filter(listed=True).count() == 1
    assert ScreeningHit.objects.count() == 1
