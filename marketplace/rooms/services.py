"""Filling a data room and letting others read in it."""

from __future__ import annotations

import hashlib
import re
from datetime import datetime
from uuid import UUID, uuid4

from django.core.files.base import ContentFile
from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet

from marketplace.accounts.models import Organisation
from marketplace.accounts.viewer import Viewer
from marketplace.core.checks import checked, choice, whole, words, yes_or_no
from marketplace.core.errors import Conflict, Forbidden, Invalid, NotFound, refuse
from marketplace.core.outbox import publish
from marketplace.core.papers import from_base64
from marketplace.deals.evidence import Act, record
from marketplace.deals.models import Deal, Mandate
from marketplace.deals.policies import party, sides
from marketplace.deals.selectors import deal_for

from .gates import reasons_against
from .kinds import check_name
from .models import Chunk, Grant, RoomFile
from .policies import standing, visible_files

CHUNK_BYTES = 1_000_000  # of all but the last, which is shorter
LARGEST = 500 * CHUNK_BYTES
MOST_FILES = 2000
S = RoomFile.State
HASH = re.compile(r"[0-9a-f]{64}")
CHECKS = {
    "name": words(150),
    "classification": choice(RoomFile.Classification),
    "size": whole(1, LARGEST, "a size in bytes"),
    "persons": whole(1, 2_000_000_000, "The number of persons"),
    "under_gba_contract": yes_or_no,
}


@transaction.atomic
def file_begin(
    *,
    viewer: Viewer,
    deal_id: UUID,
    name: str,
    size: int,
    sha256: str,
    classification: str,
    folder: str = "",
    persons: int | None = None,
    under_gba_contract: bool = False,
    now: datetime,
) -> RoomFile:
    """Announce a file of `size` bytes; then send its chunks of `CHUNK_BYTES`, and complete it. On
    its classification, `persons` a year, and `under_gba_contract` depends who may read it where."""
    deal = deal_for(viewer, deal_id, now=now, lock=True, field="deal")
    by, owner = discloser(viewer, deal, now)
    said = {
        "name": name,
        "classification": classification,
        "size": size,
        "persons": persons,
        "under_gba_contract": under_gba_contract,
    }
    given = checked(said, CHECKS)
    check_name(given["name"])
    if "/" in given["name"] or "\\" in given["name"]:
        raise Invalid("A name without a path is wanted; the path is the folder.", field=("name",))
    if deal.files.count() >= MOST_FILES:
        raise Conflict(f"A room holds at most {MOST_FILES} files.")
    file = RoomFile.objects.create(
        deal=deal,
        owner=owner,
        uploaded_by=viewer.require_user(),
        folder=folder_of(folder),
        sha256=digest(sha256),
        **given,
    )
    record(deal, "room.begin", by=by, now=now, file=str(file.pk), sha256=file.sha256)
    return file


def chunk_put(
    *,
    viewer: Viewer,
    file_id: UUID,
    number: int,
    content: str,
    sha256: str | None = None,
    now: datetime,
) -> Chunk:
    """Store one chunk, sent as base64; sent again it is the same chunk. Runs outside a
    transaction: the storage may be far away."""
    file = own_file(viewer, file_id, now)
    if file.state != S.UPLOADING:
        raise Conflict(f"The file is {file.state}.", field=("id",))
    data = from_base64(content)
    wanted = chunk_size(file, number)
    if len(data) != wanted:
        raise Invalid(
            f"Chunk {number} has {wanted} bytes, these are {len(data)}.", field=("content",)
        )
    sum_ = hashlib.sha256(data).hexdigest()
    if sha256 is not None and digest(sha256) != sum_:
        raise Invalid(f"These bytes have the SHA-256 {sum_}; send them again.", field=("sha256",))
    if (known := same(file, number, sum_)) is not None:
        return known
    chunk = Chunk(file=file, number=number, sha256=sum_, size=len(data))
    chunk.content.save(f"chunks/{file.pk}/{number}-{uuid4()}", ContentFile(data), save=False)
    try:
        chunk.save()
    except IntegrityError:  # sent twice at once: the first is kept
        chunk.content.delete(save=False)
        if (known := same(file, number, sum_)) is None:
            raise Conflict("The file is complete already.", field=("id",)) from None
        return known
    return chunk


