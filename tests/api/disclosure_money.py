"""The money part of what test_disclosure.py walks: rows of one issuer that others must not read."""

from __future__ import annotations

from typing import Any

from django.db.models import Model

from marketplace.accounts.models import Organisation
from marketplace.invoices.models import Allocation, BankLine, Invoice, Payment, Refund
from marketplace.invoices.services import ScheduleItem, invoice_create
from marketplace.invoices.wire import tax_certificate_submit
from marketplace.ledger.services import Line, post
from marketplace.payments.bank_accounts import bank_account_enter
from marketplace.payments.models import Alarm
from tests.factories import NOW, make_organisation, member_of


def secret_money(payer: Organisation) -> tuple[Any, list[Model]]:
    """The issuer's finance, and a draft with all that hangs on it."""
    issuer = make_organisation("licensor", verified=False)
    cashier = member_of(issuer, "finance")
    invoice = invoice_create(
        viewer=cashier,
        issuer=issuer.pk,
        payer=payer.pk,
        currency="HKD",
        items=[ScheduleItem("upfront", "Secret-line", 500)],
    )
    certificate = tax_certificate_submit(
        viewer=cashier,
        invoice_id=invoice.pk,
        number="Secret-certificate",
        amount=7,
        issued_on=NOW.date(),
        name="Secret-advice.pdf",
        content=b"%PDF-1.7",
    )
    bank_line = BankLine.objects.create(
        bank_reference="Secret-bank-line", booked_on=NOW.date(), amount=5, currency="HKD"
    )
    bank_account = bank_account_enter(
        viewer=cashier,
        organisation_id=issuer.pk,
        currency="HKD",
        holder="Issuer",
        bank="Secret-bank-of-the-issuer",
        number="123-456",
        swift="HSBCHKHHHKH",
    )
    payment = Payment.objects.create(invoice=invoice, method="wire", amount=5)
    refund = Refund.objects.create(payment=payment, amount=5, reason="Secret-refund")
    share = invoice.shares.get()
    allocation = Allocation.objects.create(
        payment=payment,
        share=share,
        amount=5,
        released_on=NOW.date(),
        bank_reference="Secret-wire-of-a-share",
        bank_account=bank_account,
    )
    lines = [Line("payable", -5, "HKD", party=issuer.pk), Line("bank", 5, "HKD")]
    post("secret:1", lines, on=NOW.date(), memo="Secret-posting")
    Invoice.objects.filter(pk=invoice.pk).update(review="Secret-review")
    alarm = Alarm.objects.create(kind="balance", subject="HKD", message="Secret-alarm")
    return cashier, [
        payment,
        allocation,
        refund,
        alarm,
        invoice,
        certificate,
        certificate.paper,
        bank_line,
        bank_account,
    ]


def money_arguments(ids: dict[str, str]) -> dict[str, list[str]]:
    """Of the root fields about money."""
    return {
        "invoice": [f'(id: "{ids["Invoice"]}")'],
        "invoices": ["", "(toReview: true)"],
        "payouts": [""],
        "payoutStatus": [f'(organisation: "{ids["Organisation"]}", currency: "HKD")'],
        "commissionStatement": [
            f'(organisation: "{ids["Organisation"]}", start: "2026-01-01", end: "2026-12-31")'
        ],
        "trialBalance": [""],
        "postings": ["", "(account: BANK)"],
        "fxRates": ['(base: "USD", quote: "HKD")'],
        "refunds": [""],
        "alarms": ["", "(closed: true)"],
        "bankLines": [""],
        "taxCertificates": [""],
        "bankAccounts": ["", "(waiting: true)"],
        "paymentRoutes": [
            '(amount: 5, currency: "HKD", payerCountry: "CN", payeeCountry: "HK", recurring: false)'
        ],
        "statement": [
            f'(organisation: "{ids["Organisation"]}", start: "2026-01-01", end: "2026-12-31")'
        ],
    }
