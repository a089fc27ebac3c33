"""From a query (query_language.py) to what the engines look for: the same for both."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import product
from typing import Any

from . import classes, lexicon
from .coverage import shared
from .models import Generation
from .phrases import halves, said_together, spoken
from .query_language import parsed
from .ranking import LONG_TEXT, MOST_TERMS, SURE, SYNONYM, WEIGHTS, Weights, translated
from .rarity import Counts
from .regional import of_regions
from .request import Match
from .segmentation import cut
from .synonyms import Synonyms
from .synonyms import others as synonyms_of
from .text import (
    IS_HAN,
    RUN,
    STOP_CHARACTERS,
    grains,
    latin,
    normal,
    pairs,
    script,
    tokens,
)

SENTENCE = re.compile(r"(?:\.(?!\d)|[!?;:。！？；：\n])\s*")  # ends the first, which is the title
PARTICLE = "的"
MOST_TIMES = 10  # a word repeated more often tells nothing more
Telling = Callable[[Sequence[str]], Mapping[str, float]]
NO_WORDS = lexicon.FUNCTION_WORDS | STOP_CHARACTERS | {""}


@dataclass(frozen=True)
class Concept:
    """One thing asked for: any of its alternatives will do, each for what it is worth. `share` is
    how much of all that is asked a document says with it, from 0 to 1, in the language where it
    stands; 0 for all where that does not count."""

    source: str
    alternatives: tuple[lexicon.Alternative, ...]
    weight: float = 1.0
    share: float = 0.0

    @property
    def said(self) -> bool:
        """It stands in the query as such, and not only as what a word of it means elsewhere."""
        return any(a.origin != "translation" for a in self.alternatives)


@dataclass(frozen=True)
class Scores:
    """What concepts and lifts score in the entries of a generation, so that it need not be reckoned
    again when more lifts are asked for: arrays, as PostgreSQL writes and reads them."""

    generation: int
    concepts: Sequence[Concept]
    lifts: Sequence[Concept]
    arrays: Sequence[str]  # entries, their scores, and how many concepts are found in each

    def serve(self, generation: int, plan: Plan) -> bool:
        return (
            self.generation == generation
            and self.concepts is plan.concepts
            and list(self.lifts) == list(plan.lifts[: len(self.lifts)])
        )


@dataclass(frozen=True)
class Plan:
    """`concepts` find; `lifts` only bring up what is found: the words of `phrases`, and those of
    the class that is `named`, if any."""

    concepts: Sequence[Concept] = ()
    lifts: Sequence[Concept] = ()
    named: classes.Named | None = None
    phrases: Sequence[Sequence[str]] = ()
    without: Sequence[str] = ()
    without_phrases: Sequence[Sequence[str]] = ()
    without_numbers: Sequence[str] = ()
    apart: Mapping[str, Sequence[str]] = field(default_factory=dict)  # values that must not be
    numbers: Sequence[str] = ()  # office and digits, where the text is a patent number or has any
    filters: Mapping[str, Sequence[str]] = field(default_factory=dict)
    impossible: bool = False  # asks for what cannot be, such as trl:12
    warnings: Sequence[str] = ()  # of what cannot be, each with a right form
    scores: Scores | None = None  # of what was asked for before the last lifts
    counts: Counts | None = None  # of the tokens, as they were looked up to plan

    @property
    def empty(self) -> bool:
        return not (self.concepts or self.phrases or self.numbers)

    def counted_in(self, generation: Generation) -> Counts:
        """What is known of tokens there, with what was looked up to plan."""
        known = self.counts
        return known if known and known.generation == generation else Counts(generation)


def plan(
    text: str,
    telling: Telling,
    match: Match = "best",
    weights: Weights = WEIGHTS,
    synonyms: Synonyms = lambda tokens: (),
) -> Plan:
    """Never raises. `telling` gives what tokens tell in the index, of long texts and translations.

    Grains only help to rank: they are no part of it where each word must be there or nearly so."""
    query = parsed(text)
    if match == "all":
        concepts = required(query.plain, telling, weights, synonyms)
    else:
        concepts = wished(query.plain, telling, match, weights, synonyms)
        if match == "best":
            concepts = shared(concepts, set(of_words(query.plain)))
    named = classes.named(query.plain) if match == "best" else None
    if named and named.likeness <= weights.named_from:
        named = None
    return Plan(
        concepts=concepts,
        lifts=[
            *(Concept(t, (lexicon.Alternative(t, 1.0, "word"),)) for t in spoken(query.phrases)),
            *(lifted_by(named, sum(c.weight for c in concepts), weights) if named else ()),
        ],
        named=named,
        phrases=query.phrases,
        without=query.without,
        without_phrases=query.without_phrases,
        without_numbers=query.without_numbers,
        apart=query.apart,
        numbers=query.numbers,
        filters=query.filters,
        impossible=query.impossible,
        warnings=query.warnings,
    )


def wished(
    plain: str, telling: Telling, match: Match, weights: Weights, synonyms: Synonyms
) -> list[Concept]:
    """What the text asks for, where some of it will do."""
    counted = weighed(plain, telling, match, weights)
    asked = [(t, weight, True) for t, weight in counted.items()]
    # Tokens of Chinese are pairs of characters: what they mean, words tell.
    meant = Counter(lexicon.words(plain)).most_common(MOST_TERMS)
    asked += [(t, float(min(n, MOST_TIMES)), False) for t, n in meant]
    unsure = [t for t, _, said in asked if not (said and IS_HAN.match(t))]
    # A fuzzy query looks for what may be misspelt, which no table of words translates.
    others = {} if match == "fuzzy" else lexicon.in_other_language(unsure, script(plain))
    phrases = {} if match == "fuzzy" else said_together(plain, counted)
    words = len(others) + sum(t.replace(".", "").isdigit() for t in unsure)  # numbers find too
    # All at once: the engines ask for these too.
    known = telling([*parts_of(others), *parts_meant(phrases), *counted])
    meant_together = halves(phrases, known, words, weights)
    same = {} if match == "fuzzy" else of_synonyms(plain, synonyms(list(counted)))
    return [
        Concept(t, alternatives, weight)
        for t, weight, said in asked
        if (
            alternatives := (
                *([lexicon.Alternative(t, 1.0, "word"), *same.get(t, ())] if said else ()),
                *translated(
                    () if said and IS_HAN.match(t) else others.get(t, ()),
                    known,
                    words,
                    lexicon.parts(t),
                    weights,
                ),
                *(meant_together.get(t, ()) if said else ()),
            )
        )
    ]


def required(plain: str, telling: Telling, weights: Weights, synonyms: Synonyms) -> list[Concept]:
    """What the text asks for, where each word has to be there: itself, a synonym, or what it
    surely means in the other language. Each alternative has to be there as a whole."""
    asked = dict(list(touching(plain).items())[:MOST_TERMS])
    words = list(dict.fromkeys(word for group in asked.values() for word in group))
    sure = {
        word: [a for a in others if a.weight >= SURE]
        for language in ("en", "zh")
        for word, others in lexicon.expand(words, language).items()
    }
    phrases = {
        stems: [a for a in others if a.weight >= SURE]
        for stems, others in said_together(plain, asked).items()
    }
    known = telling([*parts_of(sure), *parts_meant(phrases), *asked])
    same = of_synonyms(plain, synonyms(list(asked)))
    meant_together = halves(phrases, known, len(asked), weights)
    return [
        Concept(
            token,
            (
                lexicon.Alternative(token, 1.0, "word"),
                *same.get(token, ()),
                *together(
                    [
                        translated(sure.get(w, ()), known, len(asked), lexicon.parts(w), weights)
                        for w in near
                    ]
                ),
                *meant_together.get(token, ()),
            ),
        )
        for token, near in asked.items()
    ]


def parts_of(others: Mapping[str, Sequence[lexicon.Alternative]]) -> list[str]:
    """The tokens of words that are translated, and of their translations."""
    return [*parts_meant(others), *(p for word in others for p in lexicon.parts(word))]


def parts_meant(others: Mapping[Any, Sequence[lexicon.Alternative]]) -> list[str]:
    """The tokens of translations."""
    return [p for group in others.values() for a in group for p in a.parts]


def together(groups: Sequence[Sequence[lexicon.Alternative]]) -> list[lexicon.Alternative]:
    """One of each group, in all ways."""
    if len(groups) == 1:
        return list(groups[0])
    return [
        replace(
            one[0],
            token=" ".join(a.token for a in one),
            weight=min(a.weight for a in one),
            terms=tuple(term for a in one for term in a.asked),
        )
        for one in product(*groups)
    ]


def touching(plain: str) -> dict[str, tuple[str, ...]]:
    """The tokens that have to be there, each with the words that it is of."""
    found: dict[str, tuple[str, ...]] = {}
    for run in RUN.findall(normal(plain)):
        if IS_HAN.match(run):
            words = cut(run, lexicon.chance, lexicon.RARE)
            of_run = signs(words) or dict.fromkeys(pairs(run), (run,))
        else:
            of_run = {token: (token,) for token in latin(run)}
        for token, words_of in of_run.items():
            found.setdefault(token, words_of)
    return found


def signs(words: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Two Chinese words may stand apart in a text, so the pair of signs where they meet need not
    be there, unless one is a single sign, which says little by itself."""
    found: dict[str, tuple[str, ...]] = {}
    padded = ["", *words, ""]
    for before, word, after in zip(padded, padded[1:], padded[2:], strict=False):
        if word in NO_WORDS:
            continue
        if len(word) > 1:
            found.update((pair, (word,)) for pair in pairs(word))
        elif before in NO_WORDS and after in NO_WORDS:
            found[word] = (word,)
        if after not in NO_WORDS and 1 in (len(word), len(after)):
            found.setdefault(word[-1] + after[0], (word, after))
    return found


