"""Which ways a technology goes, and what a person decides about each (F1, N10)."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from marketplace.accounts.viewer import Viewer
from marketplace.core.calendar import day_of
from marketplace.core.errors import Invalid, NotFound
from marketplace.core.workflow import Workflow, move
from marketplace.deals.evidence import record
from marketplace.rulebook.facts import GrantBack

from .catalogue import Direction, parse_code, parse_hk_code
from .facts import terms_of
from .models import Classification, Dossier
from .policies import act_of, actors, dossier_for, require

S = Classification.State
DECIDERS = ("licensor", "licensee", "operator")
WORKFLOW = Workflow(
    move("free", S.OPEN, S.FREE, *DECIDERS),
    move("restrict", S.OPEN, S.RESTRICTED, *DECIDERS),
    move("prohibit", S.OPEN, S.PROHIBITED, *DECIDERS),
    move("license", (S.RESTRICTED, S.LICENSED), S.LICENSED, "licensor", "licensee"),
    move("reopen", (S.FREE, S.RESTRICTED, S.LICENSED, S.PROHIBITED), S.OPEN, "operator"),
)


def ways(dossier: Dossier) -> set[tuple[str, str]]:
    """Direction and cause of each: the licence itself, and improvements that come back because
    they are granted back or shared."""
    here, there = dossier.licensor.jurisdiction, dossier.licensee.jurisdiction
    terms = terms_of(dossier)
    found = way(here, there, Classification.Cause.LICENCE)
    if terms.grant_back != GrantBack.NONE or terms.licensor_gives_improvements:
        found |= way(there, here, Classification.Cause.GRANT_BACK)
    return found


def way(source: str, target: str, cause: str) -> set[tuple[str, str]]:
    """The laws that a technology meets between two jurisdictions."""
    found = set()
    if source != target:
        if source == "CN":
            found.add((str(Direction.CN_EXPORT), cause))
        if target == "CN":
            found.add((str(Direction.CN_IMPORT), cause))
        if source == "HK":
            found.add((str(Direction.HK_STRATEGIC), cause))
    return found


def classify_ways(dossier: Dossier) -> None:
    """One classification a way; those of ways that are none any more go, unless decided."""
    wanted = ways(dossier)
    for direction, cause in sorted(wanted):
        Classification.objects.get_or_create(dossier=dossier, direction=direction, cause=cause)
    for row in dossier.classifications.filter(state=S.OPEN):
        if (row.direction, row.cause) not in wanted:
            row.delete()


@transaction.atomic
def classification_decide(
    *,
    viewer: Viewer,
    classification_id: UUID,
    move: str,
    note: str = "",
    code: str = "",
    licence_number: str = "",
    licence_expires_on: date | None = None,
    now: datetime,
) -> Classification:
    """Make a move of WORKFLOW: free, restrict, prohibit, license or reopen.

    A code is parsed and has to agree with the move; a licence has a number and a day not yet past.
    """
    row = Classification.objects.select_for_update(of=["self"]).filter(
        pk=classification_id
    ).first()  # fmt: skip
    if row is None:
        raise NotFound("No such classification.", field=("id",))
    dossier = dossier_for(viewer, row.dossier_id, lock=True)
    held = require(viewer, dossier, *DECIDERS)
    target = WORKFLOW.move(row.state, move, by=held)
    if not note.strip():
        raise Invalid("Say why, such as: no item of the catalogue fits.", field=("note",))
    if target == S.LICENSED:
        if not licence_number.strip() or licence_expires_on is None:
            raise Invalid("Give the licence's number and expiry.", field=("licence_number",))
        if licence_expires_on < day_of(now):
            raise Invalid("The licence has expired.", field=("licence_expires_on",))
        row.licence_number = licence_number.strip()
        row.licence_expires_on = licence_expires_on
    if move in ("restrict", "prohibit") and code:
        row.code = coded(code, row.direction, prohibited=move == "prohibit")
    if target in (S.OPEN, S.FREE):
        row.code, row.licence_number, row.licence_expires_on = "", "", None
    row.state, row.note, row.decided_by = target, note.strip(), viewer.require_user()
    row.save()
    if dossier.deal is not None:
        record(
            dossier.deal,
            "classification.decide",
            by=act_of(viewer, dossier),
            now=now,
            direction=row.direction,
            cause=row.cause,
            state=row.state,
            code=row.code,
        )
    return row


def coded(code: str, direction: str, *, prohibited: bool) -> str:
    """The code in its normal form. Of the import catalogue's codes no form is known."""
    if direction == Direction.HK_STRATEGIC:
        return parse_hk_code(code)
    if direction == Direction.CN_IMPORT:
        return " ".join(code.split())[:10]
    if parse_code(code).prohibited != prohibited:
        raise Invalid("J stands for prohibited and X for restricted.", field=("code",))
    return code.strip().upper()


def available(viewer: Viewer, row: Classification) -> list[str]:
    return WORKFLOW.available(row.state, by=actors(viewer, row.dossier))
