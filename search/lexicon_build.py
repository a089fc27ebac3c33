"""Makes the lexicon from parallel texts and a dictionary: see search/data/README.md.

Words of the two languages are aligned by IBM model 2 with the diagonal prior of Dyer et al. 2013
("A simple, fast, and effective reparameterization of IBM model 2") in both directions; the two
are joined by the geometric mean of their expected counts, so that only what both believe stays.
Two stems of English that keep together are aligned once more as one word, since "reverse osmosis"
is 反渗透, which is neither reverse nor osmosis.
"""

from __future__ import annotations

import gzip
import json
import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from .glossary import Glossary
from .lexicon import FUNCTION_WORDS, RARE
from .segmentation import LONGEST, cut
from .text import HAN, IS_HAN, RUN, normal, tokens

if TYPE_CHECKING:
    import numpy as np

ROUNDS = 8
NULL = 0.08  # how likely a word stands for none of the other side
DIAGONAL = 4.0  # how near to the same place in the other text a word's partner stands
DICTIONARY_WEIGHT = 0.5  # a gloss beside a title; the first value tried
LEAST = 0.3  # expected count below which a pair is chance
MOST, SHARE = 5, 0.05  # alternatives of a word, and how far below the best one they may be
OFTEN, COHESION = 4, 3.0  # how often two stems stand together; mutual information in nats
OFTEN_MINED, COHESION_MINED = 8, 4.0  # the same of the signs of a word that is in no dictionary
GLOSS_COHESION = 1.0  # the same where they are all of a gloss; nats, the first values tried
LEAST_OF_PHRASE = 0.1  # probability of what two stems mean together
COMMON_SIGNS = frozenset("的之与和或及在用由其于是有为以从把被将对该等")
ONLY_HAN = re.compile(rf"[{HAN}]+$")
END = re.compile(r"[。！？!?；;\n]|\.(?=\s|$)")  # of a sentence
ENTRY = re.compile(r"(\S+) (\S+) \[([^\]]*)\] /(.*)/")
NO_GLOSS = ("CL:", "surname", "variant", "see ", "old variant", "abbr.")


class Pair(NamedTuple):
    zh: str
    en: str
    weight: float = 1.0


def without_brackets(text: str) -> str:
    for _ in range(3):
        text = re.sub(r"[（(][^（）()]*[）)]", "", text)
    return text


