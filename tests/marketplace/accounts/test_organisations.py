from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from marketplace.accounts import services
from marketplace.accounts.models import Membership, Organisation
from marketplace.accounts.selectors import is_vouched_for, organisation_for
from marketplace.accounts.viewer import ANONYMOUS, viewer_of
from marketplace.core.errors import Conflict, Faults, Forbidden, NotFound
from tests.factories import NOW, make_operator, make_organisation, make_user, member_of

pytestmark = pytest.mark.django_db
UNTIL = date(2027, 12, 31)


def test_organisation_create_names_every_fault() -> None:
    with pytest.raises(Faults) as refusal:
        services.organisation_create(
            viewer=viewer_of(make_user()),
            name=" ",
            kinds=[],
            jurisdiction="CN",
            registration_number="123",
            website="nowhere",
        )
    assert {error.field for error in refusal.value.errors} == {
        ("name",),
        ("kinds",),
        ("registration_number",),
        ("website",),
    }
    assert not Organisation.objects.exists()


def test_nobody_makes_operators_but_operators() -> None:
    def create(viewer: object) -> Organisation:
        return services.organisation_create(
            viewer=viewer, name="Ops", kinds=["operator"], jurisdiction="HK"
        )

    with pytest.raises(Forbidden):
        create(viewer_of(make_user()))
    assert not Organisation.objects.filter(name="Ops").exists()
    assert create(make_operator()).kinds == ["operator"]


def test_one_organisation_a_registration_number() -> None:
    make_organisation(registration_number="12345678")
    with pytest.raises(Conflict):
        services.organisation_create(
            viewer=viewer_of(make_user()),
            name="Twin",
            kinds=["buyer"],
            jurisdiction="HK",
            registration_number="1234 5678",
        )
    assert not Organisation.objects.filter(name="Twin").exists()


def test_verification_from_evidence_to_lapse() -> None:
    organisation = make_organisation(verified=False, registration_number="12345678")
    admin, operator = member_of(organisation), make_operator()
    services.verification_submit(
        viewer=admin,
        organisation_id=organisation.pk,
        kind="business_registration",
        reference="BR 1",
    )
    decided = services.verification_decide(
        viewer=operator,
        organisation_id=organisation.pk,
        move="verify",
        now=NOW,
        valid_until=UNTIL,
    )
    assert (decided.verification, decided.verified_until) == ("verified", UNTIL)
    assert decided.evidence.get().decided_by == operator.user

    assert services.verification_lapse(today=UNTIL) == 0
    assert services.verification_lapse(today=UNTIL + timedelta(days=1)) == 1
    organisation.refresh_from_db()
    assert (organisation.verification, organisation.verified_until) == ("unverified", None)


def test_an_operator_does_not_verify_the_own_organisation() -> None:
    own = make_organisation("operator", verified=False, registration_number="12345678")
    operator = member_of(own)
    services.verification_submit(
        viewer=operator, organisation_id=own.pk, kind="other", reference="BR 1"
    )
    with pytest.raises(Forbidden):
        services.verification_decide(
            viewer=operator, organisation_id=own.pk, move="verify", now=NOW, valid_until=UNTIL
        )
    own.refresh_from_db()
    assert own.verification == "pending"


def test_a_new_registration_number_is_verified_anew() -> None:
    organisation = make_organisation(registration_number="12345678")
    changed = services.organisation_update(
        viewer=member_of(organisation),
        organisation_id=organisation.pk,
        revision=1,
        registration_number="87654321",
    )
    assert (changed.verification, changed.revision) == ("unverified", 2)


def test_of_two_concurrent_changes_the_second_is_refused() -> None:
    organisation = make_organisation()
    admin = member_of(organisation)
    services.organisation_update(
        viewer=admin, organisation_id=organisation.pk, revision=1, website="https://a.example"
    )
    with pytest.raises(Conflict):
        services.organisation_update(
            viewer=admin, organisation_id=organisation.pk, revision=1, website="https://b.example"
        )
    organisation.refresh_from_db()
    assert organisation.website == "https://a.example"


def test_an_organisation_keeps_an_admin() -> None:
    organisation = make_organisation()
    admin = member_of(organisation, "admin")
    assert admin.user is not None
    with pytest.raises(Conflict):
        services.member_set(
            viewer=admin, organisation_id=organisation.pk, email=admin.user.email, roles=["viewer"]
        )
    assert Membership.objects.get(user=admin.user).roles == ["admin"]


def test_only_an_admin_sets_members() -> None:
    organisation, user = make_organisation(), make_user()
    with pytest.raises(Forbidden):
        services.member_set(
            viewer=member_of(organisation, "dealmaker"),
            organisation_id=organisation.pk,
            email=user.email,
            roles=["admin"],
        )
    assert not Membership.objects.filter(user=user).exists()


def test_an_unverified_organisation_is_for_its_people_and_operators() -> None:
    hidden = make_organisation(verified=False)
    for stranger in (ANONYMOUS, member_of(make_organisation())):
        with pytest.raises(NotFound):
            organisation_for(stranger, hidden.pk)
    for insider in (member_of(hidden), make_operator()):
        assert organisation_for(insider, hidden.pk) == hidden


def test_a_verification_holds_until_its_day_ends_in_hong_kong() -> None:
    organisation = make_organisation(verified_until=date(2026, 11, 23))
    last = datetime(2026, 11, 23, 15, 59, tzinfo=UTC)
    assert is_vouched_for(organisation, last)
    assert not is_vouched_for(organisation, last + timedelta(minutes=1))
