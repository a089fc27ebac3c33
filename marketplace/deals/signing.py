"""Signing a document of a deal for one of its parties."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from marketplace.accounts.viewer import Viewer
from marketplace.core.errors import NotFound
from marketplace.documents import services as documents
from marketplace.documents.models import Document

from .evidence import Act, record
from .models import Deal


def sign(
    viewer: Viewer,
    deal: Deal,
    document: Document,
    organisation_id: UUID,
    *,
    kind: str,
    typed_name: str,
    sha256: str,
    address: str,
    now: datetime,
) -> bool:
    """Whether with this signature all have signed. It is recorded as `kind`; the deal is
    locked by the caller."""
    organisation = deal.party(organisation_id)
    if organisation is None:
        raise NotFound("No such party of the deal.", field=("organisation",))
    signature = documents.document_sign(
        viewer=viewer,
        document=document,
        organisation=organisation,
        typed_name=typed_name,
        sha256=sha256,
        address=address,
        now=now,
    )
    record(
        deal,
        kind,
        by=Act(viewer.require_user().pk, organisation.pk),
        now=now,
        document=str(document.pk),
        name=signature.typed_name,
        address=signature.address,
        sha256=signature.sha256,
    )
    return not documents.unsigned_by(document)
