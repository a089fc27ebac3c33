"""The evidence of a deal in one ZIP (N16): its events, its documents, their hashes, and a script
that verifies them without us."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_GET

from marketplace.accounts.models import User
from marketplace.accounts.viewer import Viewer, viewer_of
from marketplace.core.errors import DomainError, Forbidden
from marketplace.core.links import gone, headers, link, opened
from marketplace.documents.models import Document
from marketplace.documents.pdf import document_pdf

from .evidence import Act, canonical, record
from .models import Deal
from .policies import party, sees_licensor
from .selectors import deal_for
from .verify_bundle import MANIFEST, manifest_of
from .verify_bundle import canonical as pretty

VERIFIER = Path(__file__).with_name("verify_bundle.py")
README = """The evidence of deal {deal}, exported at {at}.

events.jsonl   what happened, a line each; `previous` is the SHA-256 of the line before
documents/     what the parties were asked to sign: text, PDF, and who signed
manifest.json  the SHA-256 of every file, and of the last event (`head`)
verify.py      run `python verify.py`: it checks all of this without any network
"""
Contribution = Callable[[Deal], Iterable[tuple[str, Document]]]
DOCUMENTS: list[Contribution] = []


def contributes(source: Contribution) -> Contribution:
    """Register where documents of a deal come from: pairs of a name and the document."""
    DOCUMENTS.append(source)
    return source


@contributes
def ndas(deal: Deal) -> Iterable[tuple[str, Document]]:
    for nda in deal.ndas.select_related("document"):
        yield f"nda-{nda.document.number}", nda.document


@transaction.atomic
def bundle(viewer: Viewer, deal_id: UUID, now: datetime) -> bytes:
    """The ZIP, for the deal's parties. That it was exported is itself recorded first."""
    deal = deal_for(viewer, deal_id, now=now, lock=True)
    record(deal, "evidence.export", by=exporter(viewer, deal, now), now=now)
    files = dict(contents(deal, now))
    files[MANIFEST] = manifest_of(files)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(files):
            archive.writestr(zipfile.ZipInfo(name), files[name])
    return out.getvalue()


def exporter(viewer: Viewer, deal: Deal, now: datetime) -> Act:
    """In whose name the viewer exports. The events say who acted, and could not be verified with
    that left out: so not before the viewer knows the licensor."""
    _, by = party(viewer, deal, now, None)
    if not sees_licensor(viewer, deal):
        raise Forbidden("The record can be had once the enquiry is accepted.")
    return by


def contents(deal: Deal, now: datetime) -> Iterable[tuple[str, bytes]]:
    events = [canonical(event) for event in deal.events.all()]
    yield "events.jsonl", b"\n".join(events) + b"\n"
    for source in DOCUMENTS:
        for name, document in source(deal):
            yield f"documents/{name}.json", pretty(plain(document))
            yield f"documents/{name}.pdf", document_pdf(document)
    yield "verify.py", VERIFIER.read_bytes()
    yield "README.txt", README.format(deal=deal.pk, at=now.isoformat()).encode()


def plain(document: Document) -> dict[str, Any]:
    return {
        "number": document.number,
        "templates": document.templates,
        "title_en": document.title_en,
        "title_zh": document.title_zh,
        "text_en": document.text_en,
        "text_zh": document.text_zh,
        "sha256": document.sha256,
        "signatures": [
            {
                "organisation": one.organisation.name,
                "name": one.typed_name,
                "at": one.signed_at.isoformat(),
                "address": one.address,
                "sha256": one.sha256,
            }
            for one in document.signatures.select_related("organisation")
        ],
    }


def bundle_link(*, viewer: Viewer, deal_id: UUID, now: datetime) -> str:
    """The path under which the viewer may fetch the bundle."""
    deal = deal_for(viewer, deal_id, now=now)
    exporter(viewer, deal, now)
    return link("bundle", deal=str(deal.pk), user=str(viewer.require_user().pk))


@require_GET
def open_bundle(request: HttpRequest, signed: str) -> HttpResponse:
    ticket = opened("bundle", signed)
    try:
        viewer = viewer_of(User.objects.get(pk=ticket["user"]))
        content = bundle(viewer, UUID(ticket["deal"]), timezone.now())
    except (User.DoesNotExist, DomainError):
        raise gone() from None
    return HttpResponse(
        content,
        content_type="application/zip",
        headers=headers(f"evidence-{ticket['deal']}.zip"),
    )
