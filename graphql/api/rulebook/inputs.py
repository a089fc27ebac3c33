from __future__ import annotations

from typing import Any

import graphene

from api.scalars import DataClass, GrantBackForm, ListingKind
from marketplace.core.errors import Invalid
from marketplace.core.territory import TERRITORIES
from marketplace.core.vocabulary import ListingKind as Kinds
from marketplace.rulebook import facts
from marketplace.rulebook.data_route import Safeguards
from marketplace.rulebook.facts import CoveringPatent, DataFile, Party, Place, TermSheet


class PlaceInput(graphene.InputObjectType):
    """Where somebody is registered."""

    jurisdiction = graphene.String(required=True, description="WIPO ST.3: CN, HK, MO and TW apart.")
    city = graphene.String(description="In any script.")
    zone = graphene.String(description="Special zone, such as Qianhai.")


class PartyInput(PlaceInput):
    """A party; what is not said counts as not known."""

    hk_macao_invested = graphene.Boolean(description="Wholly or partly.")
    tax_resident = graphene.String(description="WIPO ST.3.")
    beneficial_owner = graphene.Boolean()
    hk_resident_certificate_until = graphene.Date(description="Its last day.")


class DataFileInput(graphene.InputObjectType):
    """A file, by the data it holds."""

    data_class = DataClass(required=True)
    persons = graphene.Int(description="Of how many persons a year.")
    categories = graphene.List(
        graphene.NonNull(graphene.String), description="In the words of a zone's negative list."
    )
    under_gba_contract = graphene.Boolean(description="It was received under one.")


class SafeguardsInput(graphene.InputObjectType):
    """What both sides have in place already."""

    gba_contract = graphene.Boolean()
    standard_contract = graphene.Boolean()
    assessment_passed = graphene.Boolean()


class CoveringPatentInput(graphene.InputObjectType):
    number = graphene.String(required=True)
    territory = graphene.String(required=True, description="WIPO ST.3.")
    expires_on = graphene.Date(required=True, description="Its last day.")


class TermSheetInput(graphene.InputObjectType):
    """What the linter reads of the terms. Days are the last of each."""

    kind = ListingKind(required=True)
    territories = graphene.List(graphene.NonNull(graphene.String), required=True)
    starts_on = graphene.Date(required=True)
    ends_on = graphene.Date()
    patents = graphene.List(graphene.NonNull(CoveringPatentInput))
    know_how = graphene.Boolean()
    royalty = graphene.Boolean()
    royalty_until = graphene.Date()
    know_how_royalty_bp = graphene.Int(description="The part for know-how, in basis points.")
    grant_back = GrantBackForm()
    grant_back_paid = graphene.Boolean()
    licensor_gives_improvements = graphene.Boolean()
    no_challenge = graphene.Boolean()
    bans_competing = graphene.Boolean()
    bans_improving = graphene.Boolean()
    tied = graphene.List(graphene.NonNull(graphene.String), description="What must be taken too.")
    limits = graphene.List(graphene.NonNull(graphene.String), description="Such as export.")
    gross_up = graphene.Boolean(description="Null: the terms do not say who bears the taxes.")
    special = graphene.String(description="Clauses in free words, read for what is banned.")


def known(value: str, field: tuple[str, ...]) -> str:
    found = value.strip().upper()
    if found not in TERRITORIES:
        raise Invalid("A code of WIPO ST.3 is wanted, such as CN or HK.", field=field)
    return found


def given(value: dict[str, Any]) -> dict[str, Any]:
    """What was sent; null counts as not sent."""
    return {name: one for name, one in value.items() if one is not None}


def party(value: dict[str, Any], field: tuple[str, ...]) -> Party:
    jurisdiction = known(value["jurisdiction"], (*field, "jurisdiction"))
    return Party(**{**given(value), "jurisdiction": jurisdiction})


def place_of(value: dict[str, Any], field: tuple[str, ...]) -> Place:
    jurisdiction = known(value["jurisdiction"], (*field, "jurisdiction"))
    return Place(**{**given(value), "jurisdiction": jurisdiction})


def data_file(value: dict[str, Any]) -> DataFile:
    found = given(value)
    if found.get("persons", 0) < 0:
        raise Invalid("A number of persons is not negative.", field=("file", "persons"))
    data_class = facts.DataClass(found.pop("data_class"))
    categories = tuple(found.pop("categories", ()))
    return DataFile(data_class=data_class, categories=categories, **found)


def safeguards(value: dict[str, Any] | None) -> Safeguards:
    return Safeguards(**given(value or {}))


def term_sheet(value: dict[str, Any]) -> TermSheet:
    found = given(value)
    found["kind"] = Kinds(found["kind"])
    for name in ("tied", "limits"):
        found[name] = tuple(found.get(name, ()))
    found["territories"] = tuple(
        known(one, ("terms", "territories", str(i))) for i, one in enumerate(found["territories"])
    )
    found["patents"] = tuple(CoveringPatent(**one) for one in found.get("patents", ()))
    if "grant_back" in found:
        found["grant_back"] = facts.GrantBack(found["grant_back"])
    return TermSheet(**found)
