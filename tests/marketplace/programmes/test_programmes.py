"""CEPA certificates and programmes: eligibility as data, review by another, effects by day."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from marketplace.accounts.models import Organisation
from marketplace.accounts.viewer import Viewer
from marketplace.core.errors import Conflict, Faults, Forbidden, Invalid, NotFound
from marketplace.programmes.models import ProgrammeApplication, SupplierCertificate
from marketplace.programmes.services import (
    Effects,
    effects,
    programme_apply,
    programme_decide,
    supplier_certificate_decide,
    supplier_certificate_submit,
)
from marketplace.rulebook.engine import Certainty
from tests.factories import make_operator, make_organisation, member_of

TODAY = date(2026, 11, 23)
UNSURE = Certainty.NEEDS_CONFIRMATION  # as the files have these rows


def tenant(**fields: Any) -> Organisation:
    return make_organisation(
        "buyer",
        **{"jurisdiction": "CN", "zone": "前海", "hk_macao_invested": True, **fields},
    )


def apply(viewer: Viewer, programme: str = "hub_tenant", **facts: Any) -> ProgrammeApplication:
    return programme_apply(
        viewer=viewer,
        organisation_id=next(iter(viewer.roles)),
        programme=programme,
        facts=facts,
        today=TODAY,
    )


def submit(viewer: Viewer, **change: Any) -> SupplierCertificate:
    return supplier_certificate_submit(
        viewer=viewer,
        organisation_id=next(iter(viewer.roles)),
        today=TODAY,
        **{
            "sector": "Technical testing",
            "number": "HKSS-1",
            "expires_on": date(2027, 3, 31),
            "evidence": "file 1",
            **change,
        },
    )


def decide(
    application: ProgrammeApplication, move: str, by: Viewer | None = None, **more: Any
) -> ProgrammeApplication:
    return programme_decide(
        viewer=by or make_operator(),
        application_id=application.pk,
        **{"move": move, "note": "", "today": TODAY, **more},
    )


def test_a_tenant_applies_is_approved_and_pays_less(db: None) -> None:
    organisation = tenant()
    application = apply(member_of(organisation))
    assert application.rules == ["any-programme-hub-tenant"]
    assert effects(organisation, on=TODAY) == Effects()
    approved = decide(application, "approve")
    assert (approved.starts_on, approved.ends_on) == (TODAY, date(2028, 11, 22))
    given = Effects(5000, 8000, True, ("any-programme-hub-tenant",), UNSURE)
    assert effects(organisation, on=TODAY) == given
    assert effects(organisation, on=date(2028, 11, 22)) == given
    assert effects(organisation, on=date(2028, 11, 23)) == Effects()
    decide(application, "end", note="moved out")
    assert effects(organisation, on=TODAY) == Effects()


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"zone": ""}, ["zones"]),
        ({"hk_macao_invested": False}, ["Investment"]),
        ({"hk_macao_invested": None, "zone": "Beijing"}, ["Investment", "zones"]),
    ],
)
def test_who_is_not_eligible_is_told_each_reason(
    db: None, change: dict[str, Any], why: list[str]
) -> None:
    with pytest.raises(Faults) as refusal:
        apply(member_of(tenant(**change)))
    told = [error.message for error in refusal.value.errors]
    assert [word in message for word, message in zip(why, told, strict=True)] == [True] * len(why)
    assert not ProgrammeApplication.objects.exists()


@pytest.mark.parametrize(
    ("facts", "good"),
    [
        ({"founder_age": 18, "years_since_founding": 0}, True),
        ({"founder_age": 40, "years_since_founding": 5}, True),
        ({"founder_age": 41, "years_since_founding": 5}, False),
        ({"founder_age": 17, "years_since_founding": 5}, False),
        ({"founder_age": 30, "years_since_founding": 6}, False),
        ({"founder_age": 30}, False),
    ],
)
def test_youth_by_age_and_years(db: None, facts: dict[str, int], good: bool) -> None:
    viewer = member_of(make_organisation("licensor"))
    if good:
        assert apply(viewer, "youth_startup", **facts).state == "submitted"
    else:
        with pytest.raises(Faults):
            apply(viewer, "youth_startup", **facts)


def test_a_certificate_opens_the_cepa_programme_until_it_expires(db: None) -> None:
    organisation = make_organisation("licensor")
    viewer = member_of(organisation)
    certificate = submit(viewer)
    with pytest.raises(Faults):
        apply(viewer, "cepa_supplier")
    supplier_certificate_decide(viewer=make_operator(), certificate_id=certificate.pk, approve=True)
    application = apply(viewer, "cepa_supplier")
    with pytest.raises(Conflict, match="not eligible any more"):
        decide(application, "approve", today=date(2027, 4, 1))
    application.refresh_from_db()
    assert application.state == "submitted"
    assert decide(application, "approve", today=date(2027, 3, 31)).state == "approved"


def test_several_programmes_give_the_best_of_each(db: None) -> None:
    organisation = tenant()
    viewer = member_of(organisation)
    decide(apply(viewer), "approve")
    decide(apply(viewer, "youth_startup", founder_age=30, years_since_founding=1), "approve")
    found = effects(organisation, on=TODAY)
    assert (found.listing_fee_bp, found.commission_bp) == (0, 5000)
    assert set(found.rules) == {"any-programme-hub-tenant", "any-programme-youth-startup"}


def test_one_live_application_a_programme(db: None) -> None:
    viewer = member_of(tenant())
    application = apply(viewer)
    with pytest.raises(Conflict):
        apply(viewer)
    decide(application, "reject", note="not yet")
    assert apply(viewer).state == "submitted"


def test_who_may_what(db: None) -> None:
    organisation = tenant()
    application = apply(member_of(organisation))
    with pytest.raises(Forbidden):
        decide(application, "approve", by=member_of(organisation))
    with pytest.raises(NotFound):
        decide(application, "approve", by=member_of(make_organisation("buyer")))
    with pytest.raises(Invalid, match="why"):
        decide(application, "reject")
    with pytest.raises(Conflict):
        decide(application, "end", note="x")
    with pytest.raises(Forbidden):
        apply(member_of(organisation, "viewer"))
    with pytest.raises(NotFound):
        apply(member_of(tenant()), "no_such")
    application.refresh_from_db()
    assert (application.state, ProgrammeApplication.objects.count()) == ("submitted", 1)


def test_an_operator_does_not_review_their_own(db: None) -> None:
    own = make_organisation("operator", "buyer", jurisdiction="CN", zone="Qianhai",
                            hk_macao_invested=True)  # fmt: skip
    operator = member_of(own)
    application = apply(operator)
    with pytest.raises(Forbidden):
        decide(application, "approve", by=operator)
    with pytest.raises(IntegrityError, match="reviewed_by_another"), transaction.atomic():
        ProgrammeApplication.objects.filter(pk=application.pk).update(
            state="rejected", decided_by=operator.user
        )


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"sector": ""}, "sector"),
        ({"number": "x" * 61}, "number"),
        ({"evidence": " "}, "evidence"),
        ({"expires_on": date(2026, 11, 22)}, "expires_on"),
    ],
)
def test_a_wrong_certificate_is_refused(db: None, change: dict[str, Any], field: str) -> None:
    with pytest.raises((Faults, Invalid)) as refusal:
        submit(member_of(make_organisation("licensor")), **change)
    errors = getattr(refusal.value, "errors", (refusal.value,))
    assert [error.field for error in errors] == [(field,)]
    assert not SupplierCertificate.objects.exists()


def test_a_certificate_is_shown_once(db: None) -> None:
    viewer = member_of(make_organisation("licensor"))
    certificate = submit(viewer)
    with pytest.raises(Conflict):
        submit(viewer)
    decided = supplier_certificate_decide(
        viewer=make_operator(), certificate_id=certificate.pk, approve=False, note="illegible"
    )
    assert (decided.state, decided.note) == ("rejected", "illegible")
