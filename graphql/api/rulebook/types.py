"""What the rule book says, each with the rows it rests on. The resolvers take dataclasses of
marketplace/rulebook and give their sentences in the language asked for."""

from __future__ import annotations

from typing import Any

import graphene
from pydantic import BaseModel

from api.scalars import (
    Certainty,
    GateOutcome,
    Language,
    Money,
    RuleOrigin,
    RuleStatus,
    Severity,
)
from marketplace.core.language import Language as Languages
from marketplace.core.language import worded
from marketplace.rulebook import clauses, data_route, engine, models, tax

IN_LANGUAGE = {"language": Language(default_value=Languages.EN.value, required=True)}


def text(description: str) -> graphene.Field:
    return graphene.String(required=True, description=description, **IN_LANGUAGE)


def texts(description: str) -> graphene.List:
    return graphene.List(
        graphene.NonNull(graphene.String), required=True, description=description, **IN_LANGUAGE
    )


class Rule(graphene.ObjectType):
    """A row: what the law, or this marketplace, says on a question from a day to a day."""

    id = graphene.String(required=True, description="What answers cite, such as cn-vat-2026.")
    key = graphene.String(required=True, description="The question, such as tax.vat.")
    jurisdiction = graphene.String(required=True, description="WIPO ST.3, or any.")
    valid_from = graphene.Date(required=True)
    valid_to = graphene.Date(description="The last day; null: until further notice.")
    status = graphene.Field(RuleStatus, required=True)
    source = graphene.String(required=True, description="What was read.")
    citation = graphene.String(required=True)
    checked_on = graphene.Date()
    origin = graphene.Field(RuleOrigin, required=True)
    parameters = graphene.JSONString(required=True, description="What is counted with.")
    says = text("The reason it gives.")

    @staticmethod
    def resolve_says(root: models.Rule, info: graphene.ResolveInfo, language: str) -> str:
        return worded(root.says, language)


class RuleCount(graphene.ObjectType):
    """How many rows have a status."""

    status = graphene.Field(RuleStatus, required=True)
    count = graphene.Int(required=True)


class RuleAnswer(graphene.ObjectType):
    """An answer of the rule book. It is no legal advice."""

    key = graphene.String(required=True)
    on = graphene.Date(required=True, description="The day it was asked for.")
    value = graphene.JSONString(description="Provisional where the status says so.")
    status = graphene.Field(Certainty, required=True)
    rules = graphene.List(
        graphene.NonNull(graphene.String), required=True, description="Ids of the rows it rests on."
    )
    reasons = texts("Why, sentence by sentence.")
    notice = text("That this is no legal advice.")

    @staticmethod
    def resolve_value(root: engine.Answer, info: graphene.ResolveInfo) -> Any:
        found = root.value
        return found.model_dump(mode="json") if isinstance(found, BaseModel) else found

    @staticmethod
    def resolve_reasons(
        root: engine.Answer, info: graphene.ResolveInfo, language: str
    ) -> list[str]:
        return [one.text(language) for one in root.reasons]

    @staticmethod
    def resolve_notice(root: engine.Answer, info: graphene.ResolveInfo, language: str) -> str:
        return engine.no_legal_advice(language)


class TaxLine(graphene.ObjectType):
    """One tax of a payment: `amount` of `base` at `rateBp`."""

    tax = graphene.String(required=True, description="vat, income_tax or stamp.")
    base = graphene.Field(Money, required=True)
    rate_bp = graphene.Int(required=True, description="In basis points: 700 is 7 %.")
    amount = graphene.Field(Money, required=True)
    answer = graphene.Field(RuleAnswer, required=True)


class ExchangeRate(graphene.ObjectType):
    """`rate` of `quote` for one of `base`, as published on a day."""

    base = graphene.String(required=True)
    quote = graphene.String(required=True)
    rate = graphene.Decimal(required=True)
    on = graphene.Date(required=True)
    source = graphene.String(required=True)


