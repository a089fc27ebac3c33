"""From a dossier to the questions of the rule book."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from pydantic import TypeAdapter, ValidationError

from marketplace.accounts.models import Organisation
from marketplace.core.errors import Invalid, refuse
from marketplace.rooms.models import RoomFile
from marketplace.rulebook.clauses import Sides
from marketplace.rulebook.data_route import Safeguards
from marketplace.rulebook.facts import DataClass, DataFile, Party, TermSheet

from .kinds import PaperKind
from .models import Dossier

TERMS = TypeAdapter(TermSheet)
FILES = TypeAdapter(tuple[DataFile, ...])
PARTY = TypeAdapter(Party)
OF_TAX = ("tax_resident", "beneficial_owner", "hk_resident_certificate_until")


def party_of(organisation: Organisation) -> Party:
    return Party(
        jurisdiction=organisation.jurisdiction,
        city=organisation.city,
        zone=organisation.zone,
        hk_macao_invested=organisation.hk_macao_invested,
    )


def data_of(file: RoomFile) -> DataFile:
    return DataFile(
        DataClass(file.classification),
        persons=file.persons,
        under_gba_contract=file.under_gba_contract,
    )


def taxed(party: Party, said: dict[str, Any]) -> Party:
    """The party with what was said of its taxes."""
    found = PARTY.validate_python({"jurisdiction": "", **said})
    return replace(party, **{name: getattr(found, name) for name in OF_TAX})


def sides_of(dossier: Dossier) -> Sides:
    licensor = taxed(party_of(dossier.licensor), dossier.licensor_tax)
    return Sides(licensor, party_of(dossier.licensee))


def terms_of(dossier: Dossier) -> TermSheet:
    return TERMS.validate_python(dossier.terms)


def files_of(dossier: Dossier) -> tuple[DataFile, ...]:
    return FILES.validate_python(dossier.files)


def safeguards_of(dossier: Dossier) -> Safeguards:
    """What both sides have in place, shown by its paper."""
    kinds = set(dossier.papers.values_list("kind", flat=True))
    return Safeguards(
        gba_contract=PaperKind.GBA_CONTRACT in kinds,
        standard_contract=PaperKind.STANDARD_CONTRACT in kinds,
        assessment_passed=PaperKind.SECURITY_ASSESSMENT in kinds,
    )


def stored(adapter: TypeAdapter[Any], value: Any, field: str) -> Any:
    """The value as JSON, once it has the form. Faults name what has not."""
    try:
        return adapter.dump_python(adapter.validate_python(value), mode="json")
    except ValidationError as error:
        refuse(
            Invalid(fault["msg"], field=(field, *map(str, fault["loc"])))
            for fault in error.errors()
        )
        raise
