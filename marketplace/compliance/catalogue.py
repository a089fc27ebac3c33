"""The import and export catalogues: their codes, their items, and which items words point to."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from math import log

from django.db.models import TextChoices
from snowballstemmer import stemmer

from marketplace.core.errors import Invalid
from marketplace.core.language import to_simplified
from marketplace.rulebook.engine import Answer, ask_all
from marketplace.rulebook.parameters import CatalogueItem

CODE = re.compile(r"(\d{2})(\d{2})(\d{2})([JX])")
HK_CODE = re.compile(r"(\d)\.?([A-E])(?:\.?(\d{3}))?")
HAN = "\u3400-\u4dbf\u4e00-\u9fff"
RUN = re.compile(rf"[{HAN}]+|[a-z0-9]+")
IS_HAN = re.compile(rf"[{HAN}]")
EVERYWHERE = frozenset(
    ("技术", "系统", "and", "or", "of", "for", "the", "in", "an", "such", "as", "by", "to", "with")
)
english = stemmer("english")


class Direction(TextChoices):
    """Which law the technology meets on its way."""

    CN_IMPORT = "cn_import", "import catalogue of the mainland"
    CN_EXPORT = "cn_export", "export catalogue of the mainland"
    HK_STRATEGIC = "hk_strategic", "strategic commodities of Hong Kong"


@dataclass(frozen=True)
class Code:
    """`year` in which it was added, `division` of GB/T 4754, `serial`, and whether prohibited."""

    year: int
    division: str
    serial: int
    prohibited: bool


def parse_code(text: str) -> Code:
    """A code of the export catalogue, such as 252604X. The century turns at 80."""
    found = CODE.fullmatch(unicodedata.normalize("NFKC", text).strip().upper())
    if found is None:
        raise Invalid(
            "Six digits and J (prohibited) or X (restricted) are wanted, such as 252604X.",
            field=("code",),
        )
    year = int(found[1])
    return Code(2000 + year if year < 80 else 1900 + year, found[2], int(found[3]), found[4] == "J")


def parse_hk_code(text: str) -> str:
    """A code of Cap. 60G in its short form: 3.A.001 is 3A001."""
    found = HK_CODE.fullmatch(unicodedata.normalize("NFKC", text).strip().upper())
    if found is None:
        raise Invalid("Category, group and number are wanted, such as 3E001.", field=("code",))
    return "".join(part or "" for part in found.groups())


@dataclass(frozen=True)
class Item:
    """An item of a catalogue as the rule book has it on a day."""

    parameters: CatalogueItem
    answer: Answer

    @property
    def words(self) -> Counter[str]:
        texts = [*self.parameters.name.values(), *self.parameters.points]
        return Counter(tokens(" ".join(texts)))


@dataclass(frozen=True)
class Suggestion:
    """`score` from 0 to 1: how much of the item's own weight the text's words carry; `words` are
    those of the text that matched."""

    item: Item
    score: float
    words: tuple[str, ...]


def items(direction: Direction, *, on: date) -> list[Item]:
    """Those of the edition in force on that day, as far as the rule book has them."""
    return [Item(one.value, one) for one in ask_all(f"catalogue_item.{direction}", on=on)]


def tokens(text: str) -> list[str]:
    """Pairs of Chinese characters in Simplified, and stems of English words."""
    found: list[str] = []
    for run in RUN.findall(to_simplified(unicodedata.normalize("NFKC", text)).lower()):
        if IS_HAN.match(run):
            found += [run[i : i + 2] for i in range(len(run) - 1)] or [run]
        elif run not in EVERYWHERE and len(run) > 1:
            found.append(english.stemWord(run))
    return [one for one in found if one not in EVERYWHERE]


def suggestions(text: str, valid: Sequence[Item], *, most: int = 5) -> list[Suggestion]:
    """Those of the valid items that share words with the text, nearest first.

    A word weighs the more, the fewer items have it. One shared pair of characters is chance, and
    is left out unless the item has no more to share.
    """
    spread = Counter(word for item in valid for word in set(item.words))
    weight = {word: log(1 + len(valid) / number) for word, number in spread.items()}
    asked = set(tokens(text))
    found = []
    for item in valid:
        own = set(item.words)
        shared = own & asked
        if shared and (len(shared) > 1 or len(own) == 1 or not is_pair(next(iter(shared)))):
            score = sum(weight[w] for w in shared) / best_name(item, weight)
            found.append(Suggestion(item, min(1.0, score), joined(text, shared)))
    return sorted(found, key=lambda one: (-one.score, one.item.answer.key))[:most]


def is_pair(word: str) -> bool:
    return bool(IS_HAN.match(word))


def best_name(item: Item, weight: dict[str, float]) -> float:
    """What the heavier of its names weighs: a text in one language can share no more."""
    return max(
        sum(weight[w] for w in set(tokens(name))) or 1.0 for name in item.parameters.name.values()
    )


def joined(text: str, shared: set[str]) -> tuple[str, ...]:
    """The words of the text that matched, as they stand in it: pairs in a row are one word."""
    plain = to_simplified(unicodedata.normalize("NFKC", text)).lower()
    found: list[str] = []
    for match in RUN.finditer(plain):
        run = match.group()
        if not IS_HAN.match(run):
            found += [run] if english.stemWord(run) in shared else []
            continue
        part = ""
        for i in range(len(run) - 1):
            if run[i : i + 2] in shared:
                part = (part or run[i]) + run[i + 1]
            elif part:
                found.append(part)
                part = ""
        found += [part] if part else []
    return tuple(dict.fromkeys(found))