class GrossToNet(graphene.ObjectType):
    """What a payment from the mainland leaves to a licensor abroad: net and taxes are the gross to
    the minor unit. It is no tax advice."""

    on = graphene.Date(required=True)
    gross = graphene.Field(Money, required=True)
    net = graphene.Field(Money, required=True)
    base = graphene.Field(Money, required=True, description="The price without VAT.")
    lines = graphene.List(graphene.NonNull(TaxLine), required=True)
    exchange = graphene.Field(ExchangeRate, description="By which the amounts were converted.")
    status = graphene.Field(Certainty, required=True)
    rules = graphene.List(graphene.NonNull(graphene.String), required=True)
    reasons = texts("Why these rates.")
    notice = text("That this is no legal or tax advice.")

    @staticmethod
    def resolve_reasons(root: tax.Quote, info: graphene.ResolveInfo, language: str) -> list[str]:
        return [one.text(language) for one in root.reasons]

    @staticmethod
    def resolve_notice(root: tax.Quote, info: graphene.ResolveInfo, language: str) -> str:
        return engine.no_legal_advice(language)


class Institution(graphene.ObjectType):
    """Who administers arbitration, by which rules, with which seats."""

    name = text("Its name.")
    rules = graphene.String(required=True)
    seats = graphene.List(graphene.NonNull(graphene.String), required=True)
    answer = graphene.Field(RuleAnswer, required=True)

    @staticmethod
    def resolve_name(root: engine.Answer, info: graphene.ResolveInfo, language: str) -> str:
        return worded(root.value.name, language)

    @staticmethod
    def resolve_rules(root: engine.Answer, info: graphene.ResolveInfo) -> str:
        return str(root.value.rules)

    @staticmethod
    def resolve_seats(root: engine.Answer, info: graphene.ResolveInfo) -> list[str]:
        return list(root.value.seats)

    @staticmethod
    def resolve_answer(root: engine.Answer, info: graphene.ResolveInfo) -> engine.Answer:
        return root


class GoverningLaw(graphene.ObjectType):
    """Whether the law, and the seat, of Hong Kong or Macao may be chosen."""

    law = graphene.Field(RuleAnswer, required=True)
    seat = graphene.Field(RuleAnswer, required=True)
    institutions = graphene.List(graphene.NonNull(Institution), required=True)


class DataGate(graphene.ObjectType):
    """Whether a file may go from its owner's place to its reader's."""

    outcome = graphene.Field(GateOutcome, required=True)
    open = graphene.Boolean(required=True, description="Whether it may be read now.")
    conditions = texts("All that is asked, whether fulfilled already or not.")
    answer = graphene.Field(RuleAnswer, required=True)

    @staticmethod
    def resolve_conditions(
        root: data_route.Gate, info: graphene.ResolveInfo, language: str
    ) -> list[str]:
        return [one.text(language) for one in root.conditions]


class ClauseFinding(graphene.ObjectType):
    """What the linter found in the terms."""

    code = graphene.String(required=True, description="Such as royalty_after_expiry.")
    severity = graphene.Field(Severity, required=True)
    words = graphene.List(
        graphene.NonNull(graphene.String),
        required=True,
        description="Of a free clause that pointed to it; none where a term did.",
    )
    reason = text("What was found.")
    wording = text("A wording to write instead.")
    answer = graphene.Field(RuleAnswer, required=True)

    @staticmethod
    def resolve_reason(root: clauses.Finding, info: graphene.ResolveInfo, language: str) -> str:
        return root.reason.text(language)

    @staticmethod
    def resolve_wording(root: clauses.Finding, info: graphene.ResolveInfo, language: str) -> str:
        return root.wording.text(language)


class Deadline(graphene.ObjectType):
    """By when something is to be done."""

    name = graphene.String(required=True)
    due_on = graphene.Date(description="Null: does not run yet, or no rule says when.")
    answer = graphene.Field(RuleAnswer, required=True)
