"""Listings: everything that changes one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction

from marketplace.accounts.models import Organisation
from marketplace.accounts.selectors import is_vouched_for, organisation_for
from marketplace.accounts.viewer import Viewer
from marketplace.core.checks import checked
from marketplace.core.errors import Conflict, Forbidden, Invalid, refuse
from marketplace.core.language import Language
from marketplace.core.outbox import publish
from marketplace.patents.models import Patent

from .content import CHECKS, checked_advantage, checked_text, contradictions, missing
from .duplicates import sign
from .gates import GUARDED, objections
from .models import Advantage, Listing, ListingEvent, ListingText
from .policies import EDITORS, actors
from .selectors import listing_for
from .workflow import NEEDS_A_REASON, WORKFLOW

SHELF_LIFE = timedelta(days=365)

Words = Mapping[str, Any]  # language, status and the words of one text


@transaction.atomic
def listing_create(
    *,
    viewer: Viewer,
    owner_id: UUID,
    original_language: str,
    texts: Sequence[Words],
    advantages: Sequence[Words] = (),
    patents: Sequence[Patent] = (),
    **content: Any,
) -> Listing:
    """A draft. Of the texts, that in `original_language` is the original; the others are marked
    with their status, HUMAN unless they say otherwise. Faults name every field that is wrong."""
    owner = organisation_for(viewer, owner_id, *EDITORS)
    if Organisation.Kind.LICENSOR not in owner.kinds:
        raise Forbidden(f"{owner.name} is no licensor.", field=("owner",))
    listing = Listing(
        owner=owner,
        created_by=viewer.user,
        original_language=original_language,
        **checked(content, CHECKS),
    )
    refuse(contradictions(listing))
    listing.save()
    set_texts(listing, texts)
    set_advantages(listing, advantages)
    listing.patents.set(patents)
    return listing


@transaction.atomic
def listing_update(
    *,
    viewer: Viewer,
    listing_id: UUID,
    revision: int,
    texts: Sequence[Words] | None = None,
    advantages: Sequence[Words] | None = None,
    patents: Sequence[Patent] | None = None,
    **content: Any,
) -> Listing:
    """Change a draft. What is not given stays; texts are replaced by language, advantages and
    patents as a whole. Conflict where somebody saved since `revision`."""
    listing = listing_for(viewer, listing_id, lock=True)
    if "owner" not in actors(viewer, listing):
        raise Forbidden("Only an admin or dealmaker of the owner may change it.", field=("id",))
    if listing.state != Listing.State.DRAFT:
        raise Conflict(f"It is {listing.state}; only a draft can be changed.", field=("id",))
    if listing.revision != revision:
        raise Conflict(
            f"Somebody changed it meanwhile: it is at revision {listing.revision}.",
            field=("revision",),
        )
    for name, value in checked(content, CHECKS).items():
        setattr(listing, name, value)
    refuse(contradictions(listing))
    listing.revision += 1
    listing.save()
    if texts is not None:
        set_texts(listing, texts)
    if advantages is not None:
        set_advantages(listing, advantages)
    if patents is not None:
        listing.patents.set(patents)
    return listing


def set_texts(listing: Listing, texts: Sequence[Words]) -> None:
    faults = []
    for number, given in enumerate(texts):
        path = ("texts", str(number))
        language = given["language"]
        original = language == listing.original_language
        status = given.get("status") or ListingText.Status.HUMAN
        if not original and status == ListingText.Status.ORIGINAL:
            faults.append(
                Invalid(f"The original is in {listing.original_language}.", field=(*path, "status"))
            )
            continue
        ListingText.objects.update_or_create(
            listing=listing,
            language=Language(language),
            defaults={
                **checked_text(given, path),
                "status": ListingText.Status.ORIGINAL if original else status,
            },
        )
    if not listing.texts.filter(language=listing.original_language).exists():
        faults.append(
            Invalid(f"The text in {listing.original_language} is missing.", field=("texts",))
        )
    refuse(faults)


def set_advantages(listing: Listing, advantages: Sequence[Words]) -> None:
    checked_ones = [
        checked_advantage(given, ("advantages", str(number)))
        for number, given in enumerate(advantages)
    ]
    listing.advantages.all().delete()
    Advantage.objects.bulk_create(Advantage(listing=listing, **one) for one in checked_ones)


@transaction.atomic
def listing_move(
    *, viewer: Viewer, listing_id: UUID, move: str, now: datetime, reason: str = ""
) -> Listing:
    """Make a move of the table in workflow.py for the viewer.

    `submit` is refused with every missing field at once, `publish` and `renew` until the owner is
    verified, and what the owner is told (`send_back`, an operator's `withdraw`) takes a reason."""
    listing = listing_for(viewer, listing_id, lock=True)
    return make_move(listing, move, by=actors(viewer, listing), now=now, viewer=viewer, why=reason)


def make_move(
    listing: Listing,
    move: str,
    *,
    by: Iterable[str],
    now: datetime,
    viewer: Viewer,
    why: str = "",
) -> Listing:
    source, actors_ = listing.state, set(by)
    target = WORKFLOW.move(source, move, by=actors_)
    if move in NEEDS_A_REASON and "operator" in actors_ and not why.strip():
        raise Invalid("Say why, for the owner to read.", field=("reason",))
    if move == "submit":
        refuse(missing(listing, listing.texts.all(), listing.advantages.all()))
        sign(listing.texts.all())
    if move in GUARDED:
        refuse(objections(listing, now))
    if target == Listing.State.PUBLISHED and not is_vouched_for(listing.owner, now):
        raise Conflict(f"{listing.owner.name} is not verified.", field=("id",))
    listing.state = target
    if target == Listing.State.PUBLISHED:
        if listing.published_at is None:
            publish("listing.published", listing.pk, not_before=now)
        listing.published_at = listing.published_at or now
        listing.expires_at = now + SHELF_LIFE
    listing.revision += 1
    listing.save()
    ListingEvent.objects.create(
        listing=listing, move=move, source=source, target=target, actor=viewer.user, reason=why
    )
    publish("listing.changed", listing.pk)
    return listing


@transaction.atomic
def listings_expire(*, now: datetime) -> int:
    """Take off the shelf what has reached `expires_at`; the number of listings."""
    due = Listing.objects.select_for_update().filter(
        state=Listing.State.PUBLISHED, expires_at__lte=now
    )
    for listing in due:
        make_move(listing, "expire", by={"system"}, now=now, viewer=Viewer())
    return len(due)
