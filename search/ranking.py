"""What counts how much: features, weights, and where each came from.

A document's score is the sum, over what is asked, of the best of its alternatives (the word itself,
its translations, synonyms), each by BM25 in the field of its script; of a short query less the less
of it the document says; and over what lifts it: words of a class that the query names, and classes
of the best candidates.

The weights of `Weights` stand in data/weights-2.json with the figures that they gave. `manage.py
ranking tune`, or we by hand, chose them on the training half of the judged queries that measures.py
names, so the figures of the other half are a test. The other constants are the usual ones of patent
search or of BM25.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from .lexicon import Alternative
from .text import IS_HAN

FILE = Path(__file__).parent / "data" / "weights-2.json"
# How often a field's tokens count in the indexed body; the usual order of patent search.
FIELD_WEIGHTS: Mapping[str, int] = {
    "title": 2,
    "summary": 2,
    "description": 1,
    "applicants": 1,
}
CLAIMS_BOOST = 0.3  # beside the body, so that long claims do not drown a title
PHRASE_BOOST = 2.0
SYNONYM = 0.9  # of the word itself: operators vouch for it
NUMBER_BOOST = 1000.0  # a patent's number typed means that patent
BM25_K1 = 1.2
BM25_B = 0.75
MOST_TERMS = 64  # of a long query, the most telling words are asked for
LONG_TEXT = 24  # words; a longer text says much that is beside its point
COMMONEST = 0.05  # the idf of a word that all documents have: it still tells a little
SURE = 0.3  # from this probability on, a translation stands for a word that has to be there
BRIDGE_CLASSES = 20  # of the best candidates, the most telling are asked for


@dataclass(frozen=True)
class Weights:
    """What is tuned.

    `character`, `long_word`: a single sign of Chinese, and a segmented word of three and more,
    beside a pair of signs, which counts 1. Signs find what is said with other words of the same
    signs.
    `long_text_power`: how much more what is rare counts in a long text.
    `title`: how much more a word of its first sentence counts there.
    `saturation`: a translation of probability p is worth p (1 + s) / (p + s): BM25's own
    saturation, as if the document said the word p times (probabilistic structured queries, Darwish
    and Oard 2003).
    `itself`: of the documents that have a word itself, how many count beside those that its
    translations are expected to give, when it is told how rare they are.
    `tie`: what a second alternative in the same document adds beside the best one.
    `coverage`: of a short query, the part of a score that a document has only so far as it says
    what is asked: with one of two words, half of it. Else what says a rare word often outweighs
    what says all.
    `one_foreign`, `most_foreign`, `foreign_from`: what the other language counts, of a single
    English word and, rising with each, from so many on, since a title's words found by translation
    must not stand behind any text of the query's own language that shares two of them.
    `from_chinese`: what it counts for Chinese words, which are asked for in their own language by
    their pairs of signs and single signs as well.
    `foreign_words`, `foreign_power`: a page finds its own language by itself, and the chance
    likenesses of its many translations add up: from so many words on, they weigh less by a power.
    `named`, `named_from`: what the words of a class count, all together, beside the query's own,
    when the query names the class; and from which likeness to the class's title it does.
    `classes`, `classes_long`: what the classes of the best candidates count beside the best
    candidate's score, for a short query and a long text; `candidates`: how many of them are asked.
    `abroad`, `abroad_power`: of a long text, what a document in the other language counts beside
    one that says as much of it in its own: `abroad` times the share of the text that it says, from
    0 to 1, to the power. Chance likenesses share a little of much, so a power tells them apart.
    """

    character: float = 1.0
    long_word: float = 0.3
    long_text_power: float = 1.0
    title: float = 1.0
    saturation: float = 0.2
    itself: float = 0.5
    tie: float = 0.3
    coverage: float = 0.65
    one_foreign: float = 0.8
    most_foreign: float = 2.0
    foreign_from: int = 6
    from_chinese: float = 3.0
    foreign_words: float = 10.0
    foreign_power: float = 1.0
    named: float = 2.0
    named_from: float = 0.6
    classes: float = 0.1
    classes_long: float = 0.5
    candidates: int = 20
    abroad: float = 0.42
    abroad_power: float = 1.5

    def foreign(self, words: int, into: str) -> float:
        """What a translation into a language counts in a query of so many words."""
        beyond = min(1.0, self.foreign_words / max(words, 1))
        most = self.from_chinese
        if into == "zh":
            rising = min(1.0, (words - 1) / max(self.foreign_from - 1, 1))
            most = self.one_foreign + rising * (self.most_foreign - self.one_foreign)
        return most * math.pow(beyond, self.foreign_power)


def read(file: Path = FILE) -> Weights:
    return Weights(**json.loads(file.read_text(encoding="utf-8"))["weights"])


WEIGHTS = read()


def translated(
    translations: Sequence[Alternative],
    telling: Mapping[str, float],
    words: int,
    said: Sequence[str] = (),
    weights: Weights = WEIGHTS,
) -> list[Alternative]:
    """Those translations that the index holds, with weights for their tokens by which each counts
    as rare as the word that was asked for is, in all its translations together and, in part, as
    itself, and never rarer than the word itself: else a rare mistranslation would outweigh the
    right word, and the one text in the other language every text in the query's own. `telling` is
    the idf of tokens in the index, `words` how many words the query has, `said` the tokens of the
    word itself."""
    known = [a for a in translations if all(telling.get(part) for part in a.parts)]
    if not known:
        return []
    # The idf of the sum of the documents that each is expected to give.
    spread = sum(a.weight * math.exp(-max(telling[p] for p in a.parts)) for a in known)
    itself = math.inf
    if said and all(telling.get(token) for token in said):
        itself = max(telling[token] for token in said)
        spread += weights.itself * math.exp(-itself)
    rare = max(min(-math.log(spread), itself), COMMONEST)
    foreign = weights.foreign(words, "zh" if IS_HAN.match(known[0].token) else "en")
    found = []
    for a in known:
        worth = a.weight * (1 + weights.saturation) / (a.weight + weights.saturation)
        each = foreign * worth * rare / len(a.parts)
        terms = tuple((p, each / telling[p]) for p in a.parts)
        found.append(replace(a, weight=worth, terms=terms))
    return found
