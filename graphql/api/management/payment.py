"""A payment for the demo: by bank wire and net of tax, since that needs no account at Stripe.

It runs through the API and is undone at its end, so that the demo's books stay empty.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from api.auth import access_token
from api.ids import global_id
from marketplace.accounts.models import Membership, Organisation, User
from marketplace.accounts.viewer import viewer_of
from marketplace.core.calendar import day_of
from marketplace.core.money import Money
from marketplace.invoices.models import Invoice
from marketplace.invoices.services import ScheduleItem, invoice_create, invoice_issue

Ask = Callable[..., dict[str, Any]]
TOTAL, WIRED = 10_000, 9_300  # HKD 100.00, of which the payer keeps 7 % of tax
PDF = base64.b64encode(b"%PDF-1.7 of the demo").decode()


def show_payment(ask: Ask, say: Callable[[str], None]) -> None:
    """`ask` runs a document of graphql/operations as a user: ask(operation, token, **variables)."""
    with transaction.atomic():
        invoice, payer, operators = make_invoice()
        first, second = (access_token(one) for one in operators)
        number = global_id("Invoice", invoice.pk)
        say(f"\nA payment: invoice {invoice.number}, {Money(TOTAL, 'HKD')}, by bank wire")

        row = f"DEMO1,{invoice.issued_on},{WIRED / 100:.2f},HKD,Payer,{invoice.wire_reference}"
        csv = f"reference,date,amount,currency,payer,text\n{row}\n"
        content = base64.b64encode(csv.encode()).decode()
        (line,) = ask("bank_lines_import", first, format="CSV", content=content)["lines"]
        booked = ask("bank_line_approve", second, id=line["id"])["line"]
        left = booked["invoice"]["outstanding"]["amount"]
        say(f"  {Money(WIRED, 'HKD')} arrive with its reference and a second person approves: "
            f"{booked['invoice']['state']}, {Money(left, 'HKD')} outstanding")  # fmt: skip

        certificate = ask(
            "tax_certificate_submit",
            access_token(payer),
            invoice=number,
            number="DEMO-1",
            amount=TOTAL - WIRED,
            issuedOn=str(invoice.issued_on),
            name="certificate.pdf",
            content=PDF,
        )["certificate"]
        closed = ask("tax_certificate_approve", second, id=certificate["id"])["certificate"]
        say(f"  with the tax office's certificate of the rest: {closed['invoice']['state']}")

        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # the books balance, or this fails
        transaction.set_rollback(True)


def make_invoice() -> tuple[Invoice, User, list[User]]:
    """An issued invoice, its payer's finance, and two operators."""
    issuer, treasurer = member("Demo licensor", "licensor", Membership.Role.FINANCE)
    buyer, payer = member("Demo licensee", "buyer", Membership.Role.FINANCE)
    marketplace, operator = member("Demo marketplace", "operator", Membership.Role.ADMIN)
    colleague = user("demo-colleague")
    Membership.objects.create(
        user=colleague, organisation=marketplace, roles=[Membership.Role.ADMIN]
    )
    draft = invoice_create(
        viewer=viewer_of(treasurer),
        issuer=issuer.pk,
        payer=buyer.pk,
        currency="HKD",
        items=[ScheduleItem("upfront", "Upfront fee", TOTAL, "入门费")],
    )
    invoice = invoice_issue(
        viewer=viewer_of(treasurer), invoice_id=draft.pk, today=day_of(timezone.now())
    )
    return invoice, payer, [operator, colleague]


def member(name: str, kind: str, role: str) -> tuple[Organisation, User]:
    organisation = Organisation.objects.create(name=name, kinds=[kind], jurisdiction="HK")
    found = user(name.lower().replace(" ", "-"))
    Membership.objects.create(user=found, organisation=organisation, roles=[role])
    return organisation, found


def user(name: str) -> User:
    return User.objects.create_user(f"{name}@example.com", None)
