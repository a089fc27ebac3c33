"""Learns which words tell a subclass: see search/data/README.md. Needs scikit-learn, which is there
for development only.

A ridge regression of each subclass on words by tf-idf, from titles whose subclasses are known, with
the log odds of each word in the subclass (naive Bayes), which is surer of rare words; beside them
what the titles of the IPC say of the subclass, as the centroid of its main groups, since most
subclasses have few titles or none. Chinese titles also teach English, word by word through the
lexicon.
"""

from __future__ import annotations

import gzip
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from scipy.sparse import diags
from sklearn.feature_extraction import DictVectorizer
from sklearn.feature_extraction.text import TfidfTransformer
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import MultiLabelBinarizer, normalize

from . import classes_build, lexicon
from .ipc_suggestion import Model, features, likely
from .measures import f1

CENTROID = 0.6  # of the IPC's own titles, beside what is regressed
ODDS = 0.02  # of a word's log odds, likewise
GROUP = 0.3  # titles that a main group counts for in the odds
COMMON = 2.0  # mean subclasses of words as they are anywhere, added to each for its odds
PRIOR = 0.3  # of how much is known of a subclass
STEPS = 20  # of the regression
LEAST_WEIGHT = 0.01  # a smaller one is left out of the file
CANDIDATES = 20  # of a held-out title, for its probabilities
SHARES = np.arange(0.05, 0.6, 0.025)  # tried as the least probability to say
TRANSLATIONS = 5  # of a word
HELD_OUT = 5  # one of so many titles is held out for the probabilities


@dataclass(frozen=True)
class Known:
    """A title with its subclasses; `weight` is below 1 for what is unlike what will be asked."""

    text: str
    subclasses: Sequence[str]
    weight: float = 1.0


