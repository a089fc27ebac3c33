"""Other words for a word: the door through which translations and synonyms come in.

The table is search/data/lexicon-3.tsv.gz, made by `manage.py lexicon build` and described in
search/data/README.md. It is read once a process, at the first search, and a row is parsed only
when its word is asked for.
"""

from __future__ import annotations

import gzip
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from hashlib import sha256
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from typing import Literal

from .segmentation import cut
from .text import IS_HAN, RUN, normal, pairs

FILE = Path(__file__).parent / "data" / "lexicon-3.tsv.gz"
# Chinese that stands for no thing: it is not translated.
FUNCTION_WORDS = frozenset(
    "的之与和或及在用由其于是有为以从把被将对该等并中上",
) | {"一种", "以及", "所述"}
TOGETHER = 0.9  # from this probability on, a Chinese word is what two stems mean together
COMPOUND = 3  # signs of such a word; one of two signs mostly is one word
BESIDE = 0.3  # what the two stems are worth beside what each word means
SHORT = 3  # letters of a name
RARE = -16.0  # log probability of a sign that the table does not know


@dataclass(frozen=True)
class Alternative:
    """A word to look for instead, what it is worth beside the word itself, and whence it comes.

    `terms` are the tokens of the index that stand for it, each with its weight; none means the
    word itself is a token of that weight. `stands_for` is what it stands for, where that is more
    than one token: of a translation, its stems."""

    token: str
    weight: float
    origin: Literal[
        "word", "translation", "synonym", "similar", "prefix", "class", "candidates", "own"
    ]
    terms: tuple[tuple[str, float], ...] = ()
    stands_for: str = ""

    @property
    def asked(self) -> tuple[tuple[str, float], ...]:
        return self.terms or ((self.token, self.weight),)

    @property
    def parts(self) -> list[str]:
        return parts(self.token)


def parts(word: str) -> list[str]:
    """The tokens of a Chinese word, of a stem or of two."""
    return pairs(word) if IS_HAN.match(word) else word.split()


@cache
def packed() -> bytes:
    """The file as this process found it, so that its version is that of the table in use."""
    return FILE.read_bytes()


@cache
def version() -> str:
    """Of what it says, since `lexicon build` writes another under the same name."""
    return sha256(packed()).hexdigest()[:12]


@cache
def table() -> dict[str, str]:
    """Each word with its row: for Chinese its log probability first, then translation and
    probability in turn."""
    with gzip.open(BytesIO(packed()), "rt", encoding="utf-8") as lines:
        return dict(line.rstrip("\n").split("\t", 1) for line in lines if not line.startswith("#"))


@lru_cache(maxsize=50_000)
def translations(word: str) -> tuple[tuple[str, float], ...]:
    """The word in the other language, the likeliest first: stems of English, words of Chinese. A
    number is the same in both, and what stood beside it in parallel titles is no word for it."""
    row = None if word.isdigit() else table().get(word)
    if row is None:
        return ()
    cells = row.split("\t")[1 if IS_HAN.match(word) else 0 :]
    return tuple(zip(cells[::2], map(float, cells[1::2]), strict=True))


def chance(word: str) -> float | None:
    row = table().get(word)
    return None if row is None else float(row.split("\t", 1)[0])


def words(text: str) -> list[str]:
    """The Chinese words of a text, without those that stand for no thing."""
    return [
        word
        for run in RUN.findall(normal(text))
        if IS_HAN.match(run)
        for word in cut(run, chance, RARE)
        if word not in FUNCTION_WORDS
    ]


def expand(tokens: Sequence[str], language: str) -> dict[str, list[Alternative]]:
    """For words of a query in `language` (`en`: stems, `zh`: words), their alternatives; none is
    no entry."""
    found: dict[str, list[Alternative]] = {}
    for token in tokens:
        if bool(IS_HAN.match(token)) != (language == "zh"):
            continue
        others = [Alternative(other, p, "translation") for other, p in translations(token)]
        if others:
            found[token] = others
    return found


def phrases(stems: Sequence[str]) -> dict[tuple[str, str], list[Alternative]]:
    """Stems of English that stand side by side and mean something together, with what that is in
    Chinese."""
    found = {}
    for pair in dict.fromkeys(pairwise(stems)):
        phrase = " ".join(pair)
        if others := translations(phrase):
            found[pair] = [Alternative(o, p, "translation", (), phrase) for o, p in others]
    return found


@cache
def compounds() -> dict[str, str]:
    """Chinese words that are two stems of English, one of which is the table's likeliest word for
    it and not the whole: 反渗透 is reverse osmosis, and no osmosis."""
    found: dict[str, tuple[float, str]] = {}
    for phrase, row in table().items():
        if " " in phrase:
            word, chance = row.split("\t", 2)[:2]
            likeliest = table().get(word, "").split("\t")[1:2]
            if (
                float(chance) >= TOGETHER
                and len(word) >= COMPOUND
                and likeliest
                and likeliest[0] in phrase.split()
            ):
                found[word] = max(found.get(word, (0.0, "")), (float(chance), phrase))
    return {word: phrase for word, (_, phrase) in found.items()}


def in_other_language(words: Sequence[str], language: str) -> dict[str, list[Alternative]]:
    """Stems and Chinese words of a query, which may have both, each with what it means in the other
    language. In a Chinese one, what is short in Latin letters is a name or a formula: of CO2 and pH
    the table knows only what stands beside them."""
    sure = [w for w in words if language == "en" or (len(w) > SHORT and w.isalpha())]
    chinese = expand(words, "zh")  # none: an English query need not have the compounds read
    return {**expand(sure, "en"), **(with_compounds(chinese) if chinese else {})}


def with_compounds(others: Mapping[str, Sequence[Alternative]]) -> dict[str, list[Alternative]]:
    """For Chinese words beside their translations the two stems that they are, if any."""
    known = compounds()
    return {
        word: [*each, Alternative(known[word], BESIDE, "translation")] if word in known else [*each]
        for word, each in others.items()
    }
