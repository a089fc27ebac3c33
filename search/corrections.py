"""Did you mean, and search as you type: both from the words of the index itself."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from rapidfuzz.distance import DamerauLevenshtein
from rapidfuzz.process import extractOne

from marketplace.core.language import to_simplified, to_traditional

from .lexicon import Alternative
from .models import Generation, Term, Word
from .plan import Plan
from .query_language import PART, quoted
from .text import HAN, IS_HAN, MAX_WORD, STOP_WORDS, normal, tokens

WORD = re.compile(r"[^\W\d_]{4,}")
MOST_CANDIDATES = 20_000
MOST_SIMILAR, MOST_PREFIXED = 20, 30  # terms that stand for one word
MOST_TYPED = 200  # characters; a longer text is not corrected
LAST = re.compile(rf"(?:[{HAN}]+|[^\s{HAN}]+)$")
LONGEST_ENDING = 6


def did_you_mean(generation: Generation, text: str) -> str | None:
    """The text with unknown Latin words as the index writes them; None where nothing is better.
    Names of fields and their values stay, and so does what must not be there."""
    if len(text) > MOST_TYPED:
        return None

    def mended(part: re.Match[str]) -> str:
        if part["minus"] or part["name"]:
            return part.group()
        return WORD.sub(lambda word: nearest(generation, word.group()), part.group())

    said = quoted(text)
    changed = PART.sub(mended, said)
    return changed if changed != said else None


def nearest(generation: Generation, word: str) -> str:
    wanted = unicodedata.normalize("NFKC", word).lower()
    if IS_HAN.search(wanted) or wanted in STOP_WORDS or len(wanted) > MAX_WORD:
        return word
    spread = most_edits(wanted)
    known = Word.objects.filter(generation=generation, entries__gt=0)
    if known.filter(word=wanted).exists():
        return word
    candidates = known.filter(word__regex=about_as_long(wanted))
    words = candidates.order_by("-entries").values_list("word", flat=True)[:MOST_CANDIDATES]
    found = extractOne(wanted, list(words), scorer=DamerauLevenshtein.distance, score_cutoff=spread)
    return str(found[0]) if found else word


def most_edits(word: str) -> int:
    """How many a misspelling of the word may have."""
    return 1 if len(word) < 6 else 2


def about_as_long(word: str) -> str:
    return f"^.{{{len(word) - most_edits(word)},{len(word) + most_edits(word)}}}$"


def similar_terms(generation: Generation, token: str) -> list[tuple[int, str]]:
    """Terms of the index within an edit or two, as a fuzzy query wants them; the nearest first."""
    if len(token) < 3 or IS_HAN.search(token):
        return []
    spread = most_edits(token)
    rows = Term.objects.filter(
        generation=generation,
        entries__gt=0,
        term__startswith=token[0],  # seldom the wrong one, and it makes the look-up short
        term__regex=about_as_long(token),
    ).values_list("term", flat=True)
    near = [(d, t) for t in rows.iterator() if 0 < (d := distance(token, t, spread)) <= spread]
    return sorted(near)[:MOST_SIMILAR]


def distance(a: str, b: str, most: int) -> int:
    return int(DamerauLevenshtein.distance(a, b, score_cutoff=most))


def with_similar(generation: Generation, plan: Plan) -> Plan:
    """Beside each word those within an edit or two, each worth less the farther it is. They count
    as common as the commonest of them, or the rarest other misspelling would come first."""
    near = {c.source: similar_terms(generation, c.source) for c in plan.concepts}
    terms = [*near, *(term for found in near.values() for _, term in found)]
    rare = plan.counted_in(generation).telling(terms)
    return replace(
        plan,
        concepts=[
            replace(
                concept, alternatives=(*concept.alternatives, *spelt(concept.source, found, rare))
            )
            for concept in plan.concepts
            for found in [near[concept.source]]
        ],
    )


def spelt(
    word: str, near: Sequence[tuple[int, str]], rare: Mapping[str, float]
) -> Iterator[Alternative]:
    known = [(edits, term) for edits, term in near if rare.get(term)]
    common = min(
        (rare[t] for t in [word, *(term for _, term in known)] if rare.get(t)), default=1.0
    )
    for edits, term in known:
        worth = 1 - edits / len(word)
        yield Alternative(term, worth, "similar", ((term, worth * common / rare[term]),))


def completions(generation: Generation, typed: str, limit: int) -> list[str]:
    """What is typed with its last word gone on from, the commonest first. Chinese has no spaces, so
    there the longest ending that begins a word is gone on from, in the script that is typed."""
    last = LAST.search(typed)
    if last is None:
        return []
    known = Word.objects.filter(generation=generation, entries__gt=0)
    for ending in endings(last.group()):
        wanted = normal(ending)
        found = known.filter(word__startswith=wanted).exclude(word=wanted)
        words = list(found.order_by("-entries", "word").values_list("word", flat=True)[:limit])
        if words:
            start = typed[: len(typed) - len(ending)]
            traditional = to_simplified(typed) != typed
            return [start + (to_traditional(w) if traditional else w) for w in words]
    return []


def endings(run: str) -> list[str]:
    """The run itself where it is Latin; of Chinese, its last characters, the most first."""
    if IS_HAN.match(run):
        return [run[-n:] for n in range(min(len(run), LONGEST_ENDING), 0, -1)]
    return [run] if 2 <= len(run) <= MAX_WORD else []


def prefixed_terms(generation: Generation, prefix: str) -> list[str]:
    """Terms that begin with the last token typed."""
    asked = tokens(prefix)
    if not asked:
        return []
    rows = Term.objects.filter(generation=generation, entries__gt=0, term__startswith=asked[-1])
    return list(rows.order_by("-entries", "term").values_list("term", flat=True)[:MOST_PREFIXED])