def ipc_pairs(file: Path) -> Iterator[Pair]:
    """Titles of the IPC in both languages, cut at semicolons where both have as many."""
    with file.open(encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            zh, en = (without_brackets(normal(row[k] or "")) for k in ("title_zh", "title_en"))
            left = [part for part in re.split("[；;]", zh) if part.strip()]
            right = [part for part in en.split(";") if part.strip()]
            if len(left) == len(right):
                yield from map(Pair, left, right)
            elif left and right:
                yield Pair(zh, en)


def sentence_pairs(zh: str, en: str) -> Iterator[Pair]:
    """A text in both languages, sentence by sentence; none of it where one has more of them, since
    what stands for what is then a guess."""
    left, right = ([s for s in END.split(normal(text)) if RUN.search(s)] for text in (zh, en))
    if len(left) == len(right):
        yield from map(Pair, left, right)


def dictionary_pairs(file: Path) -> Iterator[Pair]:
    """Glosses of CC-CEDICT (a gzipped file in its own format), but for names."""
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        for line in lines:
            entry = ENTRY.match(line)
            if not entry or entry[3][:1].isupper():
                continue
            zh = normal(entry[2])
            for gloss in re.split("[/;]", entry[4]):
                short = without_brackets(gloss).strip().lower().removeprefix("to ")
                if (
                    ONLY_HAN.match(zh)
                    and not gloss.strip().startswith(NO_GLOSS)
                    and not IS_HAN.search(gloss)
                    and 0 < len(short.split()) <= 5
                ):
                    yield Pair(zh, short, DICTIONARY_WEIGHT)


def runs(text: str) -> list[str]:
    return [run for run in RUN.findall(text) if IS_HAN.match(run)]


def mined(texts: Sequence[str]) -> set[str]:
    """Stretches that keep together and stand among many neighbours: words of the trade that the
    dictionary lacks."""
    counts: Counter[str] = Counter()
    before: defaultdict[str, set[str]] = defaultdict(set)
    after: defaultdict[str, set[str]] = defaultdict(set)
    for text in texts:
        counts.update(text)
        for start in range(len(text)):
            for end in range(start + 2, min(start + 5, len(text)) + 1):
                word = text[start:end]
                counts[word] += 1
                before[word].add(text[start - 1] if start else "^")
                after[word].add(text[end : end + 1])
    total = sum(map(len, texts))
    return {
        word
        for word, count in counts.items()
        if len(word) > 1
        and count >= OFTEN_MINED
        and not COMMON_SIGNS & set(word)
        and min(len(before[word]), len(after[word])) >= 4
        and min(
            math.log(count * total / (counts[word[:k]] * counts[word[k:]]))
            for k in range(1, len(word))
        )
        > COHESION_MINED
    }


def chances(texts: Sequence[str], vocabulary: set[str]) -> dict[str, float]:
    """Log probabilities of words, by cutting and counting in turn."""
    counts: Counter[str] = Counter()
    for text in texts:
        for start in range(len(text)):
            counts[text[start]] += 1
            for end in range(start + 2, min(start + LONGEST, len(text)) + 1):
                if text[start:end] in vocabulary:
                    counts[text[start:end]] += 3
    for _ in range(4):
        total = math.log(counts.total())
        logs = {word: math.log(count) - total for word, count in counts.items()}
        counts = Counter()
        for text in texts:
            counts.update(cut(text, logs.get, -2.7 - total))
    total = math.log(counts.total())
    logs = {word: math.log(count) - total for word, count in counts.items()}
    for word in vocabulary - logs.keys():
        logs[word] = math.log(0.3) - total - (0 if len(word) > 1 else 2)
    return logs


def aligned(
    source: Sequence[Sequence[str]], target: Sequence[Sequence[str]], weights: Sequence[float]
) -> dict[tuple[str, str], float]:
    """Expected counts of (source word, target word) under the model of target given source."""
    import numpy as np

    left, right = {"": 0}, dict[str, int]()
    s: list[np.ndarray[Any, Any]] = []
    t: list[np.ndarray[Any, Any]] = []
    prior: list[np.ndarray[Any, Any]] = []
    sizes: list[int] = []
    worth: list[float] = []
    for a, b, weight in zip(source, target, weights, strict=True):
        if not a or not b:
            continue
        ids = np.array([0] + [left.setdefault(w, len(left)) for w in a])
        places = (np.arange(len(a)) + 0.5) / len(a)
        for j, word in enumerate(b):
            near = np.exp(-DIAGONAL * np.abs(places - (j + 0.5) / len(b)))
            s.append(ids)
            t.append(np.full(len(ids), right.setdefault(word, len(right))))
            prior.append(np.concatenate(([NULL], (1 - NULL) * near / near.sum())))
            sizes.append(len(ids))
            worth.append(weight)
    cell_s, cell_t, cell_prior = map(np.concatenate, (s, t, prior))
    place = np.repeat(np.arange(len(sizes)), sizes)
    cell_weight = np.repeat(np.array(worth), sizes)
    keys, inverse = np.unique(cell_s * len(right) + cell_t, return_inverse=True)
    of = keys // len(right)
    chance = np.ones(len(keys))
    for _ in range(ROUNDS):
        share = cell_prior * chance[inverse]
        share *= cell_weight / np.maximum(np.bincount(place, share)[place], 1e-30)
        counts = np.bincount(inverse, share, minlength=len(keys))
        chance = counts / np.maximum(np.bincount(of, counts)[of], 1e-30)
    left_words, right_words = list(left), list(right)
    return {
        (left_words[i], right_words[j]): float(count)
        for i, j, count in zip(of, keys % len(right), counts, strict=True)
        if i and count > 1e-4
    }


def joined(sources: Iterable[Pair]) -> tuple[dict[str, float], dict[tuple[str, str], float]]:
    """Log probabilities of Chinese words, and counts of (stem, Chinese word)."""
    pairs = list(sources)
    texts = [run for pair in pairs if pair.weight == 1.0 for run in runs(pair.zh)]
    known = {pair.zh for pair in pairs if pair.weight < 1.0 and len(pair.zh) <= LONGEST}
    logs = chances(texts, known | mined(texts))
    english = [tokens(re.sub(f"[{HAN}]", " ", pair.en)) for pair in pairs]
    chinese = [
        [w for run in runs(pair.zh) for w in cut(run, logs.get, RARE) if w not in FUNCTION_WORDS]
        for pair in pairs
    ]
    weights = [pair.weight for pair in pairs]
    glosses = [stems for stems, weight in zip(english, weights, strict=True) if weight < 1.0]
    near = phrases(english, glosses)
    counts = agreed([with_phrases(stems, near) for stems in english], chinese, weights)
    of_phrases = {pair: count for pair, count in counts.items() if " " in pair[0]}
    return logs, agreed(english, chinese, weights) | of_phrases


def agreed(
    english: Sequence[Sequence[str]], chinese: Sequence[Sequence[str]], weights: Sequence[float]
) -> dict[tuple[str, str], float]:
    """Counts of (English, Chinese) that both directions believe."""
    there = aligned(english, chinese, weights)
    both = {
        (en, zh): math.sqrt(there[en, zh] * count)
        for (zh, en), count in aligned(chinese, english, weights).items()
        if (en, zh) in there
    }
    return {pair: count for pair, count in both.items() if count >= LEAST}


def phrases(
    texts: Sequence[Sequence[str]], glosses: Iterable[Sequence[str]]
) -> dict[tuple[str, str], float]:
    """Two stems that keep together, with how much: pointwise mutual information in nats."""
    alone = Counter(stem for stems in texts for stem in stems)
    total = alone.total()
    known = {tuple(stems) for stems in glosses if len(stems) == 2}
    found = {}
    for (a, b), count in Counter(two for stems in texts for two in pairwise(stems)).items():
        if min(len(a), len(b)) < 2 or a.isdigit() or b.isdigit():
            continue
        near = math.log(count * total / (alone[a] * alone[b]))
        if (count >= OFTEN and near > COHESION) or ((a, b) in known and near > GLOSS_COHESION):
            found[a, b] = near
    return found


def with_phrases(stems: Sequence[str], near: Mapping[tuple[str, str], float]) -> list[str]:
    """The stems, those of phrases as one; of two phrases that share a stem, the nearer one."""
    found: list[str] = []
    nearness = [*(near.get(pair, 0.0) for pair in pairwise(stems)), 0.0, 0.0]
    i = 0
    while i < len(stems):
        together = 0.0 < nearness[i] >= nearness[i + 1]
        size = 2 if together else 1
        found.append(" ".join(stems[i : i + size]))
        i += size
    return found


def likely(row: Mapping[str, float]) -> list[tuple[str, float]]:
    total, best = sum(row.values()), max(row.values())
    order = sorted(row.items(), key=lambda item: (-item[1], item[0]))
    return [(word, count / total) for word, count in order[:MOST] if count >= SHARE * best]


def of_phrase(row: Mapping[str, float]) -> list[tuple[str, float]]:
    """A single sign says too little to stand for two words."""
    return [(word, p) for word, p in likely(row) if p >= LEAST_OF_PHRASE and len(word) > 1]


def said_in(pairs: Iterable[Pair]) -> Counter[str]:
    """In how many parallel texts each stem stands."""
    return Counter(s for pair in pairs if pair.weight == 1.0 for s in set(tokens(pair.en)))


def write(
    file: Path,
    about: Mapping[str, Any],
    logs: Mapping[str, float],
    counts: Mapping[tuple[str, str], float],
    glossed: Glossary | None = None,
) -> int:
    """Write the table; how many words it has. The same counts give the same bytes."""
    glossed = glossed or Glossary({}, {}, {})
    to_zh: defaultdict[str, Counter[str]] = defaultdict(Counter)
    to_en: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for (en, zh), count in counts.items():
        if " " not in en:
            to_en[zh][en] += count  # type: ignore[assignment]
        to_zh[en][zh] += count  # type: ignore[assignment]
    rows = {en: of_phrase(row) if " " in en else likely(row) for en, row in to_zh.items()}
    for en in glossed.to_zh:
        if not rows.get(en) or glossed.knows_better(en):
            rows[en] = [*glossed.for_stems(en, to_zh.get(en, {})).items()]
    lines = [f"# {json.dumps(about, ensure_ascii=False, sort_keys=True)}"]
    for en in sorted(en for en, row in rows.items() if row):
        lines.append("\t".join([en, *(f"{w}\t{p:.3f}" for w, p in rows[en])]))
    for zh in sorted(logs):
        found = dict(likely(to_en[zh])) if to_en.get(zh) else {}
        found |= glossed.for_chinese(zh, found)
        ordered = sorted(found.items(), key=lambda item: (-item[1], item[0]))
        lines.append("\t".join([zh, f"{logs[zh]:.2f}", *(f"{w}\t{p:.3f}" for w, p in ordered)]))
    text = "\n".join(lines) + "\n"
    file.write_bytes(gzip.compress(text.encode(), compresslevel=9, mtime=0))
    return len(lines) - 1
