"""Rows, files, two persons, and the one way to ask."""

from __future__ import annotations

from datetime import date
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from marketplace.accounts.viewer import Viewer
from marketplace.core.errors import Conflict, Faults, Forbidden
from marketplace.rulebook.engine import Certainty, ask, reason
from marketplace.rulebook.files import DATA, Faulty, read, reasons
from marketplace.rulebook.loading import load
from marketplace.rulebook.models import Rule
from marketplace.rulebook.selectors import count_by_status, stale
from marketplace.rulebook.services import rule_confirm, rule_propose
from tests.factories import make_operator, make_organisation, member_of, staff

TODAY = date(2026, 11, 23)
ROW: dict[str, Any] = {
    "id": "cn-vat-2027",
    "key": "tax.vat",
    "jurisdiction": "CN",
    "valid_from": date(2027, 1, 1),
    "source": "a gazette",
    "citation": "VAT Law",
    "parameters": {"rate_bp": 500},
    "says": {"en": "5 % VAT.", "zh-Hans": "增值税5%。"},
}
TREATY_2027 = ROW | {
    "id": "cn-hk-treaty-2027",
    "key": "tax.withholding.treaty",
    "parameters": {"rate_bp": 500, "residence": "HK"},
}


@pytest.fixture
def empty(db: None) -> None:
    """A rule book without what the repository ships."""
    Rule.objects.all().delete()


def proposed(by: Viewer | None = None, **content: Any) -> Rule:
    return rule_propose(viewer=by or make_operator(), **(ROW | content))


def run(*words: str) -> list[str]:
    out = StringIO()
    call_command("rulebook", *words, stdout=out)
    return out.getvalue().splitlines()


def file_of(folder: Path, *rows: dict[str, Any]) -> Path:
    (folder / "tax.yaml").write_text(
        yaml.safe_dump([{"status": "unverified", **row} for row in rows], allow_unicode=True)
    )
    return folder


def test_the_same_question_on_two_dates_rests_on_different_rules(db: None) -> None:
    before, after = (ask("tax.vat", on=day) for day in (date(2025, 12, 31), date(2026, 1, 1)))
    assert before.rules == ("cn-vat-licensing-36",)
    assert after.rules == ("cn-vat-licensing-2026",)
    assert {before.status, after.status} == {Certainty.NEEDS_CONFIRMATION}
    assert (before.value.rate_bp, after.value.rate_bp) == (600, 600)


def test_a_confirmed_row_answers_confirmed_with_its_reason_in_three_languages(db: None) -> None:
    answer = ask("tax.withholding.treaty", on=TODAY)
    assert (answer.status, answer.value.rate_bp) == (Certainty.CONFIRMED, 700)
    (why,) = answer.reasons
    assert why.text("en") == "For a beneficial owner resident in Hong Kong the treaty rate is 7 %."
    assert why.text("zh-Hans") == "受益所有人为香港居民的，协定税率为7%。"
    assert why.text("zh-Hant") == "受益所有人為香港居民的，協定税率為7%。"


@pytest.mark.parametrize(("key", "on"), [("tax.vat", "2016-04-30"), ("tax.nothing", "2026-01-01")])
def test_without_a_rule_there_is_no_silent_number(db: None, key: str, on: str) -> None:
    answer = ask(key, on=date.fromisoformat(on))
    assert (answer.value, answer.rules) == (None, ())
    assert answer.status == Certainty.NEEDS_CONFIRMATION
    assert key in answer.reasons[0].text("en")


def test_every_row_says_its_piece_in_three_languages_and_has_a_source() -> None:
    for row in read():
        assert row.source
        assert row.says.keys() >= {"en", "zh-Hans"}
    for code, texts in reasons().items():
        assert texts.keys() >= {"en", "zh-Hans"}, code


def test_loading_twice_changes_nothing(db: None) -> None:
    before = list(Rule.objects.values())
    again = load()
    assert (again.added, again.changed, again.gone, again.given_way) == ([], [], [], [])
    assert list(Rule.objects.values()) == before


def test_a_row_that_left_the_files_is_kept_and_answers_no_more(empty: None, tmp_path: Path) -> None:
    load(file_of(tmp_path, ROW))
    done = load(file_of(tmp_path))
    assert done.gone == [ROW["id"]]
    assert Rule.objects.get().status == "superseded"
    assert ask("tax.vat", on=ROW["valid_from"]).value is None


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"parameters": {"rate_bp": "much"}}, "rate_bp"),
        ({"parameters": {"rate_bp": 600, "more": 1}}, "more"),
        ({"key": "tax.magic"}, "no key tax.magic"),
        ({"jurisdiction": "XX"}, "ST.3"),
        ({"valid_to": date(2026, 12, 31)}, "valid_to lies before"),
        ({"status": "confirmed"}, "when it was checked"),
        ({"source": ""}, "source"),
        ({"says": {"en": "Only English."}}, "in Chinese"),
        ({"id": "CN VAT"}, "id"),
    ],
)
def test_a_faulty_row_is_told_and_nothing_is_loaded(
    empty: None, tmp_path: Path, change: dict[str, Any], fault: str
) -> None:
    with pytest.raises(Faulty, match=fault) as refusal:
        load(file_of(tmp_path, ROW | {"id": "cn-good"}, ROW | change))
    assert "tax.yaml, row 2" in refusal.value.faults[0]
    assert not Rule.objects.exists()