def read_titles(file: Path, weight: float = 1.0) -> list[Known]:
    with file.open(encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    return [
        Known(row["title"], sorted({symbol[:4] for symbol in row["ipc"]}), weight)
        for row in rows
        if row.get("title") and row.get("ipc")
    ]


def read_groups(file: Path) -> list[Known]:
    """Each main group's titles in both languages, with those of all below it."""
    said: defaultdict[str, list[str]] = defaultdict(list)
    for symbol, english, chinese in classes_build.read(file):
        said[symbol.partition("/")[0]] += [english, chinese]
    return [Known("\n".join(texts), [group[:4]]) for group, texts in said.items()]


def in_english(text: str) -> dict[str, float]:
    """What a Chinese text may be in English: stems by their probability."""
    found: defaultdict[str, float] = defaultdict(float)
    for word in lexicon.words(text):
        for other, chance in lexicon.translations(word)[:TRANSLATIONS]:
            found[other] += chance
    return found


bag = cache(features)
twin = cache(in_english)


def frequent(bags: Iterable[Mapping[str, float]]) -> set[str]:
    counted = Counter(token for bag in bags for token in bag)
    return {token for token, times in counted.items() if times > 1}


def regressed(words: Any, wanted: Any) -> Any:
    """Ridge regression, of penalty 1, of all subclasses at once: conjugate gradients over the
    titles, which are fewer than the words."""
    back = words.T.tocsr()
    left = wanted.toarray()
    found = np.zeros_like(left)
    way = left.copy()
    size = (left * left).sum(axis=0) + 1e-12
    for _ in range(STEPS):
        across = words @ (back @ way) + way
        step = size / ((way * across).sum(axis=0) + 1e-12)
        found += step * way
        left -= step * across
        before, size = size, (left * left).sum(axis=0) + 1e-12
        way = left + (size / before) * way
    return back @ found


def odds(seen: Any) -> tuple[Any, Any]:
    """By how much each word, of those that stand in a subclass, is likelier there than if it were
    not seen in it; and how likely the words not seen are, by subclass. `seen`: subclass by word."""
    known = np.asarray(seen.sum(axis=1)).ravel()
    anywhere = np.asarray(seen.sum(axis=0)).ravel() + 1e-3
    anywhere /= anywhere.sum()
    added = COMMON * known.mean()
    more = seen.tocoo()
    more.data = np.log1p(more.data / (added * anywhere[more.col]))
    return more.tocsr(), (np.log(added / (known + added)), np.log1p(known))


def fitted(titles: Sequence[Known], groups: Sequence[Known]) -> tuple[list[str], dict[str, float]]:
    """The rows of the table, one a word; and what each subclass scores before any word."""
    bags = [bag(one.text) for one in titles]
    twins = [twin(one.text) for one in titles]
    official = [bag(one.text) for one in groups]
    keep = frequent([*bags, *official])
    space = DictVectorizer(dtype=np.float32).fit([dict.fromkeys(sorted(keep), 1.0)])
    idf = TfidfTransformer().fit(space.transform([*bags, *official]))
    labels = MultiLabelBinarizer(sparse_output=True).fit(
        one.subclasses for one in [*titles, *groups]
    )

    def placed(bags: Sequence[Mapping[str, float]]) -> Any:
        return idf.transform(space.transform(bags)).astype(np.float32)

    def of(known: Sequence[Known]) -> Any:
        return labels.transform([one.subclasses for one in known]).astype(np.float32)

    counts = np.array([one.weight for one in titles] * 2, dtype=np.float32)
    words = placed([*bags, *twins])
    wanted = of([*titles, *titles])
    inside, scheme = of(groups), placed(official)
    root = diags(np.sqrt(counts))
    weights = regressed((root @ words).tocsr(), (root @ wanted).tocsr())
    weights += CENTROID * normalize(np.sqrt(inside.T @ scheme)).T.toarray()
    more, (absent, prior) = odds(wanted.T @ diags(counts) @ words + GROUP * (inside.T @ scheme))
    weights += ODDS * more.T.toarray()
    length = words[: len(titles)].sum(axis=1).mean()
    base = ODDS * (absent * length + PRIOR * prior)
    rows = []
    for token, rarity, own in zip(space.get_feature_names_out(), idf.idf_, weights, strict=True):
        telling = np.flatnonzero(np.abs(own) >= LEAST_WEIGHT)
        if len(telling):
            cells = [cell for n in telling for cell in (labels.classes_[n], f"{own[n]:.3f}")]
            rows.append("\t".join([token, f"{rarity:.3f}", *cells]))
    return rows, {name: round(float(n), 4) for name, n in zip(labels.classes_, base, strict=True)}


def learn(titles: Sequence[Known], groups: Sequence[Known], about: Mapping[str, Any]) -> list[str]:
    """The lines of the table. What is likely enough to be said is learnt from titles held out."""
    ours = [one for one in titles if one.weight == 1]
    held = ours[::HELD_OUT]
    out = {id(one) for one in held}
    rows, base = fitted([one for one in titles if id(one) not in out], groups)
    trial = Model(dict(row.split("\t", 1) for row in rows), base, 1.0, 0.0, 0.0, 0.0)
    scored = [
        sorted(trial.scores(one.text).items(), key=lambda item: (-item[1], item[0]))[:CANDIDATES]
        for one in held
    ]
    curve = LogisticRegression(C=1e6).fit(
        [[score, ranked[0][1] - score] for ranked in scored for _, score in ranked],
        [
            name in one.subclasses
            for one, each in zip(held, scored, strict=True)
            for name, _ in each
        ],
    )
    (slope, behind), intercept = map(float, curve.coef_[0]), float(curve.intercept_[0])

    model = replace(trial, slope=slope, behind=behind, intercept=intercept)
    ranked = [model.ranked(one.text) for one in held]

    def reached(share: float) -> float:
        said = ([name for name, _ in likely(each, share)] for each in ranked)
        return f1(zip(said, (one.subclasses for one in held), strict=True))

    share = float(max(SHARES, key=reached))
    rows, base = fitted(titles, groups)
    found = {
        **about,
        "base": base,
        "slope": round(slope, 4),
        "behind": round(behind, 4),
        "intercept": round(intercept, 4),
        "say_from": round(share, 4),
    }
    return [f"# {json.dumps(found, ensure_ascii=False, sort_keys=True)}", *rows]


def named(model: Model, text: str) -> list[str]:
    return [one for one, _ in model.chosen(text)]


def write(lines: Sequence[str], out: Path) -> None:
    text = "\n".join(lines) + "\n"
    out.write_bytes(gzip.compress(text.encode(), compresslevel=9, mtime=0))