def same(file: RoomFile, number: int, sha256: str) -> Chunk | None:
    """The chunk, if it is here already. Conflict where it is another."""
    known = file.chunks.filter(number=number).first()
    if known is not None and known.sha256 != sha256:
        raise Conflict("Another chunk of this number is here.", field=("number",))
    return known


@transaction.atomic
def file_complete(*, viewer: Viewer, file_id: UUID, now: datetime) -> RoomFile:
    """All chunks are there: have the worker put them together, check and scan them."""
    file = own_file(viewer, file_id, now, lock=True)
    if file.state != S.UPLOADING:
        raise Conflict(f"The file is {file.state}.", field=("id",))
    there = set(file.chunks.values_list("number", flat=True))
    missing = [n for n in range(chunks_of(file)) if n not in there]
    if missing:
        raise Conflict(
            f"{len(missing)} chunks are missing, the first is {missing[0]}.", field=("id",)
        )
    file.state = S.CHECKING
    file.save()
    publish("room.check", file.pk, not_before=now)
    return file


@transaction.atomic
def file_remove(*, viewer: Viewer, file_id: UUID, now: datetime) -> RoomFile:
    """Nobody opens it any more; that it was there stays in the record, its bytes for evidence."""
    file = own_file(viewer, file_id, now, lock=True)
    if file.state == S.REMOVED:
        raise Conflict("The file is removed.", field=("id",))
    by, _ = discloser(viewer, file.deal, now)
    file.state = S.REMOVED
    file.save()
    file.grants.filter(revoked_at=None).update(revoked_at=now)
    record(file.deal, "room.remove", by=by, now=now, file=str(file.pk))
    return file


@transaction.atomic
def access_grant(
    *, viewer: Viewer, file_id: UUID, organisation_id: UUID, expires_at: datetime, now: datetime
) -> Grant:
    """Let the other side read the file until `expires_at`; a grant there is, is replaced. Refused
    with every reason where the data may not go there."""
    file = own_file(viewer, file_id, now, lock=True)
    deal = file.deal
    by, _ = discloser(viewer, deal, now)
    reader = other_party(deal, file, organisation_id)
    if file.state != S.READY:
        raise Conflict(f"The file is {file.state}.", field=("id",))
    if expires_at <= now:
        raise Invalid("That is over; say a later time.", field=("expires_at",))
    refuse(Conflict(one, field=("organisation",)) for one in reasons_against(file, reader, now))
    file.grants.filter(organisation=reader, revoked_at=None).update(revoked_at=now)
    grant = Grant.objects.create(
        file=file,
        organisation=reader,
        granted_by=viewer.require_user(),
        expires_at=expires_at,
    )
    record(
        deal,
        "room.grant",
        by=by,
        now=now,
        file=str(file.pk),
        reader=str(reader.pk),
        until=str(expires_at),
    )
    return grant


@transaction.atomic
def access_revoke(
    *, viewer: Viewer, file_id: UUID, organisation_id: UUID, now: datetime
) -> RoomFile:
    """End the access at once, also by links that were given out."""
    file = own_file(viewer, file_id, now, lock=True)
    by, _ = discloser(viewer, file.deal, now)
    standing_ = file.grants.filter(standing(now), organisation=organisation_id)
    if not standing_.update(revoked_at=now):
        raise Conflict("No access is in force.", field=("organisation",))
    record(
        file.deal,
        "room.revoke",
        by=by,
        now=now,
        file=str(file.pk),
        reader=str(organisation_id),
    )
    return file


