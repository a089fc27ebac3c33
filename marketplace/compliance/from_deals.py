"""What a deal says to the rule book: its terms as they stand, its money, the files of its room."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction

from marketplace.agreements.models import Agreement, Amendment
from marketplace.agreements.workflow import LIVE
from marketplace.core.calendar import day_of
from marketplace.core.vocabulary import ListingKind
from marketplace.deals.models import Deal
from marketplace.listings.models import Listing
from marketplace.negotiation.models import Negotiation
from marketplace.negotiation.terms import GrantBack as GrantBackAgreed
from marketplace.negotiation.terms import Improvements, Terms
from marketplace.patents.models import Patent
from marketplace.patents.status import Status, coverage
from marketplace.patents.terms import term_ends
from marketplace.rooms.models import RoomFile
from marketplace.rulebook.facts import (
    CoveringPatent,
    DataFile,
    GrantBack,
    TermSheet,
)

from .classification import classify_ways
from .facts import FILES, TERMS, data_of
from .models import Dossier
from .policies import locked

MOST_TEXT = 20_000


@transaction.atomic
def follow(dossier: Dossier, now: datetime) -> Dossier:
    """Bring the dossier of a deal in step with it; one without a deal is as its parties say."""
    deal = dossier.deal
    if deal is None:
        return dossier
    dossier = locked(dossier)
    changed = {
        name: value
        for name, value in contents(deal, now).items()
        if getattr(dossier, name) != value
    }
    if changed:
        for name, value in changed.items():
            setattr(dossier, name, value)
        dossier.revision += 1
        dossier.save()
        classify_ways(dossier)
    return dossier


def contents(deal: Deal, now: datetime) -> dict[str, Any]:
    """The fields of the deal's dossier."""
    terms = terms_now(deal)
    today = day_of(now)
    sheet = (
        term_sheet(deal.listing, terms, patents_named(terms.patents), on=today)
        if terms
        else TermSheet(ListingKind(deal.listing.kind), tuple(deal.listing.territories), today)
    )
    return {
        "amount": fixed_amount(terms) if terms else None,
        "currency": terms.currency if terms else "",
        "terms": TERMS.dump_python(sheet, mode="json"),
        "files": FILES.dump_python(tuple(files(deal)), mode="json"),
    }


def terms_now(deal: Deal) -> Terms | None:
    """Of the amendment that waits for signatures, else of the live agreement, else of the accepted
    offer, else of the last one."""
    agreement = Agreement.objects.filter(deal=deal, state__in=LIVE).first()
    if agreement is not None:
        amendment = agreement.amendments.filter(state=Amendment.State.PROPOSED).first()
        return Terms.model_validate((amendment or agreement).terms)
    talks = Negotiation.objects.select_related("accepted").filter(deal=deal).first()
    offer = talks and (talks.accepted or talks.offers.last())
    return Terms.model_validate(offer.terms) if offer else None


def fixed_amount(terms: Terms) -> int | None:
    """Upfront fee and milestones, else a year's minimum; None where nothing is fixed."""
    fixed = terms.upfront + sum(one.amount for one in terms.milestones)
    return fixed or (terms.royalty.minimum_a_year if terms.royalty else 0) or None


def patents_named(ids: Iterable[UUID]) -> dict[UUID, Patent]:
    """With their simple families and events, in a few statements."""
    wanted = set(ids)
    if not wanted:
        return {}
    rows = Patent.objects.filter(pk__in=wanted).select_related("simple_family")
    family = "simple_family__simple_members__events"
    return {one.pk: one for one in rows.prefetch_related("events", family)}


def term_sheet(
    listing: Listing, terms: Terms, patents: Mapping[UUID, Patent], *, on: date
) -> TermSheet:
    last = terms.end - timedelta(days=1) if terms.end else None
    return TermSheet(
        kind=ListingKind(listing.kind),
        territories=terms.territories,
        starts_on=terms.start,
        ends_on=last,
        patents=tuple(covering(terms, patents, on=on)),
        know_how=terms.know_how,
        royalty=terms.royalty is not None,
        royalty_until=last,
        grant_back=grant_back(terms),
        grant_back_paid=terms.grant_back_fee > 0,
        licensor_gives_improvements=terms.improvements == Improvements.JOINT,
        no_challenge=not terms.challenge_allowed,
        gross_up=terms.gross_up or None,  # what is not agreed is not said
        special=terms.special,
    )


def grant_back(terms: Terms) -> GrantBack:
    """Improvements that belong to the licensor are given away, whatever the grant-back says."""
    if terms.improvements == Improvements.LICENSOR:
        return GrantBack.ASSIGNMENT
    return {
        GrantBackAgreed.NONE: GrantBack.NONE,
        GrantBackAgreed.NON_EXCLUSIVE: GrantBack.NON_EXCLUSIVE,
        GrantBackAgreed.EXCLUSIVE: GrantBack.EXCLUSIVE,
    }[terms.grant_back]


def covering(terms: Terms, patents: Mapping[UUID, Patent], *, on: date) -> Iterator[CoveringPatent]:
    """Licensed patents, and those of their simple families, in force in a licensed territory. One
    whose end is not known counts as without end: the linter is to find what is sure."""
    seen = set()
    for patent in (patents[one] for one in terms.patents if one in patents):
        family = patent.simple_family
        for member in (patent, *(family.simple_members.all() if family else ())):
            if member.pk in seen:
                continue
            seen.add(member.pk)
            over = term_ends(member)
            last = over - timedelta(days=1) if over else date.max
            for territory, status in coverage([member], terms.territories, on=on).items():
                if status == Status.IN_FORCE:
                    yield CoveringPatent(member.docdb, territory, last)


def files(deal: Deal) -> Iterator[DataFile]:
    """Of the licensor's side, for the buyer to read."""
    rows = deal.files.filter(owner=deal.licensor_id, state=RoomFile.State.READY)
    for row in rows.order_by("created_at"):
        yield data_of(row)


def technology(listing: Listing) -> str:
    """The listing's public words, in all the languages that somebody wrote."""
    texts = listing.texts.order_by("language")
    words = [
        part for text in texts for part in (text.title, text.summary, text.description) if part
    ]
    return "\n".join([*words, *listing.fields_of_use])[:MOST_TEXT]
