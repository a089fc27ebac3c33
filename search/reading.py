"""Documents as explanations read them: their public words, how often each counts, and where each
stands. Those read lately are kept, since the pages of a list and other lists show the same ones."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from .document import Document, class_token
from .listings import document_of_listing, listings_to_index
from .models import Generation
from .rarity import standing
from .text import IS_HAN, RUN, latin, normal

KEPT = 1000  # readings in a process; of a listing some 90 kB each
Key = tuple[str, int, str]  # id, revision, and the checksum of what the index holds
LATELY: dict[Key, Reading] = {}
KEEPING = threading.Lock()


@dataclass(frozen=True)
class Reading:
    """A document's public words, how often each counts and where they stand."""

    document: Document
    frequencies: Mapping[str, float]
    lengths: Mapping[str, float]

    @classmethod
    def of(cls, document: Document) -> Reading:
        """Without the lists of tokens that are only needed to count them."""
        return cls(replace(document), document.frequencies, document.lengths)

    @cached_property
    def texts(self) -> Mapping[str, str]:
        document = self.document
        found = {name: normal("\n".join(texts)) for name, texts in document.texts.items() if texts}
        return {**found, "claims": normal(document.claims)} if document.claims else found

    @cached_property
    def whole(self) -> str:
        return "\n".join(self.texts.values())

    @cached_property
    def symbols(self) -> Mapping[str, str]:
        """Of classes, by their tokens."""
        return {class_token(one): one for one in self.document.facets.get("ipc", ())}

    @cached_property
    def stems(self) -> Mapping[str, tuple[str, tuple[str, ...]]]:
        """Each stem as the document first writes it, and the fields where it stands."""
        found: dict[str, tuple[str, tuple[str, ...]]] = {}
        for name, text in self.texts.items():
            for stem, word in first_writing(text).items():
                first, fields = found.get(stem, (word, ()))
                found[stem] = (first, (*fields, name))
        return found

    def written(self, stem: str) -> str:
        """As the document first writes it."""
        return self.stems.get(stem, (stem, ()))[0]

    def fields_with(self, word: str) -> tuple[str, ...]:
        """Where a Chinese word, or a stem, stands."""
        if IS_HAN.match(word):
            return tuple(name for name, text in self.texts.items() if word in text)
        return self.stems.get(word, ("", ()))[1]


def first_writing(text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for run in dict.fromkeys(RUN.findall(text)):
        if not IS_HAN.match(run):
            for stem in latin(run):
                found.setdefault(stem, run)
    return found


def readings(generation: Generation, wanted: Mapping[str, tuple[int, str]]) -> dict[str, Reading]:
    """Of those listings, by id with revision and checksum, kept from lately where neither
    changed."""
    keys: dict[str, Key] = {id: (id, *state) for id, state in wanted.items()}
    found = {id: reading for id, key in keys.items() if (reading := LATELY.get(key))}
    missing = [id for id in keys if id not in found]
    stand = standing(generation, missing) if missing else {}
    for row in listings_to_index().filter(pk__in=missing) if missing else ():
        document = document_of_listing(row, card=False)
        indexed = stand.get(document.id)
        found[document.id] = Reading(document, *indexed) if indexed else Reading.of(document)
    with KEEPING:
        for id, reading in found.items():
            LATELY.pop(keys[id], None)
            LATELY[keys[id]] = reading
        for key in list(LATELY)[:-KEPT]:
            del LATELY[key]
    return found
