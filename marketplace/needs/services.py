"""Needs of buyers: everything that changes one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from marketplace.accounts.models import Organisation
from marketplace.accounts.selectors import organisation_for
from marketplace.accounts.viewer import Viewer
from marketplace.core.calendar import day_of
from marketplace.core.checks import (
    Check,
    checked,
    choice,
    choices,
    currency,
    lines,
    territories,
    text,
    whole,
    yes_or_no,
)
from marketplace.core.errors import Conflict, DomainError, Forbidden, Invalid, refuse
from marketplace.core.outbox import publish
from marketplace.core.vocabulary import Exclusivity, IprStatus, ListingKind
from marketplace.patents.ipc import symbols

from .models import Need, NeedEvent
from .policies import EDITORS, actors
from .selectors import need_for
from .workflow import WORKFLOW

C = Need.Criterion
# Which field a criterion looks at: a must-have of an empty field would exclude nothing in silence.
CRITERION_FIELDS: Mapping[str, tuple[str, ...]] = {
    C.TRL: ("trl_min", "trl_max"),
    C.TERRITORY: ("territories",),
    C.EXCLUSIVITY: ("exclusivity",),
    C.BUDGET: ("budget_amount",),
    C.KIND: ("kinds",),
    C.IPR_STATUS: ("ipr_statuses",),
    C.IPC: ("ipc",),
}


CHECKS: Mapping[str, Check] = {
    "anonymous": yes_or_no,
    "title": text(200),
    "description": text(50_000),
    "must_haves": choices(Need.Criterion),
    "must_words": lines(80),
    "not_of_interest": lines(80),
    "kinds": choices(ListingKind),
    "ipr_statuses": choices(IprStatus),
    "trl_min": whole(1, 9, "a technology readiness level"),
    "trl_max": whole(1, 9, "a technology readiness level"),
    "budget_amount": whole(0, 10**15, "an amount in minor units"),
    "budget_currency": currency,
    "territories": territories,
    "exclusivity": choice(Exclusivity, blank=True),
    "ipc": symbols,
    "deadline": lambda value, field: value,
}


def contradictions(need: Need) -> Iterable[DomainError]:
    if not need.title:
        yield Invalid("A need has a title.", field=("title",))
    if need.trl_min and need.trl_max and need.trl_min > need.trl_max:
        yield Invalid("The lowest TRL is above the highest.", field=("trl_min",))
    if (need.budget_amount is None) != (need.budget_currency == ""):
        yield Invalid(
            "An amount and its currency go together, such as 50000000 and CNY.",
            field=("budget_amount",),
        )
    for name in need.must_haves:
        fields = CRITERION_FIELDS[name]
        if not any(getattr(need, field) not in (None, "", []) for field in fields):
            yield Invalid(f"To be a must-have, {fields[0]} has to be said.", field=("must_haves",))


@transaction.atomic
def need_create(*, viewer: Viewer, organisation_id: UUID, language: str, **content: Any) -> Need:
    """A draft of a need. Faults name every field that is wrong."""
    organisation = organisation_for(viewer, organisation_id, *EDITORS)
    if Organisation.Kind.BUYER not in organisation.kinds:
        raise Forbidden(f"{organisation.name} is no buyer.", field=("organisation",))
    need = Need(
        organisation=organisation,
        created_by=viewer.user,
        language=language,
        **checked(content, CHECKS),
    )
    refuse(contradictions(need))
    need.save()
    return need


@transaction.atomic
def need_update(*, viewer: Viewer, need_id: UUID, revision: int, **content: Any) -> Need:
    """Change a draft; what is not given stays. Conflict where somebody saved since `revision`."""
    need = need_for(viewer, need_id, lock=True)
    if "buyer" not in actors(viewer, need):
        raise Forbidden("Only an admin or dealmaker of the buyer may change it.", field=("id",))
    if need.state != Need.State.DRAFT:
        raise Conflict(f"It is {need.state}; only a draft can be changed.", field=("id",))
    if need.revision != revision:
        raise Conflict(
            f"Somebody changed it meanwhile: it is at revision {need.revision}.",
            field=("revision",),
        )
    for name, value in checked(content, CHECKS).items():
        setattr(need, name, value)
    refuse(contradictions(need))
    need.revision += 1
    need.save()
    return need


@transaction.atomic
def need_move(*, viewer: Viewer, need_id: UUID, move: str, now: datetime) -> Need:
    """Make a move of the table in workflow.py for the viewer."""
    need = need_for(viewer, need_id, lock=True)
    return make_move(need, move, by=actors(viewer, need), today=day_of(now), viewer=viewer)


def make_move(need: Need, move: str, *, by: Iterable[str], today: date, viewer: Viewer) -> Need:
    source = need.state
    target = WORKFLOW.move(source, move, by=by)
    if target == Need.State.OPEN and need.deadline is not None and need.deadline < today:
        raise Invalid("Its deadline has passed; say a later one.", field=("deadline",))
    need.state = target
    need.revision += 1
    need.save()
    NeedEvent.objects.create(need=need, move=move, source=source, target=target, actor=viewer.user)
    publish("need.changed", need.pk)
    return need


@transaction.atomic
def needs_expire(*, today: date) -> int:
    """Close the open needs whose deadline lies before `today`; the number of needs."""
    due = Need.objects.select_for_update().filter(state=Need.State.OPEN, deadline__lt=today)
    for need in due:
        make_move(need, "expire", by={"system"}, today=today, viewer=Viewer())
    return len(due)
