from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from marketplace.accounts.models import User
from marketplace.core.errors import Invalid
from marketplace.documents.models import Document, Signature, Template
from marketplace.documents.services import document_draft, latest, template_add
from tests.factories import PASSWORD, make_deal, make_nda, make_organisation, make_parties

pytestmark = pytest.mark.django_db
FORM = {
    "name": "nda",
    "title_en": "NDA",
    "title_zh": "保密协议",
    "text_en": "Between $owner and $reader.",
    "text_zh": "$owner与$reader之间。",
    "asks_again": "on",
}


@pytest.fixture
def admin() -> Client:
    User.objects.create_superuser("root@example.com", PASSWORD)
    client = Client()
    assert client.login(email="root@example.com", password=PASSWORD)
    return client


def test_operators_add_a_version_and_change_none(admin: Client) -> None:
    first = latest("nda")
    assert admin.post("/admin/documents/template/add/", FORM).status_code == 302
    second = latest("nda")
    assert (second.version, second.text_zh) == (first.version + 1, FORM["text_zh"])
    assert second.author is not None
    assert second.author.email == "root@example.com"
    assert admin.post(f"/admin/documents/template/{first.pk}/change/", FORM).status_code == 403
    assert Template.objects.filter(name="nda").count() == second.version


def test_a_blank_in_one_language_only_is_refused(admin: Client) -> None:
    page = admin.post("/admin/documents/template/add/", {**FORM, "text_zh": "$owner"})
    assert page.status_code == 200
    assert "In one language only: reader." in page.content.decode()
    assert latest("nda").version == 1


def test_a_lone_dollar_is_refused() -> None:
    with pytest.raises(Invalid):
        template_add(name="fee", title_en="a", title_zh="b", text_en="5 $", text_zh="5 $")


def test_postgresql_keeps_what_was_signed() -> None:
    parties = make_parties()
    make_nda(parties, make_deal(parties))
    for model, change in (
        (Template, {"text_en": "other"}),
        (Document, {"text_en": "other"}),
        (Signature, {"typed_name": "other"}),
    ):
        with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
            model.objects.update(**change)  # type: ignore[attr-defined]
        with pytest.raises(IntegrityError), transaction.atomic():
            model.objects.all().delete()  # type: ignore[attr-defined]


def test_values_fill_the_blanks_of_both_languages() -> None:
    template = template_add(
        name="fee",
        title_en="Fee",
        title_zh="费用",
        text_en="$$ $amount is due.",
        text_zh="应付$amount。",
        asks_again=True,
    )
    organisation = make_organisation()
    values = {"en": {"amount": "$5"}, "zh": {"amount": "五元"}}
    made = [
        document_draft(
            subject="fee:1",
            title_en="Fees",
            title_zh="费用",
            templates=[template],
            values=values,
            parties=[organisation],
        )
        for _ in range(2)
    ]
    assert [(one.number, one.text_en, one.text_zh) for one in made] == [
        (n, "1. Fee\n$ $5 is due.", "1. 费用\n应付五元。") for n in (1, 2)
    ]
    assert made[0].sha256 == made[1].sha256
