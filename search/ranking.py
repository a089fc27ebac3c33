"""What counts how much: weights, and where each came from."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

from .lexicon import Alternative

# How often a field's tokens count in the indexed body; the usual order of patent search.
FIELD_WEIGHTS: Mapping[str, int] = {
    "title": 2,
    "summary": 2,
    "description": 1,
    "applicants": 1,
}
CLAIMS_BOOST = 0.3  # beside the body, so that long claims do not drown a title
PHRASE_BOOST = 2.0
NUMBER_BOOST = 1000.0  # a patent's number typed means that patent
BM25_K1 = 1.2
BM25_B = 0.75
MOST_TERMS = 64  # of a long query, the most telling words are asked for
# Single characters of Chinese count as much as pairs: topics gain a fifth of nDCG by them, known
# items lose nothing. Segmented words of three and more add nothing to both, so they count little;
# they are there for translations to aim at. (Both tried on eval_dev, k1 and b as they are.)
CHARACTER_WEIGHT = 1.0
LONG_WORD_WEIGHT = 0.3
# A text of more words than this says much that is beside its point, so what is rare counts more.
LONG_TEXT = 24
LONG_TEXT_POWER = 1.0

# A translation of probability p is worth p (1 + s) / (p + s): BM25's own saturation, as if the
# document said the word p times (probabilistic structured queries, Darwish and Oard 2003).
# These four were tried by hand on the known-item sets of eval_dev, not yet tuned on a split apart.
TRANSLATION_SATURATION = 0.2
TIE = 0.3  # what a second translation in the same document adds beside the best one

# The other language weighs most for a short query: a title's words found by translation must not
# stand behind any text of the query's own language that shares two of them. A page finds its own
# language by itself, and the chance likenesses of its many translations add up.
MOST_FOREIGN, FOREIGN_WORDS = 2.0, 16


def foreign(words: int) -> float:
    """What a translation counts in a query of so many words."""
    return min(MOST_FOREIGN, FOREIGN_WORDS / max(words, 1))


def translated(
    translations: Sequence[Alternative], telling: Mapping[str, float], words: int
) -> list[Alternative]:
    """Those translations that the index holds, with weights for their tokens by which each counts
    as rare as the word that was asked for is, in all its translations together: else a rare
    mistranslation would outweigh the right word. `telling` is the idf of tokens in the index,
    `words` how many words the query has."""
    known = [a for a in translations if all(telling.get(part) for part in a.parts)]
    if not known:
        return []
    # The idf of the sum of the documents that each is expected to give.
    spread = sum(a.weight * math.exp(-max(telling[p] for p in a.parts)) for a in known)
    rare = max(-math.log(spread), 0.0)
    found = []
    for a in known:
        worth = a.weight * (1 + TRANSLATION_SATURATION) / (a.weight + TRANSLATION_SATURATION)
        each = foreign(words) * worth * rare / len(a.parts)
        terms = tuple((p, each / telling[p]) for p in a.parts)
        found.append(replace(a, weight=worth, terms=terms))
    return found
