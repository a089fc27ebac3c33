"""What operators change in the admin is searched, screened and matched as changed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from marketplace.accounts.models import Organisation
from marketplace.core.outbox import drain
from marketplace.listings.models import Listing
from marketplace.needs.models import Need
from tests.conftest import Api, gid
from tests.factories import (
    make_listing,
    make_operator,
    make_organisation,
    make_patent,
    member_of,
    open_need,
    publish,
    staff,
)

pytestmark = [
    pytest.mark.usefixtures("indexes"),
    pytest.mark.filterwarnings("ignore:The default scheme"),  # until Django 6.0
]
CARDS = "{ search { edges { node { ownerName ownerJurisdiction patentNumbers } } } }"


def shown(page: Any) -> Iterator[Any]:
    """Every field that stands on a page of the admin."""
    yield from page.context["adminform"].form
    for inline in page.context["inline_admin_formsets"]:
        for form in (inline.formset.management_form, *inline.formset.forms):
            yield from form


def change(client: Client, path: str, **content: str) -> None:
    """Save a page of the admin with this and else with what it shows."""
    said = {field.html_name: field.value() for field in shown(client.get(path))}
    joined = {k: ",".join(map(str, v)) if isinstance(v, list) else v for k, v in said.items()}
    kept = {k: v for k, v in joined.items() if v is not None and v is not False}
    assert client.post(path, {**kept, **content}).status_code == 302


def test_a_listing_made_anonymous_in_the_admin_shows_its_owner_no_more(api: Api) -> None:
    owner = member_of(make_organisation("licensor", name="Garnet Ltd"))
    listing = publish(make_listing(owner, patents=[make_patent("US.8000000.B2")]), owner)
    drain()
    change(staff(make_operator()), f"/admin/listings/listing/{listing.pk}/change/", anonymous="on")
    drain()
    assert api.post(CARDS)["data"]["search"]["edges"] == [
        {"node": {"ownerName": None, "ownerJurisdiction": None, "patentNumbers": []}}
    ]
    assert Listing.objects.get().revision == listing.revision + 1


def test_an_organisation_renamed_in_the_admin_is_found_by_its_name(api: Api) -> None:
    owner = member_of(made := make_organisation("licensor", name="Garnet Ltd"))
    publish(make_listing(owner), owner)
    drain()
    path = f"/admin/accounts/organisation/{made.pk}/change/"
    change(staff(make_operator()), path, name="Ruby Ltd", kinds="licensor")
    drain()
    found = {name: api.run("search", text=name)["search"]["totalCount"] for name in
             ("applicant:Garnet", "applicant:Ruby")}  # fmt: skip
    assert found == {"applicant:Garnet": 0, "applicant:Ruby": 1}
    assert Organisation.objects.get(pk=made.pk).revision == made.revision + 1


def test_a_need_rewritten_in_the_admin_is_matched_by_its_new_words(api: Api) -> None:
    owner = member_of(make_organisation("licensor"))
    listing = publish(make_listing(owner), owner)
    need = open_need(title="Wheat harvester")
    drain()
    asked = {"listing": gid("Listing", listing.pk)}
    assert api.as_(owner).run("matches_for_listing", **asked)["matchesForListing"]["matches"] == []
    path = f"/admin/needs/need/{need.pk}/change/"
    change(staff(make_operator()), path, title="Lithium batteries")
    drain()
    found = api.as_(owner).run("matches_for_listing", **asked)["matchesForListing"]["matches"]
    assert [one["need"]["title"] for one in found] == ["Lithium batteries"]
    assert Need.objects.get().revision == need.revision + 1
