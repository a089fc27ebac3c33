"""Rows of listings; the format is in docs/import-formats.md."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Q

from marketplace.accounts.models import Organisation
from marketplace.core.checks import checked
from marketplace.core.errors import DomainError, Faults, Invalid, refuse
from marketplace.core.language import Language, to_simplified
from marketplace.core.outbox import publish
from marketplace.core.territory import territory
from marketplace.listings.content import CHECKS, checked_advantage, checked_text, contradictions
from marketplace.listings.models import Advantage, Listing, ListingEvent, ListingText
from marketplace.listings.services import SHELF_LIFE

from .fields import languages_of, list_of, text_of, whole_of
from .models import ImportRun
from .patents import PatentRow, parse_patent, save_patents
from .run import Importer

LISTS = ("fields_of_use", "ipc", "exclusivity", "territories")
NUMBERS = ("trl", "period_months", "price_amount")
TEXTS = ("kind", "ipr_status", "industry", "price_model", "price_currency")
UPDATED = [
    f.name
    for f in Listing._meta.concrete_fields
    if f.name not in ("id", "created_at", "source_key", "published_at", "created_by")
]
LANGUAGES = {"en": Language.EN, "hans": Language.HANS, "hant": Language.HANT}


@dataclass(frozen=True)
class ListingRow:
    key: str
    owner_name: str
    owner_jurisdiction: str
    listing: Listing
    texts: Mapping[str, Mapping[str, str]]
    advantages: Sequence[Mapping[str, Any]]
    patents: Sequence[PatentRow] = field(default_factory=tuple)


def parse_listing(row: Mapping[str, Any], *, is_sample: bool) -> ListingRow:
    """One row, checked whole; Faults name every field that is wrong."""
    faults: list[DomainError] = []
    key = text_of(row, "id", 120)
    if not key:
        faults.append(Invalid("A row has an id of its own, such as HKU-2026-17.", field=("id",)))
    patents = patents_of(row, is_sample)
    content: dict[str, Any] = {
        **{name: list_of(row, name, 120) for name in LISTS if name in row},
        **{name: whole_of(row, name) for name in NUMBERS if name in row},
        **{name: text_of(row, name, 40) for name in TEXTS if name in row},
    }
    if "sdgs" in row:
        content["sdgs"] = row["sdgs"] if isinstance(row["sdgs"], list) else [
            int(goal) if goal.isdigit() else 0 for goal in list_of(row, "sdgs", 3)
        ]  # fmt: skip
    content.setdefault("kind", "patent_licence" if patents else "know_how")
    content["anonymous"] = row.get("anonymous") in (True, "true", "1")
    texts = texts_of(row)
    if not texts:
        faults.append(Invalid("A listing has a title in a language.", field=("title",)))
    advantages = row.get("advantages") or []
    if not isinstance(advantages, list) or not all(isinstance(one, dict) for one in advantages):
        raise Invalid("A list of metric, value, unit, comparator is wanted.", field=("advantages",))
    try:
        listing = Listing(**checked(content, CHECKS))
        faults += contradictions(listing)
        advantages = [
            checked_advantage(one, ("advantages", str(n))) for n, one in enumerate(advantages)
        ]
    except Faults as error:
        faults += error.errors
    jurisdiction = text_of(row, "owner_jurisdiction", 2)
    owner = text_of(row, "owner", 200) or text_of(row, "applicant", 300).split("|")[0].strip()
    if jurisdiction:
        jurisdiction = territory(jurisdiction, field=("owner_jurisdiction",))
    if is_sample and not owner:
        faults.append(Invalid("An owner is wanted, such as HKUST.", field=("owner",)))
    refuse(faults)
    listing.original_language = next(iter(texts))
    listing.is_sample = is_sample
    listing.source_key = key
    return ListingRow(
        key=key,
        owner_name=owner[:200],
        owner_jurisdiction=jurisdiction,
        listing=listing,
        texts=texts,
        advantages=advantages,
        patents=patents,
    )


def texts_of(row: Mapping[str, Any]) -> dict[str, Mapping[str, str]]:
    """By language, the first being the original; an abstract serves as description."""
    words = {name: languages_of(row, name, 50_000) for name in ("title", "summary", "problem")}
    longer = languages_of(row, "description" if "description" in row else "abstract", 50_000)
    found = {}
    for short, language in LANGUAGES.items():
        title = words["title"][short] or (words["title"]["other"] if short == "en" else "")
        if title:
            given = {
                "title": title[:300],
                "summary": words["summary"][short],
                "description": longer[short],
                "problem": words["problem"][short],
            }
            found[str(language)] = checked_text(given, ("texts", short))
    original = text_of(row, "lang", 20)
    return dict(sorted(found.items(), key=lambda item: item[0].lower() != original.lower()))


def patents_of(row: Mapping[str, Any], is_sample: bool) -> list[PatentRow]:
    """From `patents`, a list of numbers; from `family`, one of number, office and title; and from
    the row itself, where it has a publication number."""
    shared = {k: row[k] for k in ("applicant", "ipc", "cpc", "pub_date", "source") if row.get(k)}
    titled = {k: v for k, v in row.items() if k.startswith("title") or k == "lang"}
    found = []
    if text_of(row, "pub_number", 60):
        found.append({**shared, **titled, "number": row["pub_number"]})
    found += [{**shared, **titled, "number": n} for n in list_of(row, "patents", 60)]
    members = row.get("family") or []
    if not isinstance(members, list) or not all(isinstance(one, dict) for one in members):
        raise Invalid("A list of office, no and title is wanted.", field=("family",))
    for member in members:
        number, office = str(member.get("no", "")), str(member.get("office", ""))
        found.append(
            {
                "number": number if number[:2].isalpha() else f"{office}{number}",
                "title": str(member.get("title") or row.get("title_en") or ""),
                "lang": language_of(str(member.get("title") or "")),
                "simple_family": str(row.get("id")),
                "applicant": row.get("applicant", ""),
            }
        )
    return [parse_patent(one, is_sample=is_sample) for one in found]


def save_listings(
    rows: Sequence[ListingRow], *, owner: Organisation | None, now: datetime
) -> list[Listing]:
    """Insert or update by the id at the source. Without `owner`, sample data: each owner by name,
    published at once; what has an owner comes as a draft."""
    latest = {row.key: row for row in rows}
    patents = save_patents([p for row in latest.values() for p in row.patents])
    by_number = {p.docdb: p for p in patents}
    owners = {} if owner else sample_owners(latest.values())
    for row in latest.values():
        row.listing.owner = owner or owners[row.owner_name]
        if owner is None:
            row.listing.state = Listing.State.PUBLISHED
            row.listing.published_at = now
            row.listing.expires_at = now + SHELF_LIFE
    known = {
        str(one.source_key): one
        for one in Listing.objects.select_for_update().filter(source_key__in=latest)
    }
    for key, before in known.items():
        latest[key].listing.revision = before.revision + 1
    Listing.objects.bulk_create(
        [row.listing for row in latest.values()],
        update_conflicts=True,
        unique_fields=["source_key"],
        update_fields=UPDATED,
    )
    saved = {str(one.source_key): one for one in Listing.objects.filter(source_key__in=latest)}
    Advantage.objects.filter(listing__in=saved.values()).delete()
    ListingText.objects.filter(
        listing__in=saved.values(), status=ListingText.Status.ORIGINAL
    ).update(status=ListingText.Status.HUMAN)  # the original may be another now
    texts, advantages, links, events = [], [], [], []
    link = Listing.patents.through
    link.objects.filter(listing__in=[saved[key] for key in latest if latest[key].patents]).delete()
    for key, row in latest.items():
        listing = saved[key]
        for language, words in row.texts.items():
            original = language == listing.original_language
            status = ListingText.Status.ORIGINAL if original else ListingText.Status.HUMAN
            texts.append(ListingText(listing=listing, language=language, status=status, **words))
        advantages += [Advantage(listing=listing, **one) for one in row.advantages]
        links += [
            link(listing_id=listing.pk, patent_id=by_number[p.patent.docdb].pk) for p in row.patents
        ]
        source = known[key].state if key in known else Listing.State.DRAFT
        if source != listing.state:
            events.append(ListingEvent(listing=listing, move="import", source=source,
                                       target=listing.state,
                                       reason="" if owner else "sample data"))  # fmt: skip
    ListingText.objects.bulk_create(
        texts,
        update_conflicts=True,
        unique_fields=["listing", "language"],
        update_fields=["status", "title", "summary", "description", "problem", "updated_at"],
    )
    Advantage.objects.bulk_create(advantages)
    link.objects.bulk_create(links, ignore_conflicts=True)
    ListingEvent.objects.bulk_create(events)
    return list(saved.values())


def language_of(title: str) -> str:
    """Families name their members in whichever language the office or the owner writes."""
    if title.isascii():
        return "en"
    return Language.HANS if to_simplified(title) == title else Language.HANT


def sample_owners(rows: Any) -> dict[str, Organisation]:
    wanted = {row.owner_name: row.owner_jurisdiction for row in rows}
    known = {o.name: o for o in Organisation.objects.filter(name__in=wanted, is_sample=True)}
    new = [
        Organisation(
            name=name, kinds=[Organisation.Kind.LICENSOR], jurisdiction=where, is_sample=True
        )
        for name, where in wanted.items()
        if name not in known
    ]
    Organisation.objects.bulk_create(new)
    return {**known, **{o.name: o for o in new}}


def listing_importer(*, owner: Organisation | None, now: datetime) -> Importer[ListingRow]:
    """Drafts of `owner`, or without one sample data, published at once."""
    ours = Q(owner=owner) if owner else Q(is_sample=True)

    def parse(row: Mapping[str, Any]) -> ListingRow:
        found = parse_listing(row, is_sample=owner is None)
        if Listing.objects.filter(source_key=found.key).exclude(ours).exists():
            raise Invalid(
                "Somebody else's listing has this id; begin yours with your name, such as"
                " HKU-2026-17.",
                field=("id",),
            )
        return found

    def save(rows: Sequence[ListingRow]) -> None:
        save_listings(rows, owner=owner, now=now)

    def done(run: ImportRun) -> None:
        publish("listings.imported", run.pk)

    return Importer(
        kind="listings",
        options=f"owner={owner.pk if owner else 'sample'}",
        parse=parse,
        save=save,
        done=done,
    )
