"""Invoices and statements as files, the books and the rates, by the documents clients use."""

from __future__ import annotations

import io
from decimal import Decimal

import pytest
from django.test import Client
from pypdf import PdfReader

from marketplace.ledger.exchange import rate_on
from marketplace.ledger.models import FxRate
from tests.api.test_payouts import released
from tests.api.test_wires import codes, gid
from tests.conftest import Api, done
from tests.stripe_double.fixtures import (  # noqa: F401
    double,
    double_server,
    handlers_are_there,
    world,
)
from tests.stripe_double.world import DAY, World

pytestmark = pytest.mark.django_db
RATE = {"base": "USD", "quote": "HKD", "on": "2026-11-20", "rate": "7.8123", "source": "HKMA"}


def text_of(pdf: bytes) -> str:
    pages = (page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)
    return " ".join(" ".join(pages).split())


def test_an_invoice_is_a_pdf_in_two_languages(api: Api, world: World) -> None:  # noqa: F811
    invoice = world.invoice(1_234_56)
    world.bank_account(world.platform)
    for viewer in (world.payer, world.finance, world.operator):
        link = api.as_(viewer).run("invoice", id=gid(invoice))["invoice"]["pdf"]
        page = Client().get(link)
        assert (page.status_code, page["Content-Type"]) == (200, "application/pdf")
    found = text_of(page.content)
    for part in (
        invoice.wire_reference,
        "Upfront fee",
        "首付款",
        "HKD 1,234.56",
        str(invoice.due_on),
        world.licensor.name,
        world.buyer.name,
        "HSBCHKHHHKH",
        "123-456789-838",
        "tax certificate",
        "完税凭证",
        "电汇",
    ):
        assert part in found
    assert Client().get(link).content == page.content
    assert Client().get(f"{link}x").status_code == 404


def test_a_paid_invoice_asks_for_no_wire(api: Api, world: World) -> None:  # noqa: F811
    invoice = world.invoice()
    world.bank_account(world.platform)
    world.paid(invoice)
    link = api.as_(world.payer).run("invoice", id=gid(invoice))["invoice"]["pdf"]
    found = text_of(Client().get(link).content)
    assert "HKD 0.00" in found
    assert "HSBCHKHHHKH" not in found


def test_a_statement_comes_as_csv_and_pdf(api: Api, world: World) -> None:  # noqa: F811
    released(world)
    asked = {
        "organisation": gid(world.licensor),
        "start": "2026-01-01",
        "end": "2026-12-31",
        "language": "ZH_HANT",
    }
    found = api.as_(world.finance).run("statement", **asked)["statement"]
    csv = Client().get(found["csv"])
    assert csv["Content-Type"] == "text/csv"
    rows = csv.content.decode().splitlines()
    assert rows[0] == "date,reference,memo,currency,minor_units,amount,balance"
    assert rows[1].endswith("HKD,9167,HKD 91.67,HKD 91.67")
    pdf = Client().get(found["pdf"])
    assert "HKD 91.67" in text_of(pdf.content)
    assert Client().get(found["pdf"].replace("/statements/", "/invoices/pdf/")).status_code == 404


def test_the_books_are_balanced_and_for_operators(api: Api, world: World) -> None:  # noqa: F811
    released(world)
    operator = api.as_(world.operator)
    lines = operator.run("trial_balance")["trialBalance"]
    shown = {line["account"]: line["balance"]["amount"] for line in lines}
    assert shown == {
        "STRIPE": 9425,
        "STRIPE_FEE": 575,
        "FUNDS_HELD": 0,
        "PAYABLE": -9500,
        "REVENUE_FEE": -500,
    }
    debits, credits = (
        sum(line[side]["amount"] for line in lines) for side in ("debits", "credits")
    )
    assert debits == credits == 20_000
    assert operator.run("trial_balance", on="2026-01-01")["trialBalance"] == []
    payable = operator.run("postings", account="PAYABLE")["postings"]
    refs = {edge["node"]["ref"].split(":")[0] for edge in payable["edges"]}
    assert (payable["totalCount"], refs) == (2, {"release"})
    for edge in payable["edges"]:
        assert sum(entry["amount"]["amount"] for entry in edge["node"]["entries"]) == 0
    finance = api.as_(world.finance)
    assert finance.run("trial_balance") == {"trialBalance": None}
    assert finance.run("postings")["postings"]["edges"] == []


def test_operators_enter_rates_of_days(api: Api, world: World) -> None:  # noqa: F811
    operator = api.as_(world.operator)
    assert codes(api.as_(world.finance).run("fx_rate_enter", **RATE)) == [("FORBIDDEN", None)]
    assert not FxRate.objects.exists()
    for _ in range(2):
        done(operator.run("fx_rate_enter", **RATE))
    assert codes(operator.run("fx_rate_enter", **{**RATE, "rate": "7.9"})) == [("CONFLICT", ["on"])]
    assert rate_on("USD", "HKD", DAY) == Decimal("7.8123")
    done(operator.run("fx_rate_enter", **{**RATE, "on": "2026-11-19", "rate": "7.8"}))
    listed = api.run("fx_rates", base="usd", quote="HKD")["fxRates"]
    assert [(one["on"], Decimal(one["rate"])) for one in listed] == [
        ("2026-11-20", Decimal("7.8123")),
        ("2026-11-19", Decimal("7.8")),
    ]


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"rate": "0"}, ["rate"]),
        ({"rate": "-1"}, ["rate"]),
        ({"rate": "NaN"}, ["rate"]),
        ({"rate": "Infinity"}, ["rate"]),
        ({"rate": "1e99"}, ["rate"]),
        ({"rate": "7.812345678"}, ["rate"]),
        ({"quote": "USD"}, ["quote"]),
        ({"base": "US"}, ["base"]),
        ({"on": "2099-01-01"}, ["on"]),
        ({"source": ""}, ["source"]),
    ],
)
def test_a_rate_that_cannot_be_is_refused(
    api: Api,
    world: World,  # noqa: F811
    changed: dict[str, str],
    field: list[str],
) -> None:
    refused = api.as_(world.operator).run("fx_rate_enter", **{**RATE, **changed})
    assert codes(refused) == [("INVALID", field)]
    assert not FxRate.objects.exists()


@pytest.mark.parametrize("rows", [1, 3])
def test_a_page_of_postings_costs_the_same(
    api: Api,
    world: World,  # noqa: F811
    django_assert_num_queries,
    rows: int,
) -> None:
    for _ in range(rows):
        released(world)
    client = api.as_(world.operator)
    with django_assert_num_queries(5):  # user, memberships, page, count, entries with parties
        assert client.run("postings")["postings"]["totalCount"] == 4 * rows
