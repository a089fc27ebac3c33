"""Operators read the ledger in the admin; nobody writes it there."""

from __future__ import annotations

import pytest
from django.test import Client

from marketplace.accounts.models import User
from marketplace.rights.models import Occupation
from tests.factories import PASSWORD

from .conftest import Occupy


@pytest.mark.parametrize("page", ["occupation", "asset", "fieldname"])
def test_the_ledger_is_read_only(take: Occupy, page: str) -> None:
    (held,) = take()
    client = Client()
    client.force_login(User.objects.create_superuser("boss@example.com", PASSWORD))
    here = f"/admin/rights/{page}/"
    assert client.get(here).status_code == 200
    assert client.get(f"{here}add/").status_code == 403
    if page == "occupation":
        assert client.get(f"{here}{held.pk}/change/").status_code == 200
        assert client.post(f"{here}{held.pk}/delete/", {"post": "yes"}).status_code == 403
    assert list(Occupation.objects.all()) == [held]
