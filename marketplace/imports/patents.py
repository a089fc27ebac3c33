"""Rows of patents; the format is in docs/import-formats.md."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from marketplace.core.errors import DomainError, Faults, Invalid
from marketplace.core.outbox import publish
from marketplace.core.territory import OFFICES, territory
from marketplace.patents.ipc import symbols
from marketplace.patents.models import Family, LegalEvent, Patent
from marketplace.patents.numbers import PatentNumber, parse_number

from .fields import day_of, languages_of, list_of, text_of
from .models import ImportRun
from .run import Importer

UPDATED = [
    field.name
    for field in Patent._meta.concrete_fields
    if field.name not in ("id", "docdb", "created_at")
]
FACTS = [
    field.attname
    for field in Patent._meta.concrete_fields
    if field.name in UPDATED and field.name not in ("is_sample", "updated_at")
]


@dataclass(frozen=True)
class PatentRow:
    patent: Patent
    families: Mapping[str, str]
    events: Sequence[LegalEvent]


def parse_patent(row: Mapping[str, Any], *, is_sample: bool = False) -> PatentRow:
    """One row, checked whole; Faults name every field that is wrong."""
    faults: list[DomainError] = []

    def read(reader: Any, *given: Any, default: Any) -> Any:
        try:
            return reader(*given)
        except Invalid as error:
            faults.append(error)
            return default

    number = read(number_of, row, default=None)
    application = read(application_of, row, default=None)
    title = read(languages_of, row, "title", 2000, default={})
    abstract = read(languages_of, row, "abstract", 50_000, default={})
    if not faults and not any(title.values()) and not any(abstract.values()):
        faults.append(Invalid("A patent has a title or an abstract.", field=("title",)))
    names = list_of_numbers(number, application)
    claims = row.get("claims")
    patent = Patent(
        docdb=read(identity_of, row, number, application, default=""),
        application_number=application.docdb if application else "",
        publication_numbers=[number.docdb] if number and number.stage == "publication" else [],
        number_keys=names,
        title_en=title.get("en", ""),
        title_hans=title.get("hans", ""),
        title_hant=title.get("hant", ""),
        title_other=title.get("other", ""),
        abstract_en=abstract.get("en", "") or abstract.get("other", ""),
        abstract_hans=abstract.get("hans", ""),
        abstract_hant=abstract.get("hant", ""),
        claims="\n".join(map(str, claims)) if isinstance(claims, list) else str(claims or ""),
        applicants=read(list_of, row, "applicant" if "applicant" in row else "applicants",
                        default=[]),
        inventors=read(list_of, row, "inventors", default=[]),
        ipc=read(symbols_of, row, "ipc", default=[]),
        cpc=read(symbols_of, row, "cpc", default=[]),
        priority_date=read(day_of, row, "priority_date", default=None),
        filing_date=read(day_of, row, "filing_date", default=None),
        publication_date=read(
            day_of, row, "publication_date" if "publication_date" in row else "pub_date",
            default=None),
        grant_date=read(day_of, row, "grant_date", default=None),
        is_sample=is_sample,
        source=text_of(row, "source", 80),
    )  # fmt: skip
    patent.office = patent.docdb[:2]
    families = {
        kind: read(text_of, row, f"{kind}_family", 40, default="")
        for kind in ("simple", "extended")
    }
    events = read(events_of, row, default=[])
    if faults:
        raise Faults(faults)
    return PatentRow(patent, families, events)


def number_of(row: Mapping[str, Any]) -> PatentNumber | None:
    for name in ("number", "pub_number"):
        if value := text_of(row, name, 60):
            return parse_number(value, field=(name,))
    return None


def application_of(row: Mapping[str, Any]) -> PatentNumber | None:
    value = text_of(row, "application_number", 60)
    return parse_number(value, field=("application_number",)) if value else None


def identity_of(
    row: Mapping[str, Any], number: PatentNumber | None, application: PatentNumber | None
) -> str:
    """The number that names it, or where none is known its office and its id at its source."""
    if known := number or application:
        return known.docdb
    office, id = text_of(row, "country", 2).upper(), text_of(row, "id", 37)
    if office in OFFICES and id:
        return f"{office}.{id}"
    raise Invalid(
        "A number is wanted, such as US8000000B2, or an id with its country.", field=("number",)
    )


def list_of_numbers(*numbers: PatentNumber | None) -> list[str]:
    return list(dict.fromkeys(number.key for number in numbers if number))


def symbols_of(row: Mapping[str, Any], name: str) -> list[str]:
    return symbols(list_of(row, name, 40), (name,))


def events_of(row: Mapping[str, Any]) -> list[LegalEvent]:
    given = row.get("events") or []
    if not isinstance(given, list) or not all(isinstance(one, dict) for one in given):
        raise Invalid(
            'A list is wanted, such as [{"territory": "CN", "kind": "filed", "on": "2020-01-02"}].',
            field=("events",),
        )
    found = []
    for number, one in enumerate(given):
        path = ("events", str(number))
        kind, on = text_of(one, "kind", 20), day_of(one, "on")
        where = text_of(one, "territory", 2).upper()
        if kind not in LegalEvent.Kind.values or on is None:
            raise Invalid(
                f"A kind of {', '.join(LegalEvent.Kind.values)} and a day are wanted.", field=path
            )
        if where not in OFFICES:
            territory(where, field=(*path, "territory"))
        found.append(
            LegalEvent(territory=where, kind=kind, on=on, source=text_of(one, "source", 80))
        )
    return found


def keep_what_is_known(patent: Patent, known: Patent | None) -> None:
    """A row that leaves a field empty says nothing of it: one file has the English titles of the
    same patents, the next the Chinese ones."""
    for name in FACTS if known else ():
        if not getattr(patent, name):
            setattr(patent, name, getattr(known, name))


def save_patents(rows: Sequence[PatentRow]) -> list[Patent]:
    """Insert or update by number; the patents as they are in the database now."""
    known = {p.docdb: p for p in Patent.objects.filter(docdb__in={r.patent.docdb for r in rows})}
    latest: dict[str, PatentRow] = {}
    for row in rows:
        keep_what_is_known(row.patent, known.get(row.patent.docdb))
        known[row.patent.docdb] = row.patent
        latest[row.patent.docdb] = row
    wanted = {(k, n) for row in latest.values() for k, n in row.families.items() if n}
    Family.objects.bulk_create(
        [Family(kind=kind, number=number) for kind, number in sorted(wanted)], ignore_conflicts=True
    )
    families = {
        (f.kind, f.number): f
        for f in Family.objects.filter(number__in={number for _, number in wanted})
    }
    for row in latest.values():
        for kind, name in row.families.items():
            if name:
                setattr(row.patent, f"{kind}_family", families[kind, name])
    Patent.objects.bulk_create(
        [row.patent for row in latest.values()],
        update_conflicts=True,
        unique_fields=["docdb"],
        update_fields=UPDATED,
    )
    saved = {p.docdb: p for p in Patent.objects.filter(docdb__in=latest)}
    events = []
    for row in rows:
        for event in row.events:
            event.patent = saved[row.patent.docdb]
            events.append(event)
    LegalEvent.objects.bulk_create(events, ignore_conflicts=True)
    for patent in Patent.objects.filter(docdb__in=latest, listings__isnull=False).distinct():
        publish("patent.changed", patent.pk)
    return list(saved.values())


def patent_importer(*, is_sample: bool) -> Importer[PatentRow]:
    def save(rows: Sequence[PatentRow]) -> None:
        save_patents(rows)

    def done(run: ImportRun) -> None:
        """Every batch has told of its own changes."""

    return Importer(
        kind="patents",
        options=f"sample={is_sample}",
        parse=lambda row: parse_patent(row, is_sample=is_sample),
        save=save,
        done=done,
    )
