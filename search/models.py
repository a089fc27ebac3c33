"""Tables of search: which index is live, the embedded engine's inverted index, kept vectors, and
synonyms with their history."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models

from marketplace.accounts.models import User
from marketplace.core.models import Record


class Generation(models.Model):
    """One build of an index. Rebuilding fills another and then makes that one live."""

    kind = models.CharField(max_length=40, help_text="listing, need, or the name of a trial.")
    live = models.BooleanField(default=False)
    documents = models.BigIntegerField(default=0)
    lengths = models.JSONField(
        default=dict, help_text="By field: how many entries have it, and how long it is in all."
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["kind"], condition=models.Q(live=True), name="one_live_generation"
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind}-{self.pk}"


class Entry(models.Model):
    """A document as the embedded engine holds it."""

    generation = models.ForeignKey(Generation, models.CASCADE)
    doc = models.CharField(max_length=120, db_collation="C")
    revision = models.BigIntegerField()
    checksum = models.CharField(max_length=32)
    card = models.JSONField()
    family = models.TextField(blank=True, help_text="Empty: it stands alone.")
    facets = ArrayField(models.TextField())
    numbers = ArrayField(models.TextField())
    words = ArrayField(models.TextField())
    lengths = models.JSONField(default=dict, help_text="Of each field, in tokens.")
    body = models.TextField(help_text="Its tokens, for phrases.")
    price = models.BigIntegerField(null=True)
    currency = models.CharField(max_length=3)
    published = models.BigIntegerField()
    trl = models.SmallIntegerField(null=True)

    class Meta:
        verbose_name_plural = "entries"
        constraints = [models.UniqueConstraint(fields=["generation", "doc"], name="one_entry")]
        indexes = [
            GinIndex(fields=["facets"], name="entry_by_facet"),
            GinIndex(fields=["numbers"], name="entry_by_number"),
            models.Index(fields=["generation", "-published", "-doc"], name="entry_newest_first"),
        ]

    def __str__(self) -> str:
        return self.doc


class Posting(models.Model):
    """A term in an entry: how often, and how long the entry is in the field of the term.

    Hundreds of them come with each entry and go with it, written and removed by postings.py alone:
    a foreign key checked for each would be most of the work of indexing."""

    pk = models.CompositePrimaryKey("generation_id", "term", "entry_id")
    generation = models.ForeignKey(Generation, models.CASCADE, db_index=False, db_constraint=False)
    term = models.CharField(max_length=80, db_collation="C")
    entry = models.ForeignKey(Entry, models.CASCADE, db_constraint=False)
    tf = models.FloatField()
    length = models.FloatField()


class Term(models.Model):
    """In how many entries a term stands."""

    pk = models.CompositePrimaryKey("generation_id", "term")
    generation = models.ForeignKey(Generation, models.CASCADE, db_index=False, db_constraint=False)
    term = models.CharField(max_length=80, db_collation="C")
    entries = models.BigIntegerField()


class Word(models.Model):
    """A word as titles and summaries write it: for corrections and suggestions."""

    pk = models.CompositePrimaryKey("generation_id", "word")
    generation = models.ForeignKey(Generation, models.CASCADE, db_index=False, db_constraint=False)
    word = models.CharField(max_length=80, db_collation="C")
    entries = models.BigIntegerField()


class Embedding(models.Model):
    """The vector of a document, of length 1, and of which words by which model it was made."""

    kind = models.CharField(max_length=40)
    doc = models.CharField(max_length=120, db_collation="C")
    checksum = models.CharField(max_length=32)
    model = models.CharField(max_length=200)  # whose vectors compare with no other's
    vector = ArrayField(models.FloatField())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "doc"], name="one_vector")]

    def __str__(self) -> str:
        return self.doc


class SynonymGroup(Record):
    """Words that operators hold to be the same; written by synonyms.py alone."""

    words = ArrayField(models.CharField(max_length=80))
    tokens = ArrayField(models.CharField(max_length=80), editable=False)

    class Meta:
        indexes = [GinIndex(fields=["tokens"], name="synonyms_by_token")]

    def __str__(self) -> str:
        return ", ".join(self.words)


class SynonymChange(Record):
    """Who changed a group of synonyms, from what to what; never changed, never deleted."""

    group = models.UUIDField()
    before = ArrayField(models.CharField(max_length=80), help_text="Empty: it was new.")
    after = ArrayField(models.CharField(max_length=80), help_text="Empty: it was removed.")
    by = models.ForeignKey(User, models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"{', '.join(self.before)} → {', '.join(self.after)}"
