"""Texts that bind: templates in two languages by version, what was made of them, who signed it.

None of the rows here ever changes; triggers of PostgreSQL see to it.
"""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models

from marketplace.accounts.models import Organisation, User
from marketplace.core.models import Record


class Template(Record):
    """A text with `$placeholders`, in English and Simplified Chinese. A change is a new version."""

    name = models.SlugField(max_length=60, help_text="Such as nda or licence-grant.")
    version = models.PositiveIntegerField()
    title_en = models.CharField(max_length=200)
    title_zh = models.CharField(max_length=200)
    text_en = models.TextField()
    text_zh = models.TextField()
    asks_again = models.BooleanField(
        default=True, help_text="What was signed on an earlier version is to be signed anew."
    )
    author = models.ForeignKey(User, models.PROTECT, related_name="+", null=True, blank=True)

    class Meta:
        ordering = ["name", "-version"]
        constraints = [
            models.UniqueConstraint(fields=["name", "version"], name="one_template_a_version")
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.version}"


class Document(Record):
    """The text that parties are asked to sign. A later one of the same subject supersedes it."""

    subject = models.CharField(max_length=80, help_text="What it is of, such as nda:UUID.")
    number = models.PositiveIntegerField(help_text="Version within its subject, from 1.")
    templates = ArrayField(
        models.CharField(max_length=80), help_text="name:version of each, in their order."
    )
    parties = models.ManyToManyField(Organisation, related_name="+")
    title_en = models.CharField(max_length=200)
    title_zh = models.CharField(max_length=200)
    text_en = models.TextField()
    text_zh = models.TextField()
    sha256 = models.CharField(max_length=64, help_text="Of the title and text in both languages.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["subject", "number"], name="one_document_a_version")
        ]

    def __str__(self) -> str:
        return f"{self.title_en} ({self.number})"


class Signature(Record):
    """`user` bound `organisation` to the document, by typing their name under that very text."""

    document = models.ForeignKey(Document, models.PROTECT, related_name="signatures")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    user = models.ForeignKey(User, models.PROTECT, related_name="+")
    typed_name = models.CharField(max_length=120)
    signed_at = models.DateTimeField()
    address = models.GenericIPAddressField(help_text="Where the request came from.")
    sha256 = models.CharField(max_length=64, help_text="Of the text as the signer read it.")

    class Meta:
        ordering = ["signed_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["document", "organisation"], name="one_signature_a_party"
            )
        ]

    def __str__(self) -> str:
        return f"{self.typed_name} for {self.organisation}"
