"""Where a party can be paid, and opening an account at Stripe where the capability table allows."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.db import transaction

from marketplace.accounts.models import Organisation
from marketplace.accounts.viewer import Viewer
from marketplace.core.errors import Conflict
from marketplace.core.territory import territory
from marketplace.ledger.selectors import finance_party_for

from .bank_accounts import bank_account_of, waiting_accounts
from .gateway import Gateway
from .models import PayoutAccount
from .routes import Rail, payout_rail


@dataclass(frozen=True)
class PayoutStatus:
    """How a party is paid in a currency; where `missing` is empty it can be paid now."""

    organisation: Organisation
    currency: str
    rail: Rail
    reason: str
    account: PayoutAccount | None
    missing: tuple[str, ...]


def payout_status(viewer: Viewer, organisation_id: UUID, currency: str) -> PayoutStatus:
    """For the finance of the party and operators; NotFound for all others."""
    organisation = finance_party_for(viewer, organisation_id)
    account = PayoutAccount.objects.filter(organisation=organisation).first()
    rail, reason = payout_rail(
        account.country if account else organisation.jurisdiction,
        transfers_enabled=bool(account and account.transfers_enabled),
    )
    missing = () if rail == "stripe_transfer" else tuple(missing_for_wire(organisation, currency))
    return PayoutStatus(organisation, currency, rail, reason, account, missing)


def missing_for_wire(organisation: Organisation, currency: str) -> list[str]:
    if waiting_accounts().filter(organisation=organisation, currency=currency).exists():
        return [f"An operator's approval of the new bank details in {currency}."]
    if bank_account_of(organisation.pk, currency) is None:
        return [f"Bank details in {currency}."]
    return []


@transaction.atomic
def payout_onboard_begin(*, viewer: Viewer, organisation_id: UUID, country: str) -> PayoutAccount:
    """The party's account row, for one country. Conflict where no transfer can go there."""
    organisation = finance_party_for(viewer, organisation_id)
    viewer.require_user()
    code = territory(country, field=("country",))
    rail, reason = payout_rail(code, transfers_enabled=True)
    if rail != "stripe_transfer":
        raise Conflict(f"{reason} Enter bank details instead.", field=("country",))
    account, _ = PayoutAccount.objects.select_for_update().get_or_create(
        organisation=organisation, defaults={"country": code}
    )
    if account.country != code and account.stripe_account:
        raise Conflict(f"There is an account in {account.country} already.", field=("country",))
    account.country = code
    account.save(update_fields=["country", "updated_at"])
    return account


def payout_onboard_link(account_id: UUID, gateway: Gateway, *, return_url: str) -> str:
    """Where the party tells Stripe who it is; the link works once and for minutes. The account is
    made with the first link, and kept."""
    account = PayoutAccount.objects.get(pk=account_id)
    there, url = gateway.account_onboard(
        account=account.stripe_account or "",
        country=account.country,
        metadata={"organisation": str(account.organisation_id)},
        return_url=return_url,
        key=f"account:{account.pk}:{account.country}",
    )
    PayoutAccount.objects.filter(pk=account_id).update(
        stripe_account=there.id, transfers_enabled=there.transfers_enabled
    )
    return url
