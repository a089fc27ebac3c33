"""Stripe behind the gateway. The only module that knows the SDK."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from functools import cache, wraps
from typing import Any, ParamSpec, TypeVar

import stripe
from django.conf import settings
from stripe._base_address import BaseAddresses

from marketplace.core.errors import Invalid
from marketplace.core.money import Money

from .gateway import (
    AccountState,
    Balance,
    BalanceTransaction,
    DisputeState,
    EventHint,
    PaymentState,
    RefundState,
    Refused,
    ReversalState,
    TransferState,
    Unknown,
)

CONNECT_SECONDS, ANSWER_SECONDS = 3, 20
RETRIES = 2
CLOCK_SKEW_SECONDS = 300
P = ParamSpec("P")
R = TypeVar("R")

stripe.enable_telemetry = False


def asked(call: Callable[P, R]) -> Callable[P, R]:
    """Stripe's errors in our words: what is not a plain no leaves the outcome unknown."""

    @wraps(call)
    def wrapper(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return call(*args, **kwargs)
        except (
            stripe.InvalidRequestError,
            stripe.CardError,
            stripe.PermissionError,
            stripe.AuthenticationError,
            stripe.IdempotencyError,
        ) as error:
            if error.http_status in (409, 429):
                raise Unknown(str(error)) from error
            raise Refused(str(error), code=error.code or type(error).__name__) from error
        except stripe.StripeError as error:
            raise Unknown(f"{type(error).__name__}: {error}") from error

    return wrapper


class StripeGateway:
    def __init__(self, client: stripe.StripeClient) -> None:
        self.v1 = client.v1

    @asked
    def payment_create(
        self, amount: Money, *, group: str, hold: bool, metadata: Mapping[str, str], key: str
    ) -> PaymentState:
        made = self.v1.payment_intents.create(
            {
                "amount": amount.amount,
                "currency": amount.currency.lower(),
                "capture_method": "manual" if hold else "automatic",
                "automatic_payment_methods": {"enabled": True},
                "transfer_group": group,
                "metadata": dict(metadata),
                "expand": ["latest_charge.balance_transaction"],
            },
            {"idempotency_key": key},
        )
        return payment_state(made.to_dict(for_json=True))

    @asked
    def payment_read(self, payment: str) -> PaymentState:
        found = self.v1.payment_intents.retrieve(
            payment, {"expand": ["latest_charge.balance_transaction", "latest_charge.refunds"]}
        )
        return payment_state(found.to_dict(for_json=True))

    @asked
    def payment_capture(self, payment: str, *, amount: int, key: str) -> PaymentState:
        done = self.v1.payment_intents.capture(
            payment,
            {"amount_to_capture": amount, "expand": ["latest_charge.balance_transaction"]},
            {"idempotency_key": key},
        )
        return payment_state(done.to_dict(for_json=True))

    @asked
    def payment_cancel(self, payment: str, *, key: str) -> PaymentState:
        done = self.v1.payment_intents.cancel(payment, {}, {"idempotency_key": key})
        return payment_state(done.to_dict(for_json=True))

    @asked
    def refund_create(
        self, payment: str, *, amount: int, metadata: Mapping[str, str], key: str
    ) -> RefundState:
        made = self.v1.refunds.create(
            {
                "payment_intent": payment,
                "amount": amount,
                "metadata": dict(metadata),
                "expand": ["balance_transaction", "failure_balance_transaction"],
            },
            {"idempotency_key": key},
        )
        return refund_state(made.to_dict(for_json=True))

    @asked
    def refund_read(self, refund: str) -> RefundState:
        found = self.v1.refunds.retrieve(
            refund, {"expand": ["balance_transaction", "failure_balance_transaction"]}
        )
        return refund_state(found.to_dict(for_json=True))

    @asked
    def dispute_read(self, dispute: str) -> DisputeState:
        found = self.v1.disputes.retrieve(dispute).to_dict(for_json=True)
        return DisputeState(
            id=found["id"],
            status=found["status"],
            amount=money(found),
            payment=found.get("payment_intent") or "",
            transactions=tuple(
                one for row in found["balance_transactions"] if (one := transaction(row))
            ),
        )

    @asked
    def transfer_create(
        self,
        amount: Money,
        *,
        destination: str,
        group: str,
        source_charge: str,
        metadata: Mapping[str, str],
        key: str,
    ) -> TransferState:
        wanted: stripe.params.TransferCreateParams = {
            "amount": amount.amount,
            "currency": amount.currency.lower(),
            "destination": destination,
            "transfer_group": group,
            "metadata": dict(metadata),
            "expand": ["balance_transaction"],
        }
        if source_charge:
            wanted["source_transaction"] = source_charge
        made = self.v1.transfers.create(wanted, {"idempotency_key": key})
        return transfer_state(made.to_dict(for_json=True))

    @asked
    def transfers_find(self, group: str) -> list[TransferState]:
        found = self.v1.transfers.list(
            {"transfer_group": group, "limit": 100, "expand": ["data.balance_transaction"]}
        )
        return [transfer_state(one.to_dict(for_json=True)) for one in found.auto_paging_iter()]

    @asked
    def transfer_reverse(self, transfer: str, *, amount: int, key: str) -> ReversalState:
        made = self.v1.transfers.reversals.create(
            transfer,
            {"amount": amount, "expand": ["balance_transaction"]},
            {"idempotency_key": key},
        ).to_dict(for_json=True)
        return ReversalState(made["id"], money(made), transaction(made["balance_transaction"]))

    @asked
    def account_onboard(
        self,
        *,
        country: str,
        metadata: Mapping[str, str],
        return_url: str,
        key: str,
        account: str = "",
    ) -> tuple[AccountState, str]:
        """The account, made unless `account` names it, and a link to be used once."""
        wanted: stripe.params.AccountCreateParams = {
            "country": country,
            "controller": {
                "losses": {"payments": "application"},
                "fees": {"payer": "application"},
                "stripe_dashboard": {"type": "express"},
            },
            "capabilities": {"transfers": {"requested": True}},
            "metadata": dict(metadata),
        }
        known = self.v1.accounts
        made = (
            known.retrieve(account) if account else known.create(wanted, {"idempotency_key": key})
        )
        link = self.v1.account_links.create(
            {
                "account": made.id,
                "type": "account_onboarding",
                "return_url": return_url,
                "refresh_url": return_url,
            }
        )
        return account_state(made.to_dict(for_json=True)), link.url

    @asked
    def account_read(self, account: str) -> AccountState:
        return account_state(self.v1.accounts.retrieve(account).to_dict(for_json=True))

    @asked
    def events(self, since: datetime) -> Iterator[EventHint]:
        found = self.v1.events.list({"created": {"gte": int(since.timestamp())}, "limit": 100})
        every = [event_hint(one.to_dict(for_json=True)) for one in found.auto_paging_iter()]
        return iter(every)

    @asked
    def balance_transactions(
        self, *, since: datetime | None = None, source: str = ""
    ) -> Iterator[BalanceTransaction]:
        wanted: stripe.params.BalanceTransactionListParams = {"limit": 100}
        if since is not None:
            wanted["created"] = {"gte": int(since.timestamp())}
        if source:
            wanted["source"] = source
        found = self.v1.balance_transactions.list(wanted).auto_paging_iter()
        rows = [transaction(one.to_dict(for_json=True)) for one in found]
        return iter([one for one in rows if one is not None])

    @asked
    def balance(self) -> Balance:
        found = self.v1.balance.retrieve().to_dict(for_json=True)
        total: dict[str, int] = {}
        for one in [*found["available"], *found["pending"]]:
            code = one["currency"].upper()
            total[code] = total.get(code, 0) + one["amount"]
        return Balance(total)


Row = dict[str, Any]


def moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def money(row: Row) -> Money:
    return Money(row["amount"], row["currency"].upper())


def transaction(row: Row | str | None) -> BalanceTransaction | None:
    if not isinstance(row, dict):
        return None
    return BalanceTransaction(
        id=row["id"],
        kind=row["type"],
        source=row.get("source") or "",
        amount=money(row),
        fee=row["fee"],
        created=moment(row["created"]),
    )


def payment_state(row: Row) -> PaymentState:
    charge = row.get("latest_charge") or {}
    details = charge.get("payment_method_details") or {}
    until = (details.get("card") or {}).get("capture_before")
    return PaymentState(
        id=row["id"],
        status=row["status"],
        amount=money(row),
        received=row.get("amount_received") or 0,
        metadata=row.get("metadata") or {},
        client_secret=row.get("client_secret") or "",
        charge=charge.get("id") or "",
        method=details.get("type") or "",
        failure=(row.get("last_payment_error") or {}).get("code") or "",
        capture_before=moment(until) if until else None,
        transaction=transaction(charge.get("balance_transaction")),
        refunds={
            one["metadata"]["refund"]: one["id"]
            for one in (charge.get("refunds") or {}).get("data", [])
            if "refund" in (one.get("metadata") or {})
        },
    )


def refund_state(row: Row) -> RefundState:
    return RefundState(
        id=row["id"],
        status=row["status"],
        amount=money(row),
        payment=row.get("payment_intent") or "",
        metadata=row.get("metadata") or {},
        transaction=transaction(row.get("balance_transaction")),
        failure_transaction=transaction(row.get("failure_balance_transaction")),
    )


def transfer_state(row: Row) -> TransferState:
    return TransferState(
        id=row["id"],
        amount=money(row),
        destination=row["destination"],
        group=row.get("transfer_group") or "",
        metadata=row.get("metadata") or {},
        reversed=row.get("amount_reversed") or 0,
        transaction=transaction(row.get("balance_transaction")),
    )


def account_state(row: Row) -> AccountState:
    return AccountState(
        id=row["id"],
        country=row.get("country") or "",
        transfers_enabled=(row.get("capabilities") or {}).get("transfers") == "active",
        payouts_enabled=bool(row.get("payouts_enabled")),
    )


def event_hint(row: Row) -> EventHint:
    return EventHint(
        id=row["id"],
        kind=row["type"],
        object_id=row["data"]["object"].get("id") or "",
        created=moment(row["created"]),
        livemode=row["livemode"],
        api_version=row.get("api_version") or "",
        account=row.get("account") or "",
    )


def verified_event(body: bytes, signature: str) -> EventHint:
    """The event that a webhook brings. Invalid where the signature, its time or the form is wrong.

    The SDK accepts time stamps of the future; we do not, beyond five minutes of skew.
    """
    fault = "no webhook secret is set"
    for secret in settings.STRIPE_WEBHOOK_SECRETS:
        try:
            stripe.WebhookSignature.verify_header(
                body.decode(), signature, secret, CLOCK_SKEW_SECONDS
            )
        except (stripe.SignatureVerificationError, ValueError) as error:
            fault = str(error)
            continue
        stamps = [part[2:] for part in signature.split(",") if part.startswith("t=")]
        if any(int(stamp) > time.time() + CLOCK_SKEW_SECONDS for stamp in stamps):
            raise Invalid("The signature's time lies in the future.")
        try:
            parsed = stripe.Webhook.construct_event_without_verification(body.decode())
            return event_hint(parsed.to_dict(for_json=True))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise Invalid("This is not an event as we know them.") from error
    raise Invalid(f"The signature is not good: {fault}")


@cache
def client_for(key: str, base: str) -> stripe.StripeClient:
    addresses: BaseAddresses = (
        {"api": base, "connect": base, "files": base, "meter_events": base} if base else {}
    )
    return stripe.StripeClient(
        key,
        stripe_version=settings.STRIPE_API_VERSION,
        base_addresses=addresses,
        max_network_retries=RETRIES,
        http_client=stripe.RequestsClient(timeout=(CONNECT_SECONDS, ANSWER_SECONDS)),
    )


def stripe_gateway() -> StripeGateway:
    """Without a key every call is refused by Stripe; what needs none can still ask for it."""
    key = settings.STRIPE_SECRET_KEY or "no_key_is_set"
    return StripeGateway(client_for(key, settings.STRIPE_API_BASE))


def webhook_endpoint_create(url: str) -> str:
    """Have Stripe send its events to `url` in the version we speak; the new signing secret."""
    client = client_for(settings.STRIPE_SECRET_KEY, settings.STRIPE_API_BASE)
    made = client.v1.webhook_endpoints.create(
        {
            "url": url,
            "api_version": settings.STRIPE_API_VERSION,  # type: ignore[typeddict-item]
            "enabled_events": ["*"],
        }
    )
    return made.secret or ""
