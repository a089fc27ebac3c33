"""The one way to ask the rule book: a key, a day, a jurisdiction.

An answer carries the ids of the rows it rests on and the day it was asked for. Where any of them
is not confirmed it is NEEDS_CONFIRMATION, with what would be the answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from django.db.models import Case, IntegerField, Q, QuerySet, Value, When

from marketplace.core.language import worded

from .files import reasons
from .models import Rule
from .parameters import form_of


class Certainty(StrEnum):
    CONFIRMED = "confirmed"
    NEEDS_CONFIRMATION = "needs_confirmation"


@dataclass(frozen=True)
class Reason:
    """A sentence in three languages, with the row it comes from where it comes from one."""

    texts: tuple[tuple[str, str], ...]
    rule: str | None = None
    arguments: tuple[tuple[str, str], ...] = ()

    def text(self, language: str) -> str:
        found = worded(dict(self.texts), language)
        return found.format(**dict(self.arguments)) if self.arguments else found


def reason(code: str, **arguments: object) -> Reason:
    """A sentence of reasons.yaml."""
    return Reason(
        tuple(reasons()[code].items()),
        arguments=tuple((name, str(value)) for name, value in arguments.items()),
    )


def spoken(answer: Answer, **arguments: object) -> Reason:
    """What the rows of an answer say, with the facts filled in."""
    first = answer.reasons[0]
    filled = tuple((name, str(value)) for name, value in arguments.items())
    return Reason(first.texts, first.rule, filled)


@dataclass(frozen=True)
class Answer:
    """`value` is None where the rule book has no rule; `rules` are ids, without repeats."""

    key: str
    on: date
    value: Any
    rules: tuple[str, ...]
    status: Certainty
    reasons: tuple[Reason, ...]

    @property
    def confirmed(self) -> bool:
        return self.status == Certainty.CONFIRMED


def valid_on(on: date) -> QuerySet[Rule]:
    """Rows in force on a day, the confirmed first, then the latest begun."""
    return (
        Rule.objects.filter(valid_from__lte=on)
        .filter(Q(valid_to=None) | Q(valid_to__gte=on))
        .exclude(status=Rule.Status.SUPERSEDED)
        .order_by(
            Case(
                When(status=Rule.Status.CONFIRMED, then=Value(0)),
                default=Value(1),
                output_field=IntegerField(),
            ),
            "-valid_from",
            "id",
        )
    )


Reading = dict[tuple[str, date, str], Answer]
READ: ContextVar[Reading | None] = ContextVar("read", default=None)


@contextmanager
def one_reading(known: Reading | None = None) -> Iterator[None]:
    """Within this, each question is looked up once, however often it is asked; `known` carries the
    answers on to a later reading of the same request."""
    token = READ.set({} if known is None else known)
    try:
        yield
    finally:
        READ.reset(token)


def ask(key: str, *, on: date, jurisdiction: str = "CN") -> Answer:
    """What the rule book says on `key` on that day. The value is the parameters of the row, in the
    form that parameters.py gives the key."""
    known = READ.get()
    question = (key, on, jurisdiction)
    if known is not None and question in known:
        return known[question]
    row = valid_on(on).filter(key=key, jurisdiction=jurisdiction).first()
    found = answer_of(row, on) if row else unknown(key, on, jurisdiction)
    if known is not None:
        known[question] = found
    return found


def ask_all(prefix: str, *, on: date) -> list[Answer]:
    """One answer for every key below `prefix`, in whatever jurisdiction, in the order of keys."""
    found: dict[tuple[str, str], Answer] = {}
    for row in valid_on(on).filter(key__startswith=prefix + "."):
        found.setdefault((row.key, row.jurisdiction), answer_of(row, on))
    return [found[name] for name in sorted(found)]


def answer_of(row: Rule, on: date) -> Answer:
    form = form_of(row.key)
    if form is None:
        raise ValueError(f"rule {row.pk} has a key without a form: {row.key}")
    confirmed = row.status == Rule.Status.CONFIRMED
    return Answer(
        key=row.key,
        on=on,
        value=form.model_validate(row.parameters),
        rules=(row.pk,),
        status=Certainty.CONFIRMED if confirmed else Certainty.NEEDS_CONFIRMATION,
        reasons=(Reason(tuple(row.says.items()), row.pk),),
    )


def unknown(key: str, on: date, jurisdiction: str) -> Answer:
    why = reason("no_rule", key=key, on=on, jurisdiction=jurisdiction)
    return Answer(key, on, None, (), Certainty.NEEDS_CONFIRMATION, (why,))


def resting_on(
    key: str,
    on: date,
    value: Any,
    answers: Iterable[Answer],
    *,
    also: Iterable[Reason] = (),
    open_question: bool = False,
) -> Answer:
    """An answer drawn from others: as certain as the least certain of them."""
    base = list(answers)
    sure = all(one.confirmed for one in base) and bool(base) and not open_question
    return Answer(
        key=key,
        on=on,
        value=value,
        rules=tuple(dict.fromkeys(rule for one in base for rule in one.rules)),
        status=Certainty.CONFIRMED if sure else Certainty.NEEDS_CONFIRMATION,
        reasons=tuple(dict.fromkeys([*(r for one in base for r in one.reasons), *also])),
    )


def no_legal_advice(language: str) -> str:
    return reason("no_legal_advice").text(language)
