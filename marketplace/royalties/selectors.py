from __future__ import annotations

from datetime import datetime
from typing import TypeVar
from uuid import UUID

from django.db.models import QuerySet

from marketplace.accounts.viewer import Viewer
from marketplace.agreements.services import agreement_for
from marketplace.core.errors import NotFound

from .models import Audit, Milestone, RoyaltyStatement
from .policies import may_read

Row = TypeVar("Row", Milestone, RoyaltyStatement, Audit)


def row_for(viewer: Viewer, rows: QuerySet[Row], pk: UUID, *, now: datetime) -> Row:
    """One of the rows, if the viewer may read it; locked after its deal and agreement."""
    missing = NotFound(f"No such {rows.model._meta.verbose_name}.", field=("id",))
    found = rows.filter(pk=pk).first()
    if found is None:
        raise missing
    try:
        agreement = agreement_for(viewer, found.agreement_id, now=now, lock=True)
    except NotFound:
        raise missing from None
    if not may_read(viewer, agreement):
        raise missing
    row = rows.select_for_update(of=("self",)).get(pk=pk)
    row.agreement = agreement
    return row
