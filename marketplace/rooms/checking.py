"""Putting an uploaded file together, and making sure that it is what it says. By the worker."""

from __future__ import annotations

import hashlib
from tempfile import TemporaryFile
from typing import IO
from uuid import UUID

from django.core.files import File
from django.db import transaction
from django.utils import timezone

from marketplace.core.errors import Invalid
from marketplace.deals.evidence import SYSTEM, record

from .kinds import media_type
from .models import RoomFile
from .scanner import scan

S = RoomFile.State


def check(file_id: UUID) -> None:
    """Runs again without harm where it was cut off: the state changes last."""
    file = RoomFile.objects.get(pk=file_id)
    if file.state != S.CHECKING:
        return
    with TemporaryFile() as whole:
        try:
            put_together(file, whole)
            kind = media_type(file.name, whole)
            found = scan(whole)
            if found == RoomFile.Scan.INFECTED:
                raise Invalid("The virus scanner found something in it.")
        except Invalid as error:
            finish(file, state=S.REFUSED, reason=error.message)
            return
        whole.seek(0)
        stored = file.content.storage.save(f"files/{file.pk}", File(whole))
    finish(file, state=S.READY, media_type=kind, scan=found, content=stored)


def put_together(file: RoomFile, whole: IO[bytes]) -> None:
    sum_ = hashlib.sha256()
    for chunk in file.chunks.all():
        with chunk.content.open("rb") as piece:
            data = piece.read()
        sum_.update(data)
        whole.write(data)
    if sum_.hexdigest() != file.sha256:
        raise Invalid(f"The chunks make another file, with SHA-256 {sum_.hexdigest()}.")


def finish(file: RoomFile, **outcome: str) -> None:
    chunks = list(file.chunks.all())
    with transaction.atomic():
        changed = RoomFile.objects.filter(pk=file.pk, state=S.CHECKING).update(**outcome)
        if changed:
            file.chunks.all().delete()
            record(
                file.deal,
                f"room.{outcome['state']}",
                by=SYSTEM,
                now=timezone.now(),
                file=str(file.pk),
                sha256=file.sha256,
            )
    for chunk in chunks:
        chunk.content.delete(save=False)
