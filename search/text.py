"""The one analysis of words, for what is indexed and for what is asked, whichever engine serves.

NFKC, lower case, Traditional to Simplified, English stems without stop words, and Chinese three
ways: overlapping pairs of characters, which are the tokens proper, and beside them (`grains`)
single characters and words of three and more. The engines get tokens and add nothing of their own,
so that they cannot disagree about words.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from typing import Literal

import rjieba
import snowballstemmer

from marketplace.core.language import to_simplified

from .spelling import folded

HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0002fa1f"
# Of 5.5 MPa or PM2.5 the 5 alone is no word: it would find every formula that counts to five.
RUN = re.compile(rf"[{HAN}]+|[^\W_{HAN}]+(?:(?:(?<=\d)\.\d+)+|['’][^\W_{HAN}]+)?")
IS_HAN = re.compile(rf"[{HAN}]")
# What people copy from pages comes with it. Between other tags words end; CO<sub>2</sub> is one.
INNER = re.compile(r"</?(?:sub|sup)\s*>", re.IGNORECASE)
TAG = re.compile(
    r"</?(?:p|br|b|i|u|em|strong|span|div|a|img|font|h[1-6]|ul|ol|li|table|tbody|tr|td|th)"
    r"(?:\s+[a-z-]+\s*=[^<>]*)?\s*/?>",
    re.IGNORECASE,
)
ENTITY = re.compile(r"&(?:[a-z]+|#[0-9]{1,7});", re.IGNORECASE)  # int() refuses 4,301 digits
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
# Characters that only hold a sentence together: every document has them.
STOP_CHARACTERS = frozenset("的了和与及其在是为以之于或等所对将该并而由从被一种个这那此至")
english = snowballstemmer.stemmer("english")


CLASS = "#"  # begins a token that stands for a class; no word has it
Field = Literal["latin", "han", "classes"]


def field_of(token: str) -> Field:
    """Where the token is indexed: each script has its own lengths and rarities, so that a text of
    Chinese, every two signs of which are a token, is not taken for a long one."""
    if token.startswith(CLASS):
        return "classes"
    return "han" if IS_HAN.match(token) else "latin"


def unmarked(text: str) -> str:
    """The text without the marks of HTML."""
    if "<" in text:
        text = TAG.sub(" ", INNER.sub("", text))
    return ENTITY.sub(lambda found: html.unescape(found.group()), text) if "&" in text else text


def normal(text: str) -> str:
    """NFKC, lower case, Simplified, unmarked; as long as the text wherever each sign stands for
    itself."""
    folded = unicodedata.normalize("NFKC", unmarked(text)).lower()
    return to_simplified(folded) if IS_HAN.search(folded) else folded


@lru_cache(maxsize=100_000)
def stem(word: str) -> str:
    """Of a word in either spelling; façade is facade."""
    if not word.isascii():
        bare = "".join(
            c for c in unicodedata.normalize("NFKD", word) if not unicodedata.combining(c)
        )
        word = bare if bare.isascii() else word
    return folded(str(english.stemWord(word))) if word.isascii() else word


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


APPLICANT = "@"  # begins a token of a name, where phrases are looked for; no word has it


def of_applicant(name: str) -> list[str]:
    """The tokens of a name, as they stand where names alone are looked for."""
    return [APPLICANT + token for token in tokens(name)]


def grains(text: str) -> list[str]:
    """What Chinese is indexed as beside its pairs: single characters, which find what is said with
    other words of the same characters, and words of three or more."""
    found: list[str] = []
    for run in RUN.findall(normal(text)):
        if IS_HAN.match(run) and len(run) > 1:
            found += [character for character in run if character not in STOP_CHARACTERS]
            found += [word for word in rjieba.cut(run) if 3 <= len(word) <= MAX_WORD]
    return found


def words(text: str) -> list[str]:
    """Words as written, in lower case, Chinese ones in Simplified: the vocabulary for corrections
    and suggestions."""
    found: list[str] = []
    for run in RUN.findall(normal(text)):
        if IS_HAN.match(run):
            found += [word for word in rjieba.cut(run) if 2 <= len(word) <= MAX_WORD]
        elif 3 <= len(run) <= MAX_WORD and run not in STOP_WORDS:
            found.append(run)
    return found


def script(text: str) -> str:
    """`zh` where at least a third of the letters are Chinese, else `en`."""
    han = len(IS_HAN.findall(text))
    letters = sum(c.isalpha() for c in text)
    return "zh" if han and han * 3 >= letters else "en"
