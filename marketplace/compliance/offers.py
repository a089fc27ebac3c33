"""What an offer means before it is accepted: what the licensor receives of it, what the linter
finds, whether its law and seat may be chosen. The same for both sides."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from marketplace.core.calendar import day_of
from marketplace.core.money import Money
from marketplace.deals.models import Deal
from marketplace.negotiation.models import Offer
from marketplace.negotiation.terms import Terms
from marketplace.patents.models import Patent
from marketplace.rulebook.clauses import Finding, Sides, lint
from marketplace.rulebook.engine import Answer
from marketplace.rulebook.facts import TermSheet, place
from marketplace.rulebook.governing_law import AWAY, choice
from marketplace.rulebook.tax import Quote, TaxedPayment, gross_up, quote

from .facts import party_of, taxed
from .from_deals import fixed_amount, patents_named, term_sheet
from .models import Dossier

SEATS = {"Hong Kong": "HK", "Macao": "MO"}


@dataclass(frozen=True)
class Weighed:
    """`gross_to_net` is None where nothing is fixed, or it is no payment from the mainland abroad;
    `law` and `seat` where they are not those of Hong Kong or Macao."""

    gross_to_net: Quote | None
    findings: list[Finding]
    law: Answer | None
    seat: Answer | None


def weigh(deal: Deal, offers: Iterable[Offer], now: datetime) -> dict[int, Weighed]:
    """By the number of each offer, as of today."""
    read = {one.number: Terms.model_validate(one.terms) for one in offers}
    patents = patents_named(pk for terms in read.values() for pk in terms.patents)
    dossier: Dossier | None = getattr(deal, "dossier", None)
    said = dossier.licensor_tax if dossier else {}
    sides = Sides(taxed(party_of(deal.licensor), said), party_of(deal.buyer))
    return {
        number: weighed(deal, terms, sides, patents, day_of(now)) for number, terms in read.items()
    }


def weighed(
    deal: Deal, terms: Terms, sides: Sides, patents: Mapping[UUID, Patent], on: date
) -> Weighed:
    sheet = term_sheet(deal.listing, terms, patents, on=on)
    parties = [sides.licensor, sides.licensee]
    law, seat = terms.governing_law, SEATS.get(place(terms.seat), "")
    return Weighed(
        gross_to_net=net_of(terms, sheet, sides, on),
        findings=lint(sheet, sides, on=on),
        law=choice("law", law, parties, on=on) if law in AWAY else None,
        seat=choice("seat", seat, parties, on=on) if seat else None,
    )


def net_of(terms: Terms, sheet: TermSheet, sides: Sides, on: date) -> Quote | None:
    amount = fixed_amount(terms)
    leaves = sides.licensee.jurisdiction == "CN" and sides.licensor.jurisdiction != "CN"
    if amount is None or not leaves:
        return None
    reckoned = gross_up if terms.gross_up else quote
    payment = TaxedPayment(on, sides.licensee, sides.licensor, sheet.kind)
    return reckoned(Money(amount, terms.currency), payment)
