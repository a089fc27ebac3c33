"""Two words that mean together what neither does alone: "reverse osmosis" is 反渗透 in Chinese; and
the words of phrases that are asked for as such."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from . import lexicon
from .ranking import Weights, translated
from .text import APPLICANT, IS_HAN, script, tokens


def said_together(
    plain: str, asked: Collection[str]
) -> dict[tuple[str, str], list[lexicon.Alternative]]:
    """What two words of an English text mean that stand side by side, where both are asked for."""
    if script(plain) != "en":
        return {}
    return {
        stems: others
        for stems, others in lexicon.phrases(tokens(plain)).items()
        if all(stem in asked for stem in stems)
    }


def halves(
    phrases: Mapping[tuple[str, str], Sequence[lexicon.Alternative]],
    telling: Mapping[str, float],
    words: int,
    weights: Weights,
) -> dict[str, list[lexicon.Alternative]]:
    """For each stem of a phrase, its half of what the phrase means."""
    found: dict[str, list[lexicon.Alternative]] = {}
    for stems, others in phrases.items():
        for one in translated(others, telling, words, weights=weights):
            half = replace(one, terms=tuple((token, weight / 2) for token, weight in one.terms))
            for stem in dict.fromkeys(stems):
                found.setdefault(stem, []).append(half)
    return found


def spoken(phrases: Sequence[Sequence[str]]) -> list[str]:
    """The words by which what has a phrase is ranked, since all of it has that alike. A name says
    nothing of what a document is about."""
    return list(dict.fromkeys(t for one in phrases for t in one if not t.startswith(APPLICANT)))


def written(phrase: Sequence[str], said: Mapping[str, str]) -> str:
    """A phrase as the query has it, whose stems stand there as `said`; two signs of Chinese go on
    where the two before end."""
    found = ""
    for token in (one.removeprefix(APPLICANT) for one in phrase):
        goes_on = IS_HAN.match(token) and found[-1:] == token[0]
        found += token[1:] if goes_on else f" {said.get(token, token)}"
    return found.strip()
