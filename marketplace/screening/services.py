"""Screening of organisations: who is near a listed name, and what a person makes of it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from marketplace.accounts.models import Organisation
from marketplace.accounts.viewer import Viewer
from marketplace.core.errors import Conflict, Forbidden, Invalid, NotFound
from marketplace.core.outbox import publish
from marketplace.rulebook.engine import ask

from .lists import Entry
from .models import RestrictedParty, Screened, ScreeningHit
from .names import Names, fingerprint_text


class Standing(StrEnum):
    CLEAR = "clear"
    OPEN = "open"
    LISTED = "listed"
    UNSCREENED = "unscreened"


@transaction.atomic
def list_load(*, name: str, entries: Sequence[Entry]) -> dict[str, int]:
    """Bring one list in step with its file; what changed has everybody screened again."""
    known = {row.reference: row for row in
             RestrictedParty.objects.select_for_update().filter(list_name=name)}  # fmt: skip
    done = {"added": 0, "changed": 0, "removed": 0, "same": 0}
    for entry in entries:
        row = known.pop(entry.reference, None)
        wanted = {"names": list(entry.names), "country": entry.country, "note": entry.note,
                  "listed": True}  # fmt: skip
        if row is None:
            RestrictedParty.objects.create(list_name=name, reference=entry.reference, **wanted)
            done["added"] += 1
        elif any(getattr(row, field) != value for field, value in wanted.items()):
            for field, value in wanted.items():
                setattr(row, field, value)
            row.save()
            done["changed"] += 1
        else:
            done["same"] += 1
    for row in known.values():
        if row.listed:
            row.listed = False
            row.save()
            done["removed"] += 1
    if done["added"] or done["changed"] or done["removed"]:
        publish("screening.list_changed", name)
    return done


def listed_names() -> Names:
    return Names(RestrictedParty.objects.filter(listed=True).values_list("pk", "names"))


@transaction.atomic
def screen(organisation_ids: Iterable[UUID] | None = None, *, now: datetime) -> int:
    """Hold organisations (all, where none are named) against every list; the number of new hits.

    What a person cleared stays cleared as long as the names on both sides are the same; an open or
    cleared hit that is none any more lapses. What was found to be listed stays until decided anew.
    """
    names = listed_names()
    threshold = ask("screening.match", on=now.date(), jurisdiction="any")
    least = threshold.value.threshold if threshold.value else 80
    parties = dict(RestrictedParty.objects.filter(listed=True).values_list("pk", "names"))
    organisations = Organisation.objects.select_for_update().order_by("pk")
    if organisation_ids is not None:
        organisations = organisations.filter(pk__in=list(organisation_ids))
    new = 0
    for organisation in organisations:
        own = own_names(organisation)
        kept = []
        for near in names.near(own, least):
            text = fingerprint_text(own, parties[near.party])
            hit, made = ScreeningHit.objects.get_or_create(
                organisation=organisation,
                party_id=near.party,
                fingerprint=hashlib.sha256(text.encode()).hexdigest(),
                defaults={
                    "own_name": near.own_name,
                    "listed_name": near.listed_name,
                    "score": near.score,
                    "reason": near.reason,
                },
            )
            if hit.state == ScreeningHit.State.LAPSED:
                hit.state = ScreeningHit.State.OPEN
                hit.decided_by, hit.decided_at, hit.note = None, None, ""
                hit.save()
            new += made
            kept.append(hit.pk)
        organisation.hits.filter(state__in=["open", "cleared"]).exclude(pk__in=kept).update(
            state=ScreeningHit.State.LAPSED
        )
        Screened.objects.update_or_create(
            organisation=organisation, defaults={"at": now, "entries": len(parties)}
        )
    return new


def own_names(organisation: Organisation) -> list[str]:
    return [name for name in (organisation.name, organisation.name_zh) if name.strip()]


def standing(organisation: Organisation) -> Standing:
    """UNSCREENED also where no list was loaded: nothing found in nothing is no all-clear."""
    screened = Screened.objects.filter(organisation=organisation).first()
    if screened is None or screened.entries == 0:
        return Standing.UNSCREENED
    states = set(organisation.hits.values_list("state", flat=True))
    if ScreeningHit.State.LISTED in states:
        return Standing.LISTED
    return Standing.OPEN if ScreeningHit.State.OPEN in states else Standing.CLEAR


def hits_visible_to(viewer: Viewer) -> QuerySet[ScreeningHit]:
    """Operators see all, nobody else any: whom a list is near is not for the list's parties."""
    rows = ScreeningHit.objects.select_related("organisation", "party", "decided_by")
    return rows if viewer.is_operator else rows.none()


@transaction.atomic
def screening_hit_decide(
    *, viewer: Viewer, hit_id: UUID, listed: bool, note: str, now: datetime
) -> ScreeningHit:
    """Say whether it is the listed party. An operator who is no member of the organisation does."""
    if not viewer.is_operator:
        raise NotFound("No such hit.", field=("id",))
    hit = ScreeningHit.objects.select_for_update(of=["self"]).filter(pk=hit_id).first()
    if hit is None:
        raise NotFound("No such hit.", field=("id",))
    if viewer.has_role(hit.organisation_id):
        raise Forbidden("Nobody clears their own organisation.", field=("id",))
    if hit.state == ScreeningHit.State.LAPSED:
        raise Conflict("The names changed; there is nothing to decide any more.", field=("id",))
    if not note.strip():
        raise Invalid("Say why, such as: another date of incorporation.", field=("note",))
    hit.state = ScreeningHit.State.LISTED if listed else ScreeningHit.State.CLEARED
    hit.decided_by, hit.decided_at, hit.note = viewer.require_user(), now, note.strip()
    hit.save()
    return hit