def test_two_confirmed_rows_that_overlap_are_refused_in_the_files(tmp_path: Path) -> None:
    sure = ROW | {"status": "confirmed", "checked_on": TODAY}
    with pytest.raises(Faulty, match="cn-a and cn-b are both confirmed and overlap"):
        read(file_of(tmp_path, sure | {"id": "cn-a"}, sure | {"id": "cn-b"}))


def test_an_id_never_gets_another_meaning(empty: None, tmp_path: Path) -> None:
    load(file_of(tmp_path, ROW))
    with pytest.raises(Faulty, match="new id"):
        load(file_of(tmp_path, ROW | {"parameters": {"rate_bp": 1}}))
    assert Rule.objects.get().parameters == {"rate_bp": 500}


def confirmed_row(**content: Any) -> None:
    Rule.objects.create(
        **ROW | {"status": "confirmed", "origin": "file", "checked_on": TODAY} | content
    )


@pytest.mark.parametrize(
    "content",
    [
        {"id": "cn-other"},
        {"id": "cn-other", "valid_from": date(2026, 1, 1), "valid_to": date(2027, 1, 1)},
        {"id": "cn-other", "valid_from": date(2030, 1, 1)},
    ],
)
def test_the_database_keeps_confirmed_rows_apart(empty: None, content: dict[str, Any]) -> None:
    confirmed_row()
    with pytest.raises(IntegrityError, match="no_two_confirmed"), transaction.atomic():
        confirmed_row(**content)
    assert Rule.objects.count() == 1


@pytest.mark.parametrize(
    "content",
    [
        {"valid_from": date(2026, 1, 1), "valid_to": date(2026, 12, 31)},
        {"jurisdiction": "HK"},
        {"key": "tax.vat_x"},
        {"status": "unverified"},
    ],
)
def test_rows_that_do_not_meet_may_both_be_confirmed(empty: None, content: dict[str, Any]) -> None:
    confirmed_row()
    confirmed_row(**{"id": "cn-other"} | content)
    assert Rule.objects.count() == 2


def test_a_second_person_confirms(db: None) -> None:
    first, second = make_operator(), make_operator()
    rule = proposed(first)
    assert ask("tax.vat", on=ROW["valid_from"]).status == Certainty.NEEDS_CONFIRMATION
    with pytest.raises(Forbidden, match="second person"):
        rule_confirm(viewer=first, rule_id=rule.pk, today=TODAY)
    rule.refresh_from_db()
    assert rule.status == "unverified"
    rule_confirm(viewer=second, rule_id=rule.pk, today=TODAY)
    answer = ask("tax.vat", on=ROW["valid_from"])
    assert (answer.status, answer.value.rate_bp, answer.rules) == ("confirmed", 500, (rule.pk,))


def test_the_database_wants_two_persons(empty: None) -> None:
    rule = proposed()
    with pytest.raises(IntegrityError, match="second_person"), transaction.atomic():
        Rule.objects.filter(pk=rule.pk).update(
            status="confirmed", checked_on=TODAY, confirmed_by=rule.proposed_by
        )
    with pytest.raises(IntegrityError, match="second_person"), transaction.atomic():
        Rule.objects.filter(pk=rule.pk).update(status="confirmed", checked_on=TODAY)


def test_who_is_no_operator_neither_proposes_nor_confirms(empty: None) -> None:
    rule, stranger = proposed(), member_of(make_organisation("buyer"))
    with pytest.raises(Forbidden):
        proposed(stranger, id="cn-other")
    with pytest.raises(Forbidden):
        rule_confirm(viewer=stranger, rule_id=rule.pk, today=TODAY)
    assert list(Rule.objects.values_list("pk", "status")) == [(rule.pk, "unverified")]


def test_all_faults_of_a_proposal_are_told(empty: None) -> None:
    with pytest.raises(Faults) as refusal:
        proposed(id="Not An Id", source="")
    assert {error.field for error in refusal.value.errors} == {("id",), ("source",)}
    assert not Rule.objects.exists()


