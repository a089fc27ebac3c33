"""One invoice of a licensor to a buyer, with a fee and a broker, against the stand-in."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

from django.test import Client, override_settings
from django.utils import timezone

from marketplace.accounts.models import Organisation
from marketplace.accounts.viewer import Viewer
from marketplace.core.models import OutboxMessage
from marketplace.core.outbox import drain
from marketplace.invoices.models import Invoice, Payment
from marketplace.invoices.paying import payment_open, payment_start
from marketplace.invoices.payouts import invoice_release
from marketplace.invoices.refunds import refund_request
from marketplace.invoices.services import (
    ScheduleItem,
    ShareItem,
    invoice_create,
    invoice_issue,
)
from marketplace.ledger.selectors import books
from marketplace.payments.bank_accounts import bank_account_approve, bank_account_enter
from marketplace.payments.models import BankAccount, PayoutAccount
from marketplace.payments.stripe_gateway import client_for, stripe_gateway
from tests.factories import NOW, make_operator, make_organisation, member_of

from .server import SECRET, Double

DOOR = "a-door-that-nobody-can-guess"
DAY = date(2026, 11, 23)


@contextmanager
def pointed_at(double: Double) -> Iterator[None]:
    """Stripe is the stand-in, for as long as this lasts."""
    with override_settings(
        STRIPE_SECRET_KEY="sk_test_double",
        STRIPE_API_BASE=double.base,
        STRIPE_WEBHOOK_SECRETS=[SECRET],
        STRIPE_WEBHOOK_PATH=DOOR,
    ):
        try:
            yield
        finally:
            client_for.cache_clear()


def post(client: Client, body: bytes, header: str, door: str = DOOR) -> int:
    kwargs: dict[str, Any] = {"content_type": "application/json"}
    url = f"/webhooks/stripe/{door}/"
    return client.post(url, body, headers={"Stripe-Signature": header}, **kwargs).status_code


def sync(double: Double, client: Client) -> None:
    """Deliver all events and let the worker work until there is nothing new."""
    sent = -1
    while sent != len(double.state.events):
        sent = len(double.state.events)
        double.deliver(partial(post, client))
        drain()


@dataclass
class World:
    double: Double
    licensor: Organisation = field(init=False)
    buyer: Organisation = field(init=False)
    broker: Organisation = field(init=False)
    platform: Organisation = field(init=False)

    def __post_init__(self) -> None:
        self.licensor = make_organisation()
        self.buyer = make_organisation("buyer", jurisdiction="CN")
        self.broker = make_organisation()
        self.operator: Viewer = make_operator()
        self.second: Viewer = make_operator()
        self.platform = Organisation.objects.get(pk=next(iter(self.operator.roles)))
        self.finance = member_of(self.licensor, "finance")
        self.payer = member_of(self.buyer, "finance")
        self.client = Client()

    def invoice(self, amount: int = 100_00, currency: str = "HKD") -> Invoice:
        made = invoice_create(
            viewer=self.finance,
            issuer=self.licensor.pk,
            payer=self.buyer.pk,
            currency=currency,
            items=[ScheduleItem("upfront", "Upfront fee", amount, "首付款")],
            shares=[
                ShareItem(self.platform.pk, "platform", 500),
                ShareItem(self.broker.pk, "broker", 333),
                ShareItem(self.licensor.pk, "licensor"),
            ],
        )
        return invoice_issue(viewer=self.finance, invoice_id=made.pk, today=DAY)

    def started(self, invoice: Invoice, **how: bool) -> Payment:
        payment = payment_start(viewer=self.payer, invoice_id=invoice.pk, **how)
        payment_open(payment.pk, stripe_gateway(), now=timezone.now())
        payment.refresh_from_db()
        return payment

    def paid(self, invoice: Invoice, method: str = "card") -> Payment:
        payment = self.started(invoice)
        self.double.state.pay(payment.gateway_id or "", method=method)
        self.sync()
        payment.refresh_from_db()
        return payment

    def accounts(self, *parties: Organisation, country: str = "HK") -> None:
        for party in parties or (self.licensor, self.broker):
            row = self.double.state.new(
                "acct",
                "account",
                country=country,
                capabilities={"transfers": "active"},
                payouts_enabled=True,
            )
            PayoutAccount.objects.create(
                organisation=party,
                country=country,
                stripe_account=row["id"],
                transfers_enabled=True,
            )

    def bank_account(
        self,
        party: Organisation,
        currency: str = "HKD",
        number: str = "123-456789-838",
        *,
        approved: bool = True,
        now: datetime = NOW,
    ) -> BankAccount:
        """Where a party takes wires, entered by one operator and approved by the other."""
        row = bank_account_enter(
            viewer=self.operator,
            organisation_id=party.pk,
            currency=currency,
            holder=party.name,
            bank="Harbour Bank",
            number=number,
            swift="HSBCHKHHHKH",
        )
        if approved:
            bank_account_approve(viewer=self.second, bank_account_id=row.pk, now=now)
            row.refresh_from_db()
        return row

    def release(self, invoice: Invoice) -> None:
        invoice_release(viewer=self.operator, invoice_id=invoice.pk, today=DAY)
        self.sync()

    def refund(self, payment: Payment, amount: int, now: datetime | None = None) -> Any:
        return refund_request(
            viewer=self.operator,
            payment_id=payment.pk,
            amount=amount,
            reason="agreed",
            now=now or timezone.now(),
        )

    def post(self, body: bytes, header: str, door: str = DOOR) -> int:
        return post(self.client, body, header, door)

    def deliver(self, events: list[Any] | None = None) -> list[int]:
        return self.double.deliver(self.post, events)

    def sync(self) -> None:
        sync(self.double, self.client)

    def later(self, hours: float) -> None:
        """Let the worker's waits pass."""
        drain(timezone.now() + timedelta(hours=hours))

    def parked(self) -> list[str]:
        return list(OutboxMessage.objects.exclude(parked_at=None).values_list("topic", flat=True))

    def books(self) -> dict[tuple[str, str], int]:
        return books()

    def check(self) -> None:
        """The books balance and agree with Stripe's own balance."""
        found = books()
        per_currency: dict[str, int] = {}
        for (_, code), amount in found.items():
            per_currency[code] = per_currency.get(code, 0) + amount
        assert set(per_currency.values()) <= {0}
        ours = {code: amount for (name, code), amount in found.items() if name == "stripe"}
        theirs = {c.upper(): a for c, a in self.double.state.balance().items() if a}
        assert ours == theirs
