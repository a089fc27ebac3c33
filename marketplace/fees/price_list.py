"""What the marketplace takes: rows of the rule book, less what an organisation's programmes leave.

Only rows that two operators have confirmed are taken: a provisional number is shown, never charged.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from marketplace.accounts.models import Organisation
from marketplace.core.money import BASIS_POINTS, Money, portion
from marketplace.programmes.services import effects
from marketplace.rulebook.engine import Answer, ask


@dataclass(frozen=True)
class Price:
    """Of one organisation on one day. The commission is in basis points of what is paid to it, the
    listing fee is asked once a listing; `rules` are the rows that both rest on."""

    commission_bp: int
    listing_fee: Money | None
    rules: tuple[str, ...]


def price(organisation: Organisation, *, on: date) -> Price:
    """What is taken. A reduction is rounded in favour of the organisation."""
    commission, listing = (
        ask(f"fee.{name}", on=on, jurisdiction="any") for name in ("commission", "listing")
    )
    left = effects(organisation, on=on, confirmed=True)
    rate = commission.value.rate_bp if taken(commission) else 0
    fee = listing.value.amount if taken(listing) else 0
    fee = portion(fee, left.listing_fee_bp, BASIS_POINTS)
    return Price(
        portion(rate, left.commission_bp, BASIS_POINTS),
        Money(fee, listing.value.currency) if fee else None,
        (*(rule for one in (commission, listing) if taken(one) for rule in one.rules), *left.rules),
    )


def takes_listing_fee(*, on: date) -> bool:
    """Whether anybody pays one that day."""
    return taken(ask("fee.listing", on=on, jurisdiction="any"))


def taken(answer: Answer) -> bool:
    return answer.value is not None and answer.confirmed
