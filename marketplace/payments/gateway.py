"""What we ask of a payment service, in our own words. No type of Stripe's goes further than
stripe_gateway.py; amounts are minor units, currencies capital ISO codes.

* GatewayError
  - Unknown     no answer, or none that says what happened: ask again with the same key
  - Refused     the answer is no, and asking again changes nothing
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from marketplace.core.money import Money
from marketplace.core.outbox import Terminal

KEYS_LAST = timedelta(hours=24)  # then Stripe may forget an idempotency key


class GatewayError(Exception):
    """Something went wrong on the way to the payment service or there."""


class Unknown(GatewayError):
    """Time-out, broken connection, 409, 429 or 5xx: it may have happened or not."""


class Refused(GatewayError, Terminal):
    """Invalid request, no permission, declined, or a key used for something else."""

    def __init__(self, message: str, *, code: str = "") -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True)
class BalanceTransaction:
    """A movement of the balance there; `net` = `amount` - `fee`."""

    id: str
    kind: str
    source: str
    amount: Money
    fee: int
    created: datetime

    @property
    def net(self) -> int:
        return self.amount.amount - self.fee


@dataclass(frozen=True)
class PaymentState:
    """`status` as the service has it: requires_payment_method, requires_action, processing,
    requires_capture, succeeded, canceled. `refunds`: their ids there by ours."""

    id: str
    status: str
    amount: Money
    received: int
    metadata: Mapping[str, str]
    client_secret: str = ""
    charge: str = ""
    method: str = ""
    failure: str = ""
    capture_before: datetime | None = None
    refunds: Mapping[str, str] = field(default_factory=dict)
    transaction: BalanceTransaction | None = None


@dataclass(frozen=True)
class RefundState:
    """`status`: pending, succeeded, failed, canceled, requires_action."""

    id: str
    status: str
    amount: Money
    payment: str
    metadata: Mapping[str, str]
    transaction: BalanceTransaction | None = None
    failure_transaction: BalanceTransaction | None = None


@dataclass(frozen=True)
class DisputeState:
    """`status`: warning_*, needs_response, under_review, won, lost, prevented."""

    id: str
    status: str
    amount: Money
    payment: str
    transactions: tuple[BalanceTransaction, ...] = ()


@dataclass(frozen=True)
class TransferState:
    id: str
    amount: Money
    destination: str
    group: str
    metadata: Mapping[str, str]
    reversed: int = 0
    transaction: BalanceTransaction | None = None


@dataclass(frozen=True)
class ReversalState:
    id: str
    amount: Money
    transaction: BalanceTransaction | None = None


@dataclass(frozen=True)
class AccountState:
    id: str
    country: str
    transfers_enabled: bool
    payouts_enabled: bool


@dataclass(frozen=True)
class EventHint:
    """That something happened to an object there; what, one reads from the object itself."""

    id: str
    kind: str
    object_id: str
    created: datetime
    livemode: bool
    api_version: str
    account: str = ""


@dataclass(frozen=True)
class Balance:
    """`pending` + `available` by currency, minor units."""

    total: Mapping[str, int] = field(default_factory=dict)


class Gateway(Protocol):
    def payment_create(
        self, amount: Money, *, group: str, hold: bool, metadata: Mapping[str, str], key: str
    ) -> PaymentState: ...
    def payment_read(self, payment: str) -> PaymentState: ...
    def payment_capture(self, payment: str, *, amount: int, key: str) -> PaymentState: ...
    def payment_cancel(self, payment: str, *, key: str) -> PaymentState: ...
    def refund_create(
        self, payment: str, *, amount: int, metadata: Mapping[str, str], key: str
    ) -> RefundState: ...
    def refund_read(self, refund: str) -> RefundState: ...
    def dispute_read(self, dispute: str) -> DisputeState: ...
    def transfer_create(
        self,
        amount: Money,
        *,
        destination: str,
        group: str,
        source_charge: str,
        metadata: Mapping[str, str],
        key: str,
    ) -> TransferState: ...
    def transfers_find(self, group: str) -> list[TransferState]: ...
    def transfer_reverse(self, transfer: str, *, amount: int, key: str) -> ReversalState: ...
    def account_onboard(
        self,
        *,
        country: str,
        metadata: Mapping[str, str],
        return_url: str,
        key: str,
        account: str = "",
    ) -> tuple[AccountState, str]: ...
    def account_read(self, account: str) -> AccountState: ...
    def events(self, since: datetime) -> Iterator[EventHint]: ...
    def balance_transactions(
        self, *, since: datetime | None = None, source: str = ""
    ) -> Iterator[BalanceTransaction]: ...
    def balance(self) -> Balance: ...