def of_synonyms(
    plain: str, groups: Sequence[Sequence[str]]
) -> dict[str, list[lexicon.Alternative]]:
    """For each token of a word that has synonyms, or another name in Taiwan, its part of them."""
    found: dict[str, list[lexicon.Alternative]] = {}
    for word, own, others in synonyms_of(plain, [*groups, *of_regions(plain)]):
        for other in others:
            parts = tokens(other)
            each = SYNONYM / len(own) / len(parts)
            terms = tuple((part, each) for part in parts)
            same = lexicon.Alternative(other, SYNONYM, "synonym", terms, stands_for=word)
            for token in own:
                found.setdefault(token, []).append(same)
    return found


def lifted_by(named: classes.Named, asked: float, weights: Weights) -> list[Concept]:
    """The words of the class, all together worth what the query asks for times how surely it
    names the class."""
    sure = (named.likeness - weights.named_from) / (1 - weights.named_from)
    return [
        Concept(t, (lexicon.Alternative(t, 1.0, "class"),), weights.named * sure * asked * share)
        for t, share in named.words
    ]


def of_words(plain: str) -> list[str]:
    """The tokens without pairs of signs where a word meets 的: rare ones told most of all."""
    found = tokens(plain)
    return [t for t in found if PARTICLE not in t or lexicon.chance(t) is not None] or found


def weighed(plain: str, telling: Telling, match: Match, weights: Weights) -> dict[str, float]:
    """What each token counts, by how often it is said; of a long text the most telling ones."""
    proper = of_words(plain)
    beside = grains(plain) if match == "best" else []
    counted = {t: float(min(n, MOST_TIMES)) for t, n in Counter([*proper, *beside]).items()}
    for grain in set(beside) - set(proper):
        counted[grain] *= weights.character if len(grain) == 1 else weights.long_word
    if len(counted) <= LONG_TEXT:
        return counted
    for token in counted.keys() & tokens(SENTENCE.split(plain.strip(), maxsplit=1)[0]):
        counted[token] *= weights.title
    known = telling(list(counted))
    # What the index does not hold may have a translation that it does.
    unknown = max(known.values(), default=1.0) / 2
    worth = {t: known.get(t, unknown) for t in counted}
    best = sorted(counted, key=lambda t: (-worth[t], t))[:MOST_TERMS]
    top = worth[best[0]] or 1.0
    return {t: counted[t] * (worth[t] / top) ** weights.long_text_power for t in best}