def test_a_confirmed_row_ends_what_was_confirmed_before_and_a_load_keeps_it_so(db: None) -> None:
    rule = proposed(**TREATY_2027)
    rule_confirm(viewer=make_operator(), rule_id=rule.pk, today=TODAY)
    assert Rule.objects.get(pk="cn-hk-wht-treaty").valid_to == date(2026, 12, 31)
    assert load().given_way == ["cn-hk-wht-treaty"]
    assert ask("tax.withholding.treaty", on=date(2026, 12, 31)).value.rate_bp == 700
    assert ask("tax.withholding.treaty", on=date(2027, 1, 1)).value.rate_bp == 500


def test_a_confirmed_row_is_not_cut_in_two(db: None) -> None:
    rule = proposed(**TREATY_2027 | {"valid_to": date(2027, 12, 31)})
    with pytest.raises(Conflict, match="goes on beyond"):
        rule_confirm(viewer=make_operator(), rule_id=rule.pk, today=TODAY)
    assert Rule.objects.get(pk="cn-hk-wht-treaty").valid_to is None


def test_in_the_admin_one_operator_adds_and_another_confirms(empty: None) -> None:
    first, second = staff(make_operator()), staff(make_operator())
    form = ROW | {"parameters": '{"rate_bp": 500}', "says": '{"en": "5 %", "zh-Hans": "5%"}'}
    added = first.post(reverse("admin:rulebook_rule_add"), form)
    assert added.status_code == 302
    choice = {"action": "confirm", "_selected_action": [ROW["id"]]}
    first.post(reverse("admin:rulebook_rule_changelist"), choice)
    assert Rule.objects.get().status == "unverified"
    second.post(reverse("admin:rulebook_rule_changelist"), choice)
    assert Rule.objects.get().status == "confirmed"
    assert first.get(reverse("admin:rulebook_rule_change", args=[ROW["id"]])).status_code == 200


def test_the_admin_tells_what_is_wrong(empty: None) -> None:
    form = ROW | {"parameters": '{"rate": 500}', "says": '{"en": "5 %", "zh-Hans": "5%"}'}
    shown = staff(make_operator()).post(reverse("admin:rulebook_rule_add"), form)
    assert shown.status_code == 200
    assert "rate_bp" in shown.content.decode()
    assert not Rule.objects.exists()


def test_the_commands_say_what_stands(empty: None) -> None:
    assert run("check") == [f"{len(read())} rows are right"]
    assert run("load")[0].startswith(f"added: {len(read())} ")
    assert run("status") == [f"{name}: {number}" for name, number in count_by_status().items()]
    lines = run("ask", "tax.vat", "--on", "2025-12-31")
    assert lines[:2] == ["on 2025-12-31: NEEDS_CONFIRMATION", "rules: cn-vat-licensing-36"]
    assert lines[-1] == reason("no_legal_advice").text("en")


def test_the_command_names_what_is_faulty(
    empty: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(Faulty):
        read(file_of(tmp_path, ROW | {"key": "tax.magic"}))
    with pytest.raises(CommandError):
        call_command("rulebook", "ask", "tax.vat", "--on", "yesterday")


def test_stale_lists_what_wants_a_fresh_look(db: None) -> None:
    told = {row.pk: why for row, why in stale(TODAY)}
    assert told["cn-vat-licensing-2026"] == "not confirmed"
    assert "cn-wht-domestic" not in told
    assert "cn-vat-licensing-36" not in told  # ended, and another follows
    later = {row.pk: why for row, why in stale(date(2027, 11, 23))}
    assert later["cn-wht-domestic"] == "checked on 2026-11-23"
    Rule.objects.filter(pk="cn-vat-licensing-2026").update(valid_to=date(2026, 6, 30))
    told = {row.pk: why for row, why in stale(TODAY)}
    assert told["cn-vat-licensing-2026"] == "ended on 2026-06-30, nothing follows"


def test_marks_of_the_material_are_kept() -> None:
    """What is general knowledge, deduced or from a weak source never stands as confirmed."""
    for row in read():
        if any(
            word in row.source for word in ("general knowledge", "deduced", "weak", "not found")
        ):
            assert row.status == "unverified", row.id
    assert {path.name for path in DATA.glob("*.yaml")} >= {"tax.yaml", "reasons.yaml"}


class AnyDay(TestCase):
    @given(st.dates(date(1990, 1, 1), date(2040, 1, 1)))
    def test_an_answer_is_in_force_on_the_day_it_was_asked_for(self, day: date) -> None:
        load()
        for key in ("tax.vat", "tax.stamp", "tax.vat_exemption", "governing_law.law"):
            answer = ask(key, on=day)
            assert answer.on == day
            for rule in Rule.objects.filter(pk__in=answer.rules):
                assert rule.valid_from <= day
                assert rule.valid_to is None or day <= rule.valid_to
