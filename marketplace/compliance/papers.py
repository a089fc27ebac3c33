"""Papers of a dossier, and the bank's bundle for remittance."""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from marketplace.accounts.viewer import Viewer
from marketplace.core.checks import text
from marketplace.core.errors import Conflict, Invalid
from marketplace.core.money import Money
from marketplace.core.papers import paper as small_paper
from marketplace.deals.evidence import record
from marketplace.ledger.exchange import converted, rate_on
from marketplace.rulebook.engine import Answer, ask, resting_on

from .facts import terms_of
from .kinds import PaperKind
from .models import Dossier, Paper
from .policies import act_of, dossier_for, require


@transaction.atomic
def paper_add(
    *,
    viewer: Viewer,
    dossier_id: UUID,
    kind: str,
    name: str,
    content: bytes,
    number: str = "",
    issued_on: date | None = None,
    now: datetime,
) -> Paper:
    """Keep a paper of the dossier; the same bytes of one kind only once."""
    dossier = dossier_for(viewer, dossier_id, lock=True)
    require(viewer, dossier, "licensor", "licensee")
    if kind not in PaperKind.values:
        raise Invalid(f"One of {', '.join(PaperKind.values)} is wanted.", field=("kind",))
    number = text(120)(number, ("number",))
    content_of = small_paper(name, content)
    digest = content_of["sha256"]
    if dossier.papers.filter(kind=kind, sha256=digest).exists():
        raise Conflict("This paper is in the dossier already.", field=("content",))
    paper = Paper.objects.create(
        dossier=dossier,
        kind=kind,
        issued_on=issued_on,
        uploaded_by=viewer.require_user(),
        number=number,
        **content_of,
    )
    if dossier.deal is not None:
        by = act_of(viewer, dossier)
        record(dossier.deal, "paper.add", by=by, now=now, paper=kind, sha256=digest)
    return paper


@dataclass(frozen=True)
class Bundle:
    """What the bank asks for, in its order; `missing` are the kinds of which there is no paper."""

    papers: tuple[tuple[str, Paper | None], ...]
    answer: Answer

    @property
    def missing(self) -> list[str]:
        return [kind for kind, paper in self.papers if paper is None]


def bundle(dossier: Dossier, amount: Money, *, on: date) -> Bundle:
    """The bundle for one remittance of `amount`; the latest paper of each kind."""
    asked = ask("remittance.bundle", on=on)
    answers = [asked]
    patents = any(patent.territory == "CN" for patent in terms_of(dossier).patents)
    kinds = [
        kind
        for kind in (asked.value.documents if asked.value else [])
        if patents or kind not in asked.value.patents_only
    ]
    record = ask("remittance.tax_record", on=on)
    if record.value is not None and above(amount, record.value.above, record.value.currency, on):
        kinds.append(record.value.document)
        answers.append(record)
    latest = {row.kind: row for row in dossier.papers.order_by("created_at").defer("content")}
    found = tuple((kind, latest.get(kind)) for kind in kinds)
    return Bundle(found, resting_on("remittance.bundle", on, None, answers))


def above(amount: Money, limit: int, currency: str, on: date) -> bool:
    """Whether an amount is above a limit in another currency; where no rate is known, it may be."""
    if amount.currency == currency:
        return amount.amount > limit
    rate = rate_on(amount.currency, currency, on)
    return rate is None or converted(amount, currency, rate).amount > limit


def bundle_zip(found: Bundle) -> bytes:
    """The papers there are, and `bundle.json` that names each with its hash, and what is missing.
    The same papers give the same bytes."""
    out = io.BytesIO()
    told = {
        "on": str(found.answer.on),
        "rules": found.answer.rules,
        "missing": found.missing,
        "papers": [],
    }
    papers: list[tuple[str, bytes]] = []
    for number, (kind, document) in enumerate(found.papers, 1):
        if document is None:
            continue
        ending = document.media_type.rpartition("/")[2]
        name = f"{number:02}-{kind}.{ending}"
        papers.append((name, bytes(document.content)))
        told["papers"].append(  # type: ignore[attr-defined]
            {"name": name, "kind": kind, "number": document.number, "sha256": document.sha256}
        )
    text = json.dumps(told, ensure_ascii=False, indent=1).encode()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in [("bundle.json", text), *papers]:
            archive.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), content)
    return out.getvalue()
