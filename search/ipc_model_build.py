"""Learns which words tell a subclass: see search/data/README.md. Needs scikit-learn, which is there
for development only.

A ridge regression of each subclass on words by tf-idf, from titles whose subclasses are known;
beside it what the titles of the IPC say of the subclass, as the centroid of its main groups, since
most subclasses have few titles or none. Chinese titles also teach English, word by word through the
lexicon.
"""

from __future__ import annotations

import gzip
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.feature_extraction import DictVectorizer
from sklearn.feature_extraction.text import TfidfTransformer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.preprocessing import MultiLabelBinarizer, normalize

from . import classes_build, lexicon
from .ipc_suggestion import Model, features
from .measures import f1

CENTROID = 0.6  # of the IPC's own titles, beside what is learnt
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


def frequent(bags: Iterable[Mapping[str, float]]) -> set[str]:
    counted = Counter(token for bag in bags for token in bag)
    return {token for token, times in counted.items() if times > 1}


def fitted(titles: Sequence[Known], groups: Sequence[Known]) -> list[str]:
    """The rows of the table, one a word."""
    bags = [features(one.text) for one in titles]
    twins = [in_english(one.text) for one in titles]
    official = [features(one.text) for one in groups]
    keep = frequent([*bags, *official])
    space = DictVectorizer(dtype=np.float32).fit([dict.fromkeys(sorted(keep), 1.0)])
    idf = TfidfTransformer().fit(space.transform([*bags, *official]))
    labels = MultiLabelBinarizer().fit(one.subclasses for one in [*titles, *groups])

    def placed(bags: Sequence[Mapping[str, float]]) -> Any:
        return idf.transform(space.transform(bags)).astype(np.float32)

    wanted = labels.transform([one.subclasses for one in titles]).astype(np.float32)
    ridge = Ridge(alpha=1.0, fit_intercept=False, solver="lsqr", tol=1e-3, max_iter=40)
    ridge.fit(
        placed([*bags, *twins]),
        np.vstack([wanted, wanted]),
        sample_weight=[one.weight for one in [*titles, *titles]],
    )
    inside = labels.transform([one.subclasses for one in groups]).astype(np.float32)
    centroids = normalize(np.sqrt(inside.T @ placed(official)))
    weights = (ridge.coef_ + CENTROID * centroids).T
    rows = []
    for token, rarity, own in zip(space.get_feature_names_out(), idf.idf_, weights, strict=True):
        telling = np.flatnonzero(np.abs(own) >= LEAST_WEIGHT)
        if len(telling):
            cells = [cell for n in telling for cell in (labels.classes_[n], f"{own[n]:.3f}")]
            rows.append("\t".join([token, f"{rarity:.3f}", *cells]))
    return rows


def learn(titles: Sequence[Known], groups: Sequence[Known], about: Mapping[str, Any]) -> list[str]:
    """The lines of the table. What is likely enough to be said is learnt from titles held out."""
    ours = [one for one in titles if one.weight == 1]
    held = ours[::HELD_OUT]
    out = {id(one) for one in held}
    trial = Model(
        dict(r.split("\t", 1) for r in fitted([t for t in titles if id(t) not in out], groups)),
        1.0, 0.0, 0.0,
    )  # fmt: skip
    scored = [
        sorted(trial.scores(one.text).items(), key=lambda item: (-item[1], item[0]))[:CANDIDATES]
        for one in held
    ]
    curve = LogisticRegression(C=1e6).fit(
        [[score] for ranked in scored for _, score in ranked],
        [
            name in one.subclasses
            for one, each in zip(held, scored, strict=True)
            for name, _ in each
        ],
    )
    slope, intercept = float(curve.coef_[0, 0]), float(curve.intercept_[0])

    def reached(share: float) -> float:
        model = Model(trial.rows, slope, intercept, share)
        return f1((named(model, one.text), one.subclasses) for one in held)

    found = {
        **about,
        "slope": round(slope, 4),
        "intercept": round(intercept, 4),
        "say_from": round(float(max(SHARES, key=reached)), 4),
    }
    rows = fitted(titles, groups)
    return [f"# {json.dumps(found, ensure_ascii=False, sort_keys=True)}", *rows]


def named(model: Model, text: str) -> list[str]:
    return [one for one, _ in model.chosen(text)]


def write(lines: Sequence[str], out: Path) -> None:
    text = "\n".join(lines) + "\n"
    out.write_bytes(gzip.compress(text.encode(), compresslevel=9, mtime=0))
