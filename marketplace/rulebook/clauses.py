"""The linter of terms: each check is a row `clause.*` and a function that finds it in a term sheet.

A finding carries what was found, how severe it is and a suggested wording."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from marketplace.core.language import to_simplified

from .engine import Answer, Reason, ask, spoken
from .facts import CoveringPatent, GrantBack, Party, TermSheet
from .files import phrases
from .parameters import Clause


@dataclass(frozen=True)
class Sides:
    licensor: Party
    licensee: Party


@dataclass(frozen=True)
class Finding:
    """`code` is the last word of the rule's key; `words` are those of a free clause that were found
    rather than a term."""

    code: str
    severity: str
    reason: Reason
    wording: Reason
    answer: Answer
    words: tuple[str, ...] = ()


Facts = dict[str, object]
Check = Callable[[TermSheet, Sides], Facts | None]  # what fills the sentence; None: nothing found


def last_patent(terms: TermSheet) -> date | None:
    """When the last patent that covers a territory of the licence ends."""
    days = [patent.expires_on for patent in covering(terms)]
    return max(days, default=None)


def covering(terms: TermSheet) -> list[CoveringPatent]:
    return [patent for patent in terms.patents if patent.territory in terms.territories]


def royalty_after_expiry(terms: TermSheet, sides: Sides) -> Facts | None:
    end = last_patent(terms)
    runs = terms.royalty_until or terms.ends_on
    if not terms.royalty or end is None or (terms.know_how and terms.know_how_royalty_bp):
        return None
    if runs is not None and runs <= end:
        return None
    return {"royalty_until": runs or "-", "patent_until": end, "rate": "…"}


def period_beyond_patent(terms: TermSheet, sides: Sides) -> Facts | None:
    end = last_patent(terms)
    if end is None or terms.know_how or (terms.ends_on is not None and terms.ends_on <= end):
        return None
    return {"period_until": terms.ends_on or "-", "patent_until": end}


def grant_back_free(terms: TermSheet, sides: Sides) -> Facts | None:
    """Unpaid in any form, or one-sided where it takes the improvement away."""
    takes = terms.grant_back in (GrantBack.EXCLUSIVE, GrantBack.ASSIGNMENT)
    one_sided = takes and not terms.licensor_gives_improvements
    given = terms.grant_back != GrantBack.NONE
    return {} if given and (not terms.grant_back_paid or one_sided) else None


def grant_back_export(terms: TermSheet, sides: Sides) -> Facts | None:
    leaves = sides.licensee.jurisdiction == "CN" and sides.licensor.jurisdiction != "CN"
    return {} if terms.grant_back != GrantBack.NONE and leaves else None


def gross_up_missing(terms: TermSheet, sides: Sides) -> Facts | None:
    crosses = sides.licensee.jurisdiction == "CN" and sides.licensor.jurisdiction != "CN"
    return {} if crosses and terms.gross_up is None else None


def know_how_only(terms: TermSheet, sides: Sides) -> Facts | None:
    covered = {patent.territory for patent in terms.patents if patent.expires_on >= terms.starts_on}
    bare = [one for one in terms.territories if one not in covered]
    return {"territory": ", ".join(bare)} if terms.patents and bare else None


CHECKS: dict[str, Check] = {
    "royalty_after_expiry": royalty_after_expiry,
    "period_beyond_patent": period_beyond_patent,
    "grant_back_free": grant_back_free,
    "grant_back_export": grant_back_export,
    "no_challenge": lambda terms, sides: {} if terms.no_challenge else None,
    "ban_competing": lambda terms, sides: {} if terms.bans_competing else None,
    "ban_improving": lambda terms, sides: {} if terms.bans_improving else None,
    "tying": lambda terms, sides: {"tied": ", ".join(terms.tied)} if terms.tied else None,
    "unreasonable_limits": lambda terms, sides: (
        {"limits": ", ".join(terms.limits)} if terms.limits else None
    ),
    "gross_up_missing": gross_up_missing,
    "know_how_only": know_how_only,
}
OURS = {"gross_up_missing", "know_how_only"}  # rules of this marketplace, not of the mainland


def lint(terms: TermSheet, sides: Sides, *, on: date) -> list[Finding]:
    """What the rule book finds in the terms, in the order of CHECKS. A check whose rule is not in
    force on that day finds nothing."""
    found = []
    for code, check in CHECKS.items():
        facts = check(terms, sides)
        words = () if facts is not None else words_of(code, terms.special)
        if words:
            facts = {"tied": ", ".join(words), "limits": ", ".join(words)}
        if facts is None:
            continue
        answer = ask(f"clause.{code}", on=on, jurisdiction="any" if code in OURS else "CN")
        if answer.value is not None:
            found.append(finding(code, answer, facts, words))
    return found


def words_of(code: str, special: str) -> tuple[str, ...]:
    """The words in a free clause that point to a check."""
    plain = to_simplified(unicodedata.normalize("NFKC", special)).lower()
    return tuple(
        dict.fromkeys(
            match.group() for phrase in phrases().get(code, ()) for match in phrase.finditer(plain)
        )
    )


def finding(code: str, answer: Answer, facts: Facts, words: tuple[str, ...]) -> Finding:
    clause: Clause = answer.value
    filled = tuple((name, str(value)) for name, value in facts.items())
    wording = Reason(tuple(clause.wording.items()), answer.rules[0], filled)
    return Finding(code, clause.severity, spoken(answer, **facts), wording, answer, words)
