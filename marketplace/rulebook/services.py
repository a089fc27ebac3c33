"""Rows that operators add: proposed by one person, confirmed by another."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.core.exceptions import ValidationError as DjangoError
from django.db import IntegrityError, transaction
from pydantic import ValidationError

from marketplace.accounts.viewer import Viewer
from marketplace.core.errors import Conflict, Forbidden, Invalid, NotFound, refuse

from .files import Row
from .loading import give_way
from .models import Rule

CHANGE = "change the rule book"


@transaction.atomic
def rule_propose(*, viewer: Viewer, **content: Any) -> Rule:
    """A new row, unverified until another operator confirms it. Faults name every wrong field."""
    viewer.require_operator(CHANGE)
    try:
        row = Row.model_validate({**content, "status": Rule.Status.UNVERIFIED})
    except ValidationError as error:
        refuse(
            Invalid(fault["msg"], field=tuple(map(str, fault["loc"]))) for fault in error.errors()
        )
        raise
    if Rule.objects.filter(pk=row.id).exists():
        raise Conflict("A rule with this id exists; ids are for ever.", field=("id",))
    rule = Rule(**row.model_dump(), origin=Rule.Origin.OPERATOR, proposed_by=viewer.require_user())
    try:
        rule.full_clean()
    except DjangoError as error:
        raise Invalid("; ".join(error.messages)) from error
    rule.save(force_insert=True)
    return rule


@transaction.atomic
def rule_confirm(*, viewer: Viewer, rule_id: str, today: date) -> Rule:
    """Confirm what another operator proposed. Rows confirmed before end the day before it begins,
    or are superseded where they begin later; a row that would be cut in two is a Conflict."""
    viewer.require_operator(CHANGE)
    rule = Rule.objects.select_for_update().filter(pk=rule_id).first()
    if rule is None:
        raise NotFound("No such rule.", field=("id",))
    if rule.origin != Rule.Origin.OPERATOR or rule.status != Rule.Status.UNVERIFIED:
        raise Conflict("Only what an operator proposed can be confirmed.", field=("id",))
    if rule.proposed_by == viewer.require_user():
        raise Forbidden("A second person confirms.", field=("id",))
    rule.status = Rule.Status.CONFIRMED
    rule.confirmed_by, rule.checked_on = viewer.user, today
    others = Rule.objects.select_for_update(of=["self"]).filter(
        key=rule.key, jurisdiction=rule.jurisdiction, status=Rule.Status.CONFIRMED
    )
    for other in others:
        beyond = rule.valid_to and (other.valid_to is None or other.valid_to > rule.valid_to)
        if beyond and other.overlaps(rule):
            raise Conflict(f"{other.pk} goes on beyond it; give it no last day.", field=("id",))
        if give_way(other, [rule]):
            other.save()
    try:
        with transaction.atomic():
            rule.save()
    except IntegrityError as error:
        raise Conflict("Another rule was confirmed for the same days.", field=("id",)) from error
    return rule
