"""The data room of a deal: files, who may read which until when, and who opened what."""

from __future__ import annotations

from django.core.files.storage import Storage, storages
from django.db import models
from django.db.models import Q

from marketplace.accounts.models import Organisation, User
from marketplace.core.models import Record
from marketplace.deals.models import Deal


def storage() -> Storage:
    """Local, or S3-compatible: by settings."""
    return storages["rooms"]


class RoomFile(Record):
    class State(models.TextChoices):
        UPLOADING = "uploading", "waits for its chunks"
        CHECKING = "checking", "is put together, sniffed and scanned"
        READY = "ready"
        REFUSED = "refused", "is not what it says, or infected"
        REMOVED = "removed"

    class Classification(models.TextChoices):
        NO_PERSONAL = "no_personal", "no personal data"
        PERSONAL = "personal"
        SENSITIVE = "sensitive"
        IMPORTANT = "important"
        UNKNOWN = "unknown"

    class Scan(models.TextChoices):
        NOT_SCANNED = "not_scanned", "no scanner is set up"
        CLEAN = "clean"
        INFECTED = "infected"

    deal = models.ForeignKey(Deal, models.PROTECT, related_name="files")
    owner = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    uploaded_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    folder = models.CharField(max_length=200, blank=True, help_text="Such as tests/2026.")
    name = models.CharField(max_length=150)
    classification = models.CharField(
        max_length=11, choices=Classification.choices, default=Classification.UNKNOWN
    )
    persons = models.PositiveIntegerField(
        null=True, blank=True, help_text="Of how many persons a year it holds data."
    )
    under_gba_contract = models.BooleanField(
        default=False, help_text="Received under one, so it may not leave the bay area."
    )
    size = models.PositiveBigIntegerField(help_text="In bytes.")
    sha256 = models.CharField(max_length=64)
    media_type = models.CharField(max_length=100, blank=True, help_text="As its bytes tell.")
    state = models.CharField(max_length=9, choices=State.choices, default=State.UPLOADING)
    scan = models.CharField(max_length=11, choices=Scan.choices, default=Scan.NOT_SCANNED)
    reason = models.CharField(max_length=300, blank=True, help_text="Why it was refused.")
    content = models.FileField(storage=storage, max_length=200, blank=True)

    class Meta:
        ordering = ["folder", "name", "created_at"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="ready") | (~Q(content="") & ~Q(media_type="")),
                name="a_ready_file_has_its_content",
            )
        ]

    def __str__(self) -> str:
        return f"{self.folder}/{self.name}".strip("/")


class Chunk(models.Model):
    """A piece of a file that is being uploaded, itself an object of the storage."""

    file = models.ForeignKey(RoomFile, models.CASCADE, related_name="chunks")
    number = models.PositiveIntegerField(help_text="From 0.")
    sha256 = models.CharField(max_length=64)
    size = models.PositiveIntegerField()
    content = models.FileField(storage=storage, max_length=200)

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["file", "number"], name="one_chunk_a_number")
        ]


class Grant(Record):
    """`organisation` may read the file until `expires_at`, unless it is revoked before."""

    file = models.ForeignKey(RoomFile, models.PROTECT, related_name="grants")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    granted_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["created_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["file", "organisation"],
                condition=Q(revoked_at=None),
                name="one_grant_a_file_and_reader",
            )
        ]


class Opening(Record):
    """Somebody opened a file. Never changed."""

    file = models.ForeignKey(RoomFile, models.PROTECT, related_name="openings")
    user = models.ForeignKey(User, models.PROTECT, related_name="+")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    address = models.GenericIPAddressField()

    class Meta:
        ordering = ["at", "pk"]
