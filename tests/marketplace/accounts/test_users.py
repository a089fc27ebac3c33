from __future__ import annotations

import pytest
from django.urls import reverse

from marketplace.accounts.models import User
from marketplace.accounts.services import user_register
from marketplace.core.errors import Faults
from tests.factories import PASSWORD, make_operator, make_user, staff

pytestmark = pytest.mark.django_db
NO_ZONE = "No such time zone; write one such as Asia/Hong_Kong."


def test_user_register_refuses_a_time_zone_that_is_none() -> None:
    with pytest.raises(Faults) as refused:
        user_register(email="li@example.com", password=PASSWORD, time_zone="Hong Kong")
    assert [(one.field, str(one)) for one in refused.value.errors] == [(("time_zone",), NO_ZONE)]
    assert User.objects.count() == 0


@pytest.mark.parametrize(
    ("zone", "faults"), [("Hong Kong", {"time_zone": [NO_ZONE]}), ("Europe/London", {})]
)
def test_the_admin_refuses_it_too(zone: str, faults: dict[str, list[str]]) -> None:
    client, user = staff(make_operator()), make_user()
    page = client.post(
        reverse("admin:accounts_user_change", args=[user.pk]),
        {"email": user.email, "language": "en", "is_active": "on", "time_zone": zone},
    )
    assert (page.context["adminform"].form.errors if page.context else {}) == faults
    user.refresh_from_db()
    assert user.time_zone == ("Asia/Hong_Kong" if faults else zone)
