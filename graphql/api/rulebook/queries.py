from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import graphene
from django.db.models import QuerySet
from django.utils import timezone

from api.scalars import ListingKind, RuleStatus
from marketplace.core.errors import Invalid
from marketplace.core.money import Money
from marketplace.core.vocabulary import ListingKind as Kinds
from marketplace.rulebook import clauses, data_route, deadlines, engine, models, selectors, tax
from marketplace.rulebook.governing_law import choice, institutions

from .inputs import (
    DataFileInput,
    PartyInput,
    PlaceInput,
    SafeguardsInput,
    TermSheetInput,
    data_file,
    known,
    party,
    place_of,
    safeguards,
    term_sheet,
)
from .types import (
    ClauseFinding,
    DataGate,
    Deadline,
    GoverningLaw,
    GrossToNet,
    Rule,
    RuleAnswer,
    RuleCount,
)

ON = graphene.Date(description="Today where it is left out.")
AmountIs = graphene.Enum(
    "AmountIs", [("GROSS", "gross"), ("NET", "net")],
    description=lambda value: (
        "What an amount stands for." if value is None else
        {"gross": "what is paid", "net": "what is to be received"}[value.value]
    ),
)  # fmt: skip


class RulebookQueries(graphene.ObjectType):
    """Open to all: what the rule book says is no secret, and no legal advice."""

    rules = graphene.List(
        graphene.NonNull(Rule),
        required=True,
        key=graphene.String(description="A question, or the questions below it, such as tax."),
        status=RuleStatus(),
        on=graphene.Date(description="Only those in force on a day."),
        description="The rows of the rule book, by question.",
    )
    rule_counts = graphene.List(graphene.NonNull(RuleCount), required=True)
    rule_answer = graphene.Field(
        RuleAnswer,
        required=True,
        key=graphene.String(required=True, description="Such as tax.vat."),
        on=ON,
        jurisdiction=graphene.String(default_value="CN", description="WIPO ST.3, or any."),
    )
    gross_to_net = graphene.Field(
        GrossToNet,
        required=True,
        amount=graphene.BigInt(required=True, description="In minor units."),
        currency=graphene.String(required=True, description="ISO 4217."),
        is_=AmountIs(name="is", default_value="gross"),
        payer=PartyInput(required=True),
        licensor=PartyInput(required=True),
        technology=ListingKind(required=True),
        certified=graphene.Boolean(
            default_value=False, description="Recognised by the science office."
        ),
        on=ON,
        into=graphene.String(description="Another currency to show it in."),
        rate=graphene.Decimal(
            description="Units of it for one; the latest published where it is left out."
        ),
        rate_on=graphene.Date(description="The day of the rate that you send."),
        rate_source=graphene.String(description="Whose rate it is."),
    )
    governing_law = graphene.Field(
        GoverningLaw,
        required=True,
        of=graphene.String(required=True, description="HK or MO."),
        parties=graphene.List(graphene.NonNull(PartyInput), required=True),
        on=ON,
    )
    data_gate = graphene.Field(
        DataGate,
        required=True,
        file=DataFileInput(required=True),
        owner=PlaceInput(required=True),
        reader=PlaceInput(required=True),
        have=SafeguardsInput(),
        on=ON,
    )
    clause_findings = graphene.List(
        graphene.NonNull(ClauseFinding),
        required=True,
        terms=TermSheetInput(required=True),
        licensor=PartyInput(required=True),
        licensee=PartyInput(required=True),
        on=ON,
        description="What the linter finds in terms that you send.",
    )
    hk_standard_patent_deadlines = graphene.List(
        graphene.NonNull(Deadline),
        required=True,
        application_published_on=graphene.Date(required=True),
        request_published_on=graphene.Date(),
        granted_on=graphene.Date(),
        description="Both stages of a Hong Kong standard (R) patent.",
    )
    annuity_deadlines = graphene.List(
        graphene.NonNull(Deadline),
        required=True,
        jurisdiction=graphene.String(required=True),
        filed_on=graphene.Date(required=True),
        on=ON,
        description="The annuities still to come on that day.",
    )
    patent_box_filing = graphene.Field(
        RuleAnswer,
        required=True,
        filed_on=graphene.Date(required=True),
        description="Whether an application outside Hong Kong needs one there for the patent box.",
    )

    @staticmethod
    def resolve_rules(
        root: None,
        info: graphene.ResolveInfo,
        key: str = "",
        status: str = "",
        on: date | None = None,
    ) -> QuerySet[models.Rule]:
        return selectors.rules(status=status, on=on, key=key)

    @staticmethod
    def resolve_rule_counts(root: None, info: graphene.ResolveInfo) -> list[RuleCount]:
        counted = selectors.count_by_status()
        return [RuleCount(status=status, count=number) for status, number in counted.items()]

    @staticmethod
    def resolve_rule_answer(
        root: None,
        info: graphene.ResolveInfo,
        key: str,
        jurisdiction: str,
        on: date | None = None,
    ) -> engine.Answer:
        return engine.ask(key, on=on or timezone.localdate(), jurisdiction=jurisdiction)

    @staticmethod
    def resolve_gross_to_net(root: None, info: graphene.ResolveInfo, **given: Any) -> tax.Quote:
        on = given.get("on") or timezone.localdate()
        payment = tax.TaxedPayment(
            on=on,
            payer=party(given["payer"], ("payer",)),
            licensor=party(given["licensor"], ("licensor",)),
            technology=Kinds(given["technology"]),
            certified=given["certified"],
        )
        amount = Money(given["amount"], given["currency"].strip().upper())
        quote = tax.gross_up if given["is_"] == "net" else tax.quote
        found = quote(amount, payment)
        if not given.get("into"):
            return found
        return tax.in_currency(
            found,
            tax.rate_for(
                amount.currency,
                given["into"].strip().upper(),
                on=given.get("rate_on") or on,
                rate=rate_of(given.get("rate")),
                source=given.get("rate_source") or "",
            ),
        )

    @staticmethod
    def resolve_governing_law(
        root: None,
        info: graphene.ResolveInfo,
        of: str,
        parties: list[dict[str, Any]],
        on: date | None = None,
    ) -> GoverningLaw:
        day = on or timezone.localdate()
        there = of.strip().upper()
        known = [party(one, ("parties", str(i))) for i, one in enumerate(parties)]
        return GoverningLaw(
            law=choice("law", there, known, on=day),
            seat=choice("seat", there, known, on=day),
            institutions=institutions(there, on=day),
        )

    @staticmethod
    def resolve_data_gate(
        root: None,
        info: graphene.ResolveInfo,
        file: dict[str, Any],
        owner: dict[str, Any],
        reader: dict[str, Any],
        have: dict[str, Any] | None = None,
        on: date | None = None,
    ) -> data_route.Gate:
        return data_route.gate(
            data_file(file),
            place_of(owner, ("owner",)),
            place_of(reader, ("reader",)),
            on=on or timezone.localdate(),
            have=safeguards(have),
        )

    @staticmethod
    def resolve_clause_findings(
        root: None,
        info: graphene.ResolveInfo,
        terms: dict[str, Any],
        licensor: dict[str, Any],
        licensee: dict[str, Any],
        on: date | None = None,
    ) -> list[clauses.Finding]:
        sides = clauses.Sides(party(licensor, ("licensor",)), party(licensee, ("licensee",)))
        return clauses.lint(term_sheet(terms), sides, on=on or timezone.localdate())

    @staticmethod
    def resolve_hk_standard_patent_deadlines(
        root: None, info: graphene.ResolveInfo, **days: date
    ) -> list[deadlines.Deadline]:
        return deadlines.hk_standard_r(**days)

    @staticmethod
    def resolve_annuity_deadlines(
        root: None,
        info: graphene.ResolveInfo,
        jurisdiction: str,
        filed_on: date,
        on: date | None = None,
    ) -> list[deadlines.Deadline]:
        where = known(jurisdiction, ("jurisdiction",))
        return deadlines.annuities(where, filed_on=filed_on, today=on or timezone.localdate())

    @staticmethod
    def resolve_patent_box_filing(
        root: None, info: graphene.ResolveInfo, filed_on: date
    ) -> engine.Answer:
        return deadlines.patent_box(filed_on=filed_on)


def rate_of(value: Decimal | None) -> Decimal | None:
    if value is not None and not (value.is_finite() and 0 < value < 10**9):
        raise Invalid("A rate above 0 is wanted, such as 1.0837.", field=("rate",))
    return value
