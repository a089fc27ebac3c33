"""How much of a short query a document says. What says one rare word of two must not stand before
what says both; so a part of each score, `Weights.coverage`, counts only so far as the document says
what is asked. A query is said in its own language, or by translations, or in part by each."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from . import lexicon
from .ranking import LONG_TEXT
from .text import IS_HAN

if TYPE_CHECKING:
    from .plan import Concept


MOST_SAID = 16  # words, or pairs of signs; a title has no more
# How many times as likely a phrase means what one of its words means alone, to be more than that.
ALONE = 2.0


def shared(concepts: Sequence[Concept], proper: Collection[str]) -> list[Concept]:
    """The concepts with their shares: each of the `proper` tokens alike, and each word that only
    has translations, all of these together as much as the Chinese tokens. Grains have none, since
    single signs are no words. Of a text, which nothing says as a whole, and of one word, which
    everything says, nothing has a share."""
    own = sum(c.said and c.source in proper for c in concepts)
    chinese = sum(bool(IS_HAN.match(c.source)) for c in concepts if c.said and c.source in proper)
    other = sum(not c.said for c in concepts)
    if not 1 < len(concepts) <= LONG_TEXT or own > MOST_SAID:
        return list(concepts)
    return [
        replace(c, share=1 / own if c.source in proper else 0.0)
        if c.said
        else replace(c, share=chinese / own / other)
        for c in concepts
    ]


def counts(concepts: Sequence[Concept]) -> bool:
    return any(c.share for c in concepts)


def ways(concept: Concept) -> Iterator[lexicon.Alternative]:
    """The alternatives that say the concept, each if all of its tokens are there. Of a word that is
    two of English, neither says it alone."""
    stems = {
        stem
        for one in concept.alternatives
        if one.origin == "translation"
        for stem in one.token.split()
        if stem != one.token
    }
    for one in concept.alternatives:
        if not meant_alone(one) and not (one.origin == "translation" and one.token in stems):
            yield one


def meant_alone(one: lexicon.Alternative) -> str:
    """Of a phrase's translation, the word of the phrase that means it alone, if any: it says no
    other. 空心 is hollow, and no hollow fiber."""
    alone = {s: dict(lexicon.translations(s)).get(one.token, 0.0) for s in one.stands_for.split()}
    together = dict(lexicon.translations(one.stands_for)).get(one.token, 0.0)
    stem = max(alone, key=lambda s: alone[s], default="")
    return stem if 0.0 < together <= ALONE * alone.get(stem, 0.0) else ""
