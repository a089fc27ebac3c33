"""How long a patent lasts at most: dated and cited rows, from the particular to the general.

Years count from the day of filing. What prolongs a term (adjustment, extension, certificates) is
not here, so a patent that has one counts as ended too early. `sure` is False where
the row comes from general knowledge and was not checked.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from marketplace.core.calendar import months_after

from .models import Patent


@dataclass(frozen=True)
class Term:
    form: re.Pattern[str]  # of a publication in DOCDB form
    filed_from: date
    years: int | None  # None: counted otherwise, so we do not say
    source: str
    sure: bool


def term(form: str, filed_from: date, years: int | None, source: str, sure: bool) -> Term:
    return Term(re.compile(form), filed_from, years, source, sure)


EVER = date.min
TERMS: Sequence[Term] = (
    term(r"CN\..*\.[UY]\d?", EVER, 10, "Patent Law of China, article 42", False),
    term(r"CN\..*\.[SD]\d?", date(2021, 6, 1), 15, "Patent Law of China 2020, article 42", False),
    term(r"CN\..*\.[SD]\d?", EVER, 10, "Patent Law of China 2008, article 42", False),
    term(r"HK\.3\d{7}\b.*", EVER, 8, "ip.gov.hk: short-term patents", True),
    term(r"[A-Z]{2}\..*\.U\d?", EVER, 10, "usual term of utility models", False),
    term(r"[A-Z]{2}\.(D\d.*|.*\.S\d?)", EVER, None, "designs: terms differ", False),
    term(r".*", EVER, 20, "TRIPS, article 33; ip.gov.hk: standard patents", True),
)


def term_ends(patent: Patent) -> date | None:
    """The day on which it is over at the latest; None where that cannot be said.

    Without the day of filing, its publication or grant bounds the term: filing came before."""
    filed = patent.filing_date or patent.publication_date or patent.grant_date
    if filed is None:
        return None
    names = [patent.docdb, *patent.publication_numbers]
    found = next(
        term
        for term in TERMS
        if filed >= term.filed_from and any(term.form.fullmatch(name) for name in names)
    )
    return None if found.years is None else months_after(filed, 12 * found.years)
