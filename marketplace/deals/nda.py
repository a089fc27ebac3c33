"""NDAs: drawn up on the template in force, signed by both on the same version."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from marketplace.accounts.models import Organisation
from marketplace.accounts.viewer import Viewer
from marketplace.core.calendar import months_after
from marketplace.core.checks import checked, whole, words
from marketplace.core.errors import Conflict, NotFound
from marketplace.documents import services as documents

from .disclosure import INTRODUCED, NDA, disclose
from .evidence import Act, record
from .models import Deal, Mandate, Nda
from .policies import party
from .selectors import deal_for
from .signing import sign

CHECKS = {"purpose": words(500, at_least=10), "term_months": whole(1, 240, "a term in months")}


@transaction.atomic
def nda_propose(
    *,
    viewer: Viewer,
    deal_id: UUID,
    purpose: str,
    term_months: int,
    now: datetime,
    revision: int | None = None,
) -> Nda:
    """Draw up an NDA, or its next version, on the template in force. An earlier one that both
    signed goes on until this one is signed by both."""
    deal = deal_for(viewer, deal_id, now=now, lock=True, revision=revision, field="deal")
    _, by = party(viewer, deal, now, Mandate.Act.NEGOTIATE)
    if deal.state not in INTRODUCED:
        raise Conflict(f"The deal is {deal.state}; an NDA follows an accepted enquiry.")
    given = checked({"purpose": purpose, "term_months": term_months}, CHECKS)
    template = documents.latest(NDA)
    values = {
        "listing": str(deal.listing_id),
        "purpose": given["purpose"],
        "term": str(given["term_months"]),
    }
    document = documents.document_draft(
        subject=subject(deal),
        title_en=template.title_en,
        title_zh=template.title_zh,
        templates=[template],
        values={
            "en": {**values, "owner": deal.licensor.name, "reader": deal.buyer.name},
            "zh": {**values, "owner": in_chinese(deal.licensor), "reader": in_chinese(deal.buyer)},
        },
        parties=[deal.licensor, deal.buyer],
    )
    nda = Nda.objects.create(
        deal=deal, document=document, template_version=template.version, **given
    )
    record(
        deal,
        "nda.propose",
        by=by,
        now=now,
        nda=str(nda.pk),
        number=document.number,
        template=f"{template.name}:{template.version}",
        sha256=document.sha256,
    )
    return nda


@transaction.atomic
def nda_sign(
    *,
    viewer: Viewer,
    nda_id: UUID,
    organisation_id: UUID,
    typed_name: str,
    sha256: str,
    address: str,
    now: datetime,
) -> Nda:
    """Sign for one of the parties. With the second signature it is in force, for its term, and
    the buyer sees what is confidential."""
    nda = nda_for(viewer, nda_id, now)
    deal = deal_for(viewer, nda.deal_id, now=now, lock=True, field="id")
    if deal.state not in INTRODUCED:
        raise Conflict(f"The deal is {deal.state}.")
    if nda.template_version != documents.latest(NDA).version:
        raise Conflict("Its template has a later version: propose it anew.")
    if sign(
        viewer,
        deal,
        nda.document,
        organisation_id,
        kind="nda.sign",
        typed_name=typed_name,
        sha256=sha256,
        address=address,
        now=now,
    ):
        nda.signed_at = now
        nda.ends_at = later(now, nda.term_months)
        nda.save()
        record(deal, "nda.in_force", by=Act(), now=now, nda=str(nda.pk), until=str(nda.ends_at))
        disclose(deal, now)
    return nda


def nda_for(viewer: Viewer, nda_id: UUID, now: datetime) -> Nda:
    nda = Nda.objects.select_related("document").filter(pk=nda_id).first()
    if nda is None:
        raise NotFound("No such NDA.", field=("id",))
    try:
        deal_for(viewer, nda.deal_id, now=now)
    except NotFound:
        raise NotFound("No such NDA.", field=("id",)) from None
    return nda


def subject(deal: Deal) -> str:
    return f"nda:{deal.pk}"


def in_chinese(organisation: Organisation) -> str:
    return organisation.name_zh or organisation.name


def later(at: datetime, months: int) -> datetime:
    """The same time of a later month."""
    return datetime.combine(months_after(at.date(), months), at.timetz())
