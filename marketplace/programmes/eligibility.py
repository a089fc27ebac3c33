"""Whether an organisation may take part in a programme: the tests of the row, on its facts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from marketplace.accounts.models import Organisation
from marketplace.rulebook.engine import Answer, ask, reason, resting_on
from marketplace.rulebook.facts import place
from marketplace.rulebook.parameters import Test

from .models import ReviewState

SAID = ("founder_age", "years_since_founding")  # what only the applicant can say


def facts_of(organisation: Organisation, said: Mapping[str, Any], on: date) -> dict[str, Any]:
    certificate = organisation.supplier_certificates.filter(
        state=ReviewState.APPROVED, expires_on__gte=on
    )
    return {
        "jurisdiction": organisation.jurisdiction,
        "city": place(organisation.city),
        "zone": place(organisation.zone),
        "hk_macao_invested": organisation.hk_macao_invested,
        "hkss_certificate": certificate.exists(),
        **{name: said.get(name) for name in SAID},
    }


def passes(test: Test, facts: Mapping[str, Any]) -> bool:
    """What is not known fails."""
    value = facts[test.fact]
    if value is None:
        return False
    return (
        (test.is_ is None or value is test.is_)
        and (test.among is None or value in test.among)
        and (test.at_least is None or value >= test.at_least)
        and (test.at_most is None or value <= test.at_most)
    )


def eligible(programme: str, facts: Mapping[str, Any], *, on: date) -> Answer:
    """True or False with a reason for every test that fails; None where no such programme is."""
    row = ask(f"programme.{programme}", on=on, jurisdiction="any")
    if row.value is None:
        return row
    failed = [test for test in row.value.all if not passes(test, facts)]
    why = [reason(f"programme.fails.{test.fact}") for test in failed]
    return resting_on(row.key, on, not failed, [row], also=why)
