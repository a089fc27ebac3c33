"""The joint risk assessment: composed from the checks, signed by both, passed over by two."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import IntegrityError, transaction

from marketplace.compliance.assessment import (
    assess,
    assessment_sign,
    blocks,
    override_agree,
    override_ask,
)
from marketplace.compliance.dossiers import dossier_activate, dossier_create, dossier_update
from marketplace.compliance.models import Assessment, Dossier, Override, SignOff
from marketplace.core.errors import Conflict, DomainError, Faults, Forbidden, Invalid, NotFound
from marketplace.core.outbox import drain
from marketplace.screening.lists import Entry
from marketplace.screening.services import list_load, screening_hit_decide
from tests.factories import NOW, make_operator, make_organisation, member_of
from tests.marketplace.compliance.plain import PATENT, TERMS, Pair, free_all, make_dossier, signed

pytestmark = pytest.mark.django_db
LISTED = Entry("E-1", ("Huaxing Precision Machinery",), "CN", "")


def verdicts(pair: Pair) -> dict[str, str]:
    found = assess(viewer=pair.licensor, dossier_id=pair.dossier.pk, now=NOW)
    return {one["name"]: one["verdict"] for one in found.checks}


def test_it_is_composed_of_seven_checks() -> None:
    pair = make_dossier()
    assert verdicts(pair) == {
        "coverage": "pass",
        "classification": "stop",
        "screening": "warn",
        "data": "pass",
        "tax": "warn",
        "clauses": "pass",
        "payment_route": "pass",
    }
    free_all(pair)
    assert verdicts(pair)["classification"] == "pass"


@pytest.mark.parametrize(
    ("content", "name", "verdict"),
    [
        ({"terms": {"patents": [{**PATENT, "territory": "HK"}]}}, "coverage", "warn"),
        ({"terms": {"know_how": False}}, "coverage", "warn"),
        ({"terms": {"no_challenge": True}}, "clauses", "stop"),
        ({"terms": {"gross_up": None}}, "clauses", "warn"),
        ({"files": [{"data_class": "unknown"}]}, "data", "stop"),
        ({"files": [{"data_class": "personal"}]}, "data", "pass"),
        ({"amount": None}, "tax", "warn"),
        ({"amount": None}, "payment_route", "warn"),
    ],
)
def test_a_check_finds(content: dict[str, Any], name: str, verdict: str) -> None:
    assert verdicts(make_dossier(**content))[name] == verdict


def test_each_check_cites_its_rules_in_three_languages() -> None:
    found = assess(viewer=(pair := make_dossier()).licensor, dossier_id=pair.dossier.pk, now=NOW)
    checks = {one["name"]: one for one in found.checks}
    assert checks["tax"]["status"] == "needs_confirmation"
    assert "cn-vat-licensing-2026" in checks["tax"]["rules"]
    assert "hk-strategic-electronic" in checks["classification"]["rules"]
    for check in found.checks:
        assert check["reasons"]
        assert all(set(why) == {"en", "zh-Hans", "zh-Hant"} for why in check["reasons"])


def activate(pair: Pair) -> Dossier:
    return dossier_activate(
        viewer=pair.licensor, dossier_id=pair.dossier.pk, effective_on=NOW.date(), now=NOW
    )


def refused(pair: Pair) -> list[str]:
    with pytest.raises(Faults) as refusal:
        activate(pair)
    pair.dossier.refresh_from_db()
    assert (pair.dossier.state, pair.dossier.tasks.count()) == ("open", 0)
    return [error.message for error in refusal.value.errors]


def test_activation_needs_the_word_of_both_sides() -> None:
    pair = make_dossier()
    free_all(pair)
    assert refused(pair) == ["There is no assessment of things as they stand; assess first."]
    found = assess(viewer=pair.licensee, dossier_id=pair.dossier.pk, now=NOW)
    assert refused(pair) == [
        "The licensor has not signed off the assessment.",
        "The licensee has not signed off the assessment.",
    ]
    assessment_sign(viewer=pair.licensor, assessment_id=found.pk, now=NOW)
    assert refused(pair) == ["The licensee has not signed off the assessment."]
    assessment_sign(viewer=pair.licensee, assessment_id=found.pk, now=NOW)
    assert activate(pair).state == "active"


def test_a_change_voids_the_signatures() -> None:
    pair = make_dossier()
    free_all(pair)
    old = signed(pair)
    assert blocks(pair.dossier, now=NOW) == []
    terms = {**TERMS, "special": "The licensee shall not challenge the patents."}
    dossier_update(viewer=pair.licensor, dossier_id=pair.dossier.pk, revision=1, terms=terms)
    assert refused(pair) == ["There is no assessment of things as they stand; assess first."]
    with pytest.raises(Conflict, match="changed since"):
        assessment_sign(viewer=pair.licensor, assessment_id=old.pk, now=NOW)
    dossier_update(viewer=pair.licensor, dossier_id=pair.dossier.pk, revision=2, terms=TERMS)
    assert activate(pair).state == "active"  # as it was signed


def test_a_list_that_changes_voids_them_too() -> None:
    licensee = make_organisation("buyer", name=LISTED.names[0], jurisdiction="CN")
    pair = make_dossier(licensee=licensee)
    free_all(pair)
    signed(pair)
    list_load(name="test", entries=[LISTED])
    drain()
    assert refused(pair) == ["There is no assessment of things as they stand; assess first."]
    signed(pair)
    (why,) = refused(pair)
    assert why.startswith("screening: ")
    (hit,) = licensee.hits.all()
    screening_hit_decide(
        viewer=make_operator(), hit_id=hit.pk, listed=False, note="Another.", now=NOW
    )
    signed(pair)
    assert activate(pair).state == "active"


def test_who_is_listed_is_passed_over_by_nobody() -> None:
    licensee = make_organisation("buyer", name=LISTED.names[0], jurisdiction="CN")
    pair = make_dossier(licensee=licensee)
    free_all(pair)
    list_load(name="test", entries=[LISTED])
    drain()
    screening_hit_decide(
        viewer=make_operator(), hit_id=licensee.hits.get().pk, listed=True, note="It is.", now=NOW
    )
    found = signed(pair)
    with pytest.raises(Conflict, match="by anybody"):
        ask(pair, found, "screening")
    assert len(refused(pair)) == 1
    assert not Override.objects.exists()


def ask(pair: Pair, found: Assessment, check: str, **more: Any) -> Override:
    return override_ask(
        **{
            "viewer": pair.licensor,
            "assessment_id": found.pk,
            "check": check,
            "reason": "The court of Shenzhen has allowed it.",
            "now": NOW,
            **more,
        }
    )


def agree(override: Override, viewer: Any) -> Override:
    return override_agree(viewer=viewer, override_id=override.pk, now=NOW)


def test_a_stop_is_passed_over_by_two_persons_with_a_reason() -> None:
    pair = make_dossier(terms={"no_challenge": True})
    free_all(pair)
    found = signed(pair)
    (why,) = refused(pair)
    assert why.startswith("clauses: ")
    with pytest.raises(Invalid, match="why"):
        ask(pair, found, "clauses", reason=" ")
    with pytest.raises(Invalid, match="stops"):
        ask(pair, found, "tax")
    override = ask(pair, found, "clauses")
    assert refused(pair) == [why]
    with pytest.raises(Forbidden, match="second person"):
        agree(override, pair.licensor)
    with pytest.raises(NotFound):
        agree(override, member_of(make_organisation("buyer")))
    assert refused(pair) == [why]
    assert agree(override, pair.licensee).agreed_by == pair.licensee.user
    with pytest.raises(Conflict):
        agree(override, make_operator())
    assert activate(pair).state == "active"


def test_nobody_signs_twice_or_for_both() -> None:
    pair = make_dossier()
    found = assess(viewer=pair.licensor, dossier_id=pair.dossier.pk, now=NOW)
    for viewer in (member_of(pair.dossier.licensor, "viewer"), make_operator()):
        with pytest.raises(Forbidden):
            assessment_sign(viewer=viewer, assessment_id=found.pk, now=NOW)
    assessment_sign(viewer=pair.licensor, assessment_id=found.pk, now=NOW)
    with pytest.raises(Conflict):
        assessment_sign(viewer=member_of(pair.dossier.licensor), assessment_id=found.pk, now=NOW)
    assert SignOff.objects.count() == 1
    with pytest.raises(IntegrityError), transaction.atomic():
        SignOff.objects.create(assessment=found, side="licensee", user=pair.licensor.user)


@pytest.mark.parametrize(
    "wrong",
    [
        {"title": ""},
        {"technology": " "},
        {"amount": 0},
        {"currency": "dollars"},
        {"terms": {"kind": "barter"}},
        {"files": [{"data_class": "rumour"}]},
        {"licensor_tax": {"beneficial_owner": "perhaps so"}},
    ],
)
def test_wrong_facts_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises((DomainError, Faults)):
        make_dossier(**wrong)
    assert not Dossier.objects.exists()


def test_strangers_know_nothing_of_it() -> None:
    pair = make_dossier()
    stranger = member_of(make_organisation("buyer"))
    with pytest.raises(NotFound):
        assess(viewer=stranger, dossier_id=pair.dossier.pk, now=NOW)
    with pytest.raises(NotFound):
        dossier_create(
            viewer=stranger,
            licensor_id=pair.dossier.licensor_id,
            licensee_id=pair.dossier.licensee_id,
        )
    assert not Assessment.objects.exists()


def test_what_the_taxes_rest_on_is_for_the_licensor_to_say() -> None:
    pair = make_dossier()
    said = {
        "tax_resident": "HK",
        "beneficial_owner": True,
        "hk_resident_certificate_until": "2026-12-31",
    }
    with pytest.raises(Forbidden):
        dossier_update(
            viewer=pair.licensee, dossier_id=pair.dossier.pk, revision=1, licensor_tax=said
        )
    dossier_update(viewer=pair.licensor, dossier_id=pair.dossier.pk, revision=1, licensor_tax=said)
    found = assess(viewer=pair.licensor, dossier_id=pair.dossier.pk, now=NOW)
    (tax,) = [one for one in found.checks if one["name"] == "tax"]
    assert "cn-hk-wht-treaty" in tax["rules"]
    with pytest.raises(Conflict, match="revision 2"):
        dossier_update(viewer=pair.licensor, dossier_id=pair.dossier.pk, revision=1, title="X")
