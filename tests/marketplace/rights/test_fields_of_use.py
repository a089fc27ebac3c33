"""Operators join fields that are one; what is taken under either then conflicts."""

from __future__ import annotations

import pytest

from marketplace.core.errors import Conflict, Forbidden, Invalid
from marketplace.rights.availability import availability
from marketplace.rights.fields_of_use import field_join
from marketplace.rights.models import FieldName, Occupation
from marketplace.rights.selectors import field_names
from tests.factories import NOW, make_listing, make_operator, make_organisation, member_of

from .conftest import Occupy


def test_joined_fields_conflict(take: Occupy) -> None:
    (held,) = take(fields=["Battery/Cars"])
    take(fields=["batteries/grid"])  # another field until somebody says that it is not
    field_join(viewer=make_operator(), path="battery", to="Batteries", now=NOW)
    held.refresh_from_db()
    assert held.fields == ["batteries/cars"]
    for written in ("batteries/cars", "battery/cars", "battery"):
        with pytest.raises(Conflict):
            take(fields=[written])
    assert Occupation.objects.count() == 2


def test_what_was_granted_apart_cannot_be_joined(take: Occupy) -> None:
    take(fields=["battery"])
    take(fields=["batteries"])
    with pytest.raises(Conflict, match="granted apart"):
        field_join(viewer=make_operator(), path="battery", to="batteries", now=NOW)
    assert FieldName.objects.count() == 0
    assert sorted(o.fields[0] for o in Occupation.objects.all()) == ["batteries", "battery"]


@pytest.mark.django_db
def test_no_field_is_joined_to_itself() -> None:
    operator = make_operator()
    field_join(viewer=operator, path="a", to="b/c", now=NOW)
    for path, to in (("b", "a/x"), ("b", "b"), ("b", "b/c"), ("", "b")):
        with pytest.raises(Invalid):
            field_join(viewer=operator, path=path, to=to, now=NOW)
    with pytest.raises(Forbidden):
        field_join(viewer=member_of(make_organisation()), path="x", to="y", now=NOW)
    assert field_names() == {"a": "b/c"}


@pytest.mark.django_db
def test_a_listing_offers_the_field_by_its_right_name() -> None:
    listing = make_listing(fields_of_use=["Battery // packs"])
    field_join(viewer=make_operator(), path="battery", to="batteries", now=NOW)
    (part,) = availability(listing, NOW, field_names())
    assert [one.field for one in part.free] == ["batteries/packs"]