def discloser(viewer: Viewer, deal: Deal, now: datetime) -> tuple[Act, Organisation]:
    """In whose name the viewer discloses. Forbidden where in neither party's."""
    if deal.state not in {Deal.State.OPEN, Deal.State.AGREED}:
        raise Conflict(f"The deal is {deal.state}; its room is closed.")
    side, by = party(viewer, deal, now, Mandate.Act.DISCLOSE)
    return by, deal.parties[side]


def own_file(viewer: Viewer, file_id: UUID, now: datetime, *, lock: bool = False) -> RoomFile:
    """A file that the viewer may manage: of the side for which they disclose."""
    file = file_for(viewer, file_id, now, lock=lock)
    _, owner = discloser(viewer, file.deal, now)
    if owner.pk != file.owner_id:
        raise Forbidden("Only the side that uploaded it may do this.", field=("id",))
    return file


def file_for(viewer: Viewer, file_id: UUID, now: datetime, *, lock: bool = False) -> RoomFile:
    """The file, if the viewer may know of it. NotFound names the field `id`."""
    found = RoomFile.objects.filter(pk=file_id).first()
    if found is None:
        raise NotFound("No such file.", field=("id",))
    try:
        deal = deal_for(viewer, found.deal_id, now=now, lock=lock)
    except NotFound:
        raise NotFound("No such file.", field=("id",)) from None
    files = files_visible_to(viewer, deal, now).select_related("owner")
    if lock:
        files = files.select_for_update(of=("self",))
    file = files.filter(pk=file_id).first()
    if file is None:
        raise NotFound("No such file.", field=("id",))
    file.deal = deal
    return file


def files_visible_to(viewer: Viewer, deal: Deal, now: datetime) -> QuerySet[RoomFile]:
    """By the policy; and a broker who discloses for a side sees that side's files."""
    brokered = [organisation.pk for organisation in brokered_sides(viewer, deal, now)]
    visible = visible_files(viewer, deal, now) | (Q(owner__in=brokered) & ~Q(state=S.REMOVED))
    return deal.files.filter(visible)


def brokered_sides(viewer: Viewer, deal: Deal, now: datetime) -> list[Organisation]:
    """The parties in whose name the viewer may disclose."""
    found = sides(viewer, deal, now, Mandate.Act.DISCLOSE)
    return [one for side, one in deal.parties.items() if side in found]


def other_party(deal: Deal, file: RoomFile, organisation_id: UUID) -> Organisation:
    found = deal.party(organisation_id)
    if found is None or found.pk == file.owner_id:
        raise NotFound("The reader is the other party of the deal.", field=("organisation",))
    return found


def aware(at: datetime) -> datetime:
    """A time with its zone; Invalid without."""
    if at.tzinfo is None:
        raise Invalid(
            "A time with its zone is wanted, such as 2027-03-01T18:00:00+08:00.",
            field=("expires_at",),
        )
    return at


def digest(value: str) -> str:
    found = value.strip().lower()
    if not HASH.fullmatch(found):
        raise Invalid("A SHA-256 of 64 hexadecimal digits is wanted.", field=("sha256",))
    return found


def folder_of(value: str) -> str:
    parts = [" ".join(part.split()) for part in value.strip("/ ").split("/")] if value else []
    found = "/".join(parts)
    if len(found) > 200 or any(part in {"", ".", ".."} for part in parts):
        raise Invalid("A path such as tests/2026 is wanted.", field=("folder",))
    return found


def chunks_of(file: RoomFile) -> int:
    return -(-file.size // CHUNK_BYTES)


def chunk_size(file: RoomFile, number: int) -> int:
    if not 0 <= number < chunks_of(file):
        raise Invalid(f"Chunks count from 0 to {chunks_of(file) - 1}.", field=("number",))
    return min(CHUNK_BYTES, file.size - number * CHUNK_BYTES)
