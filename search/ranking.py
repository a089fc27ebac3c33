"""What counts how much: weights, and where each came from."""

from __future__ import annotations

from collections.abc import Mapping

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
LONG_TEXT = 48
LONG_TEXT_POWER = 1.0
