"""The one analysis of words, for what is indexed and for what is asked, whichever engine serves.

NFKC, lower case, Traditional to Simplified, English stems without stop words, and Chinese as
overlapping pairs of characters. The engines get tokens and add nothing of their own, so that they
cannot disagree about words.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

import snowballstemmer

from marketplace.core.language import to_simplified

HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0002fa1f"
RUN = re.compile(rf"[{HAN}]+|[^\W_{HAN}]+(?:['’][^\W_{HAN}]+)?")
IS_HAN = re.compile(rf"[{HAN}]")
MAX_WORD = 40  # a longer run of letters is no word: it would only swell the vocabulary
STOP_WORDS = frozenset(
    """
    a an and are as at be been being but by can could do does for from had has have having he her
    his how i if in into is it its itself may more most no nor not of on one or other our out over
    said same she should so some such than that the their them then there thereby therefor therefore
    therein thereof these they this those through to under up upon was we were what when where
    wherein which while who will with within without would you your
    """.split()  # noqa: SIM905 - a list of words is read as text
)
english = snowballstemmer.stemmer("english")


def normal(text: str) -> str:
    """NFKC, lower case, Simplified; as long as the text wherever each sign stands for itself."""
    folded = unicodedata.normalize("NFKC", text).lower()
    return to_simplified(folded) if IS_HAN.search(folded) else folded


@lru_cache(maxsize=100_000)
def stem(word: str) -> str:
    return str(english.stemWord(word)) if word.isascii() else word


def pairs(run: str) -> list[str]:
    return [run] if len(run) == 1 else [run[i : i + 2] for i in range(len(run) - 1)]


def latin(word: str) -> Iterator[str]:
    """The stem of a word, or nothing where it says nothing."""
    if len(word) > MAX_WORD or word in STOP_WORDS:
        return
    yield stem(word.replace("’", "'").removesuffix("'s"))


def tokens(text: str) -> list[str]:
    """The tokens of a text in their order, repeats and all."""
    found: list[str] = []
    for match in RUN.finditer(normal(text)):
        run = match.group()
        found.extend(pairs(run) if IS_HAN.match(run) else latin(run))
    return found


def words(text: str) -> list[str]:
    """Latin words as written, in lower case: the vocabulary for corrections and suggestions."""
    return [
        run
        for run in RUN.findall(unicodedata.normalize("NFKC", text).lower())
        if not IS_HAN.match(run) and 3 <= len(run) <= MAX_WORD and run not in STOP_WORDS
    ]


def script(text: str) -> str:
    """`zh` where at least a third of the letters are Chinese, else `en`."""
    han = len(IS_HAN.findall(text))
    letters = sum(c.isalpha() for c in text)
    return "zh" if han and han * 3 >= letters else "en"
