"""Wires and tax certificates by the documents clients use: who sends them, who books them."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from django.test import Client
from graphql_relay import to_global_id

from marketplace.invoices.models import BankLine, Invoice, InvoicePaper, TaxCertificate
from marketplace.payments.models import BankAccount
from tests.conftest import Api, done
from tests.stripe_double.fixtures import (  # noqa: F401
    double,
    double_server,
    handlers_are_there,
    world,
)
from tests.stripe_double.world import World

pytestmark = pytest.mark.django_db
HEAD = "reference,date,amount,currency,payer,text\n"
PDF = base64.b64encode(b"%PDF-1.7 a paper").decode()
DETAILS = {
    "currency": "HKD",
    "holder": "Marketplace Ltd",
    "bank": "Harbour Bank",
    "number": "123-456789-838",
    "swift": "HSBCHKHHHKH",
}


def gid(row: Any) -> str:
    return str(to_global_id(type(row).__name__, str(row.pk)))


def encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def codes(data: dict[str, Any]) -> list[tuple[str, Any]]:
    (payload,) = data.values()
    return [(error["code"], error["field"]) for error in payload["errors"]]


def credit(invoice: Invoice, amount: str = "93.00", ref: str = "FT1") -> str:
    return encoded(f"{HEAD}{ref},2026-11-23,{amount},HKD,Buyer,fee {invoice.wire_reference}\n")


def certificate(invoice: Invoice, **other: Any) -> dict[str, Any]:
    return {
        "invoice": gid(invoice),
        "number": "T-1",
        "amount": 700,
        "issuedOn": "2026-11-23",
        "name": "certificate.pdf",
        "content": PDF,
        **other,
    }


def test_93_by_wire_and_a_certificate_for_7_close_an_invoice_of_100(
    api: Api,
    world: World,  # noqa: F811
) -> None:
    invoice = world.invoice(100_00)
    one, two, payer = (api.as_(who) for who in (world.operator, world.second, world.payer))

    lines = done(one.run("bank_lines_import", format="CSV", content=credit(invoice)))["lines"]
    assert [(line["state"], line["invoice"]["id"]) for line in lines] == [
        ("PROPOSED", gid(invoice))
    ]
    line = lines[0]["id"]
    assert codes(one.run("bank_line_approve", id=line)) == [("FORBIDDEN", None)]
    booked = done(two.run("bank_line_approve", id=line))["line"]
    assert (booked["state"], booked["invoice"]["state"]) == ("BOOKED", "PART_PAID")
    assert booked["invoice"]["outstanding"]["amount"] == 700

    shown = done(payer.run("tax_certificate_submit", **certificate(invoice)))["certificate"]
    assert (shown["state"], shown["invoice"]["state"]) == ("OPEN", "PART_PAID")
    waiting = two.run("tax_certificates", state="OPEN")["taxCertificates"]
    assert [edge["node"]["id"] for edge in waiting["edges"]] == [shown["id"]]
    assert codes(payer.run("tax_certificate_approve", id=shown["id"])) == [("FORBIDDEN", None)]

    closed = done(two.run("tax_certificate_approve", id=shown["id"]))["certificate"]

    assert (closed["state"], closed["invoice"]["state"]) == ("APPROVED", "PAID")
    seen = payer.run("invoice", id=gid(invoice))["invoice"]
    assert [(one["method"], one["received"]) for one in seen["payments"]] == [
        ("WIRE", 9300),
        ("TAX_CERTIFICATE", 700),
    ]
    assert world.books() == {
        ("bank", "HKD"): 9300,
        ("withholding_tax", "HKD"): 700,
        ("funds_held", "HKD"): -10000,
    }


def test_an_operator_does_not_approve_the_certificate_it_showed(
    api: Api,
    world: World,  # noqa: F811
) -> None:
    invoice = world.invoice()
    one = api.as_(world.operator)
    shown = done(one.run("tax_certificate_submit", **certificate(invoice)))["certificate"]
    assert codes(one.run("tax_certificate_approve", id=shown["id"])) == [("FORBIDDEN", None)]
    assert TaxCertificate.objects.get().state == "open"


def test_a_refused_certificate_counts_never_and_its_number_may_come_again(
    api: Api,
    world: World,  # noqa: F811
) -> None:
    invoice = world.invoice()
    payer, operator = api.as_(world.payer), api.as_(world.operator)
    shown = done(payer.run("tax_certificate_submit", **certificate(invoice)))["certificate"]
    again = payer.run("tax_certificate_submit", **certificate(invoice))
    assert codes(again) == [("CONFLICT", ["number"])]
    refused = done(
        operator.run("tax_certificate_refuse", id=shown["id"], reason="It is of another year.")
    )["certificate"]
    assert (refused["state"], refused["refused"]) == ("REFUSED", "It is of another year.")
    assert codes(operator.run("tax_certificate_approve", id=shown["id"])) == [("CONFLICT", None)]
    assert world.books() == {}
    mended = certificate(invoice, content=encoded("%PDF-1.7 the right one"))
    assert done(payer.run("tax_certificate_submit", **mended))["certificate"]["state"] == "OPEN"


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"content": encoded("MZ")}, ["content"]),
        ({"content": "no base64"}, ["content"]),
        ({"content": encoded("%PDF-" + "a" * 1_000_000)}, ["content"]),
        ({"name": " "}, ["name"]),
    ],
)
def test_a_paper_is_a_small_pdf_or_picture(
    api: Api,
    world: World,  # noqa: F811
    changed: dict[str, str],
    field: list[str],
) -> None:
    invoice = world.invoice()
    payer = api.as_(world.payer)
    sent = {"invoice": gid(invoice), "name": "advice.pdf", "content": PDF, **changed}
    assert codes(payer.run("remittance_advice_add", **sent)) == [("INVALID", field)]
    shown = payer.run("tax_certificate_submit", **certificate(invoice, **changed))
    assert codes(shown) == [("INVALID", field)]
    assert not InvoicePaper.objects.exists()


def test_the_payer_shows_a_remittance_advice_that_both_read(
    api: Api,
    world: World,  # noqa: F811
) -> None:
    invoice = world.invoice()
    sent = {"invoice": gid(invoice), "name": "汇款凭证.pdf", "content": PDF}
    assert codes(api.as_(world.finance).run("remittance_advice_add", **sent)) == [
        ("FORBIDDEN", None)
    ]
    assert codes(api.run("remittance_advice_add", **sent)) == [("NOT_FOUND", None)]
    payer = api.as_(world.payer)
    kept = done(payer.run("remittance_advice_add", **sent))["paper"]
    assert codes(payer.run("remittance_advice_add", **sent)) == [("CONFLICT", ["content"])]
    (seen,) = api.as_(world.finance).run("invoice", id=gid(invoice))["invoice"]["papers"]
    assert (seen["id"], seen["kind"]) == (kept["id"], "REMITTANCE_ADVICE")
    page = Client().get(seen["link"])
    assert (page.status_code, page["Content-Type"]) == (200, "application/pdf")
    assert page.content == b"%PDF-1.7 a paper"
    assert Client().get(seen["link"] + "x").status_code == 404


def test_a_line_that_names_no_invoice_is_matched_by_hand(
    api: Api,
    world: World,  # noqa: F811
) -> None:
    invoice = world.invoice()
    one, two = api.as_(world.operator), api.as_(world.second)
    text = encoded(f"{HEAD}FT9,2026-11-23,100.00,HKD,Buyer,thanks\n")
    done(one.run("bank_lines_import", format="CSV", content=text))
    (edge,) = one.run("bank_lines", state="UNMATCHED")["bankLines"]["edges"]
    line = edge["node"]["id"]
    assert codes(two.run("bank_line_approve", id=line)) == [("CONFLICT", None)]
    done(one.run("bank_line_propose", id=line, invoice=gid(invoice)))
    assert one.run("bank_lines", state="UNMATCHED")["bankLines"]["totalCount"] == 0
    paid = done(two.run("bank_line_approve", id=line))["line"]
    assert (paid["approvedBy"], paid["invoice"]["state"]) == (world.second.user.email, "PAID")


def test_bank_lines_are_for_operators(api: Api, world: World) -> None:  # noqa: F811
    invoice = world.invoice()
    payer = api.as_(world.payer)
    refused = payer.run("bank_lines_import", format="CSV", content=credit(invoice))
    assert codes(refused) == [("FORBIDDEN", None)]
    assert not BankLine.objects.exists()
    done(api.as_(world.operator).run("bank_lines_import", format="CSV", content=credit(invoice)))
    assert payer.run("bank_lines")["bankLines"]["edges"] == []
    row = gid(BankLine.objects.get())
    for name, more in (("bank_line_approve", {}), ("bank_line_propose", {"invoice": gid(invoice)})):
        assert codes(payer.run(name, id=row, **more)) == [("FORBIDDEN", None)]
    assert BankLine.objects.get().state == "proposed"


@pytest.mark.parametrize(
    ("format", "content"),
    [("CSV", encoded("a,b\n")), ("CSV", "/w=="), ("CAMT053", encoded("<a/>")), ("CSV", "?")],
)
def test_a_statement_that_cannot_be_read_is_refused(
    api: Api,
    world: World,  # noqa: F811
    format: str,
    content: str,
) -> None:
    refused = api.as_(world.operator).run("bank_lines_import", format=format, content=content)
    assert [code for code, _ in codes(refused)] == ["INVALID"]
    assert not BankLine.objects.exists()


def test_wire_instructions_name_the_account_that_two_operators_entered(
    api: Api,
    world: World,  # noqa: F811
) -> None:
    invoice = world.invoice()
    payer, one, two = (api.as_(who) for who in (world.payer, world.operator, world.second))
    ask = {"id": gid(invoice)}
    entered = done(one.run("bank_account_enter", organisation=gid(world.platform), **DETAILS))[
        "account"
    ]
    assert payer.run("invoice", **ask)["invoice"]["wireInstructions"] is None
    assert codes(one.run("bank_account_approve", id=entered["id"])) == [("FORBIDDEN", None)]
    done(two.run("bank_account_approve", id=entered["id"]))
    assert payer.run("invoice", **ask)["invoice"]["wireInstructions"] == {
        "holder": "Marketplace Ltd",
        "bank": "Harbour Bank",
        "number": "123-456789-838",
        "swift": "HSBCHKHHHKH",
        "reference": invoice.wire_reference,
        "amount": {"amount": 100_00, "currency": "HKD"},
    }


def test_a_partys_bank_details_wait_for_an_operator(
    api: Api,
    world: World,  # noqa: F811
) -> None:
    finance, operator = api.as_(world.finance), api.as_(world.operator)
    asked = {"organisation": gid(world.licensor), **DETAILS}
    assert codes(api.as_(world.payer).run("bank_account_enter", **asked)) == [("NOT_FOUND", None)]
    bad = finance.run(
        "bank_account_enter", **{**asked, "swift": "X", "number": "GB82 WEST 1234 5698 7654 33"}
    )
    assert codes(bad) == [("INVALID", ["number"]), ("INVALID", ["swift"])]
    assert not BankAccount.objects.exists()
    mine = done(finance.run("bank_account_enter", **asked))["account"]
    assert codes(finance.run("bank_account_approve", id=mine["id"])) == [("FORBIDDEN", None)]
    waiting = operator.run("bank_accounts", waiting=True)["bankAccounts"]["edges"]
    assert [edge["node"]["id"] for edge in waiting] == [mine["id"]]
    done(operator.run("bank_account_refuse", id=mine["id"], reason="They did not confirm it."))
    assert codes(operator.run("bank_account_approve", id=mine["id"])) == [("CONFLICT", None)]
    (seen,) = finance.run("bank_accounts", organisation=asked["organisation"])["bankAccounts"][
        "edges"
    ]
    assert seen["node"]["refused"] == "They did not confirm it."
    assert api.as_(world.payer).run("bank_accounts")["bankAccounts"]["edges"] == []


@pytest.mark.parametrize("rows", [1, 5])
def test_lists_of_wires_cost_the_same(
    api: Api,
    world: World,  # noqa: F811
    django_assert_num_queries,
    rows: int,
) -> None:
    operator = api.as_(world.operator)
    for number in range(rows):
        invoice = world.invoice()
        content = credit(invoice, ref=f"FT{number}")
        done(operator.run("bank_lines_import", format="CSV", content=content))
        shown = certificate(
            invoice, number=f"T-{number}", content=encoded(f"%PDF-{invoice.wire_reference}")
        )
        done(operator.run("tax_certificate_submit", **shown))
        world.bank_account(world.licensor, number=f"12345{number}")
    with django_assert_num_queries(6):  # user, memberships, page, count, payments, papers
        assert operator.run("bank_lines")["bankLines"]["totalCount"] == rows
    with django_assert_num_queries(5):  # user, memberships, page, count, payments
        assert operator.run("tax_certificates")["taxCertificates"]["totalCount"] == rows
    with django_assert_num_queries(4):  # user, memberships, page, count
        assert operator.run("bank_accounts")["bankAccounts"]["totalCount"] == rows
