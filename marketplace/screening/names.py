"""How near two names are, across scripts.

As written: NFKC, small letters, Simplified, without the words of a legal form, in any order of
words. Romanised: Chinese as pinyin beside Latin letters, family name first or last. Names in
Cantonese or other romanisations are only found as written.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from pypinyin import lazy_pinyin
from rapidfuzz import fuzz, process

from marketplace.core.language import to_simplified

LEGAL_FORMS = re.compile(
    r"\b(?:co|company|corp|corporation|inc|incorporated|limited|llc|llp|ltd|plc|gmbh|ag|sa|bv|pte)"
    r"\b|股份|有限|责任|公司"
)
HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]")
SIGNS = re.compile(r"[\W_]+")
SHORTEST = 5  # letters: below this romanised names are alike by chance


@dataclass(frozen=True)
class Near:
    """`reason` is written or romanised; `score` is of 100."""

    party: UUID
    own_name: str
    listed_name: str
    score: int
    reason: str


def plain(name: str) -> str:
    """The name as it is compared: its words with one space between, or all of it where legal forms
    are all there is."""
    folded = to_simplified(unicodedata.normalize("NFKC", name).lower()).replace(".", "")
    spaced = SIGNS.sub(" ", folded)
    return " ".join(LEGAL_FORMS.sub(" ", spaced).split()) or " ".join(spaced.split())


def romanised(name: str) -> list[str]:
    """Letters without spaces; of a Chinese name also with the family name last."""
    found = plain(name)
    if not HAN.search(found):
        return [found.replace(" ", "")]
    syllables = [one.replace(" ", "") for one in lazy_pinyin(found) if one.strip()]
    return list(dict.fromkeys(["".join(syllables), "".join([*syllables[1:], syllables[0]])]))


class Names:
    """The names of all listed parties, ready to be compared."""

    def __init__(self, parties: Iterable[tuple[UUID, list[str]]]) -> None:
        self.names = [(party, name) for party, names in parties for name in names]
        self.written = {i: plain(name) for i, (_, name) in enumerate(self.names)}
        self.letters = {
            (i, form): form
            for i, (_, name) in enumerate(self.names)
            for form in romanised(name)
            if len(form) >= SHORTEST
        }

    def near(self, own_names: Iterable[str], threshold: int) -> list[Near]:
        """The nearest name of each party that comes as near as `threshold`, nearest first."""
        best: dict[UUID, Near] = {}
        for own in own_names:
            for found in [*self.as_written(own, threshold), *self.as_letters(own, threshold)]:
                before = best.get(found.party)
                if before is None or found.score > before.score:
                    best[found.party] = found
        return sorted(best.values(), key=lambda near: (-near.score, str(near.party)))

    def as_written(self, own: str, threshold: int) -> Iterable[Near]:
        asked = plain(own)
        if not asked:
            return
        found = process.extract(
            asked, self.written, scorer=fuzz.token_sort_ratio, score_cutoff=threshold, limit=None
        )
        for _, score, number in found:
            yield self.one(number, own, score, "written")

    def as_letters(self, own: str, threshold: int) -> Iterable[Near]:
        """Only where exactly one side is Chinese: else the names are compared as written."""
        chinese = bool(HAN.search(own))
        for form in romanised(own):
            if len(form) < SHORTEST:
                continue
            found = process.extract(
                form, self.letters, scorer=fuzz.ratio, score_cutoff=threshold, limit=None
            )
            for _, score, (number, _form) in found:
                if bool(HAN.search(self.names[number][1])) != chinese:
                    yield self.one(number, own, score, "romanised")

    def one(self, number: int, own: str, score: float, reason: str) -> Near:
        party, name = self.names[number]
        return Near(party, own, name, int(score), reason)


def fingerprint_text(own: Iterable[str], listed: Iterable[str]) -> str:
    """What a person's clearing holds for: these very names."""
    return "\n".join([*sorted(set(own)), "--", *sorted(set(listed))])
