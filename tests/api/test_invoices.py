"""Invoices seen, paid, held, released and stated, by the documents clients use."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conftest import Api, gid
from tests.stripe_double.fixtures import (  # noqa: F401
    double,
    double_server,
    handlers_are_there,
    world,
)
from tests.stripe_double.server import Fault
from tests.stripe_double.world import World

pytestmark = pytest.mark.django_db


def errors(data: dict[str, Any]) -> list[str]:
    (payload,) = data.values()
    return [error["code"] for error in payload["errors"]]


def test_the_payer_sees_its_invoice_and_starts_to_pay(api: Api, world: World) -> None:  # noqa: F811
    invoice = world.invoice(100_00)
    payer = api.as_(world.payer)
    id = gid("Invoice", invoice.pk)
    seen = payer.run("invoice", id=id)["invoice"]
    assert seen["outstanding"] == {"amount": 100_00, "currency": "HKD"}
    assert seen["availableActions"] == ["pay"]
    assert {route["method"] for route in seen["routes"]} >= {"card", "bank_wire"}
    assert all(route["reason"] for route in seen["routes"])
    for _ in range(2):
        paying = payer.run("invoice_pay", id=id)["invoicePay"]
        assert paying["errors"] == []
        assert paying["clientSecret"]
    assert len(paying["invoice"]["payments"]) == 1
    listed = payer.run("invoices", state="ISSUED")["invoices"]
    assert [edge["node"]["id"] for edge in listed["edges"]] == [id]


def test_what_stripe_cannot_take_is_told_with_the_wires_reference(
    api: Api,
    world: World,  # noqa: F811
) -> None:
    invoice = world.invoice(100_000_000)
    refused = api.as_(world.payer).run("invoice_pay", id=gid("Invoice", invoice.pk))
    assert errors(refused) == ["INVALID"]
    assert invoice.wire_reference in refused["invoicePay"]["errors"][0]["message"]
    assert not invoice.payments.exists()


def test_while_stripe_is_down_one_is_told_the_way_by_wire(
    api: Api,
    world: World,  # noqa: F811
) -> None:
    invoice = world.invoice()
    payer, id = api.as_(world.payer), gid("Invoice", invoice.pk)
    world.double.faults.append(Fault("drop_before", "POST payment_intents", times=99))
    refused = payer.run("invoice_pay", id=id)
    assert errors(refused) == ["CONFLICT"]
    assert invoice.wire_reference in refused["invoicePay"]["errors"][0]["message"]
    world.double.faults.clear()
    assert payer.run("invoice_pay", id=id)["invoicePay"]["clientSecret"]
    assert invoice.payments.count() == 1


def test_who_may_do_what_with_an_invoice(api: Api, world: World) -> None:  # noqa: F811
    invoice = world.invoice(100_00)
    id = gid("Invoice", invoice.pk)
    finance, payer, operator = (
        api.as_(one) for one in (world.finance, world.payer, world.operator)
    )
    assert errors(finance.run("invoice_pay", id=id)) == ["FORBIDDEN"]
    assert errors(api.run("invoice_pay", id=id)) == ["NOT_FOUND"]
    assert errors(payer.run("invoice_void", id=id)) == ["FORBIDDEN"]
    held = payer.run("invoice_hold", id=id, reason="The prototype failed.")["invoiceHold"]
    assert held["invoice"]["onHold"]
    assert errors(operator.run("invoice_release", id=id)) == ["CONFLICT"]
    assert errors(payer.run("invoice_hold_end", id=id)) == ["FORBIDDEN"]
    freed = operator.run("invoice_hold_end", id=id)["invoiceHoldEnd"]
    assert not freed["invoice"]["onHold"]
    assert errors(operator.run("invoice_release", id=id)) == []
    voided = finance.run("invoice_void", id=id)["invoiceVoid"]
    assert (voided["invoice"]["state"], voided["invoice"]["availableActions"]) == ("VOID", [])


def test_a_statement_is_for_the_finance_role(api: Api, world: World) -> None:  # noqa: F811
    asked = {
        "organisation": gid("Organisation", world.licensor.pk),
        "start": "2026-01-01",
        "end": "2026-12-31",
    }
    seen = api.as_(world.finance).run("statement", **asked)["statement"]
    assert (seen["organisation"]["name"], seen["lines"]) == (world.licensor.name, [])
    assert api.as_(world.payer).run("statement", **asked) == {"statement": None}


def test_routes_give_their_reasons(api: Api) -> None:
    found = api.run(
        "payment_routes",
        amount=100_000_000,
        currency="HKD",
        payerCountry="CN",
        payeeCountry="HK",
        recurring=False,
    )["paymentRoutes"]
    possible = {route["method"]: route["possible"] for route in found}
    assert (possible["card"], possible["bank_wire"]) == (False, True)
    assert all(route["reason"] for route in found)


@pytest.mark.parametrize("rows", [1, 6])
def test_a_page_of_invoices_costs_the_same(
    api: Api,
    world: World,  # noqa: F811
    django_assert_num_queries,
    rows: int,
) -> None:
    for _ in range(rows):
        world.invoice(100_00)
    client = api.as_(world.payer)
    with django_assert_num_queries(5):  # user, memberships, page, count, payments
        seen = client.run("invoices")["invoices"]
    assert len(seen["edges"]) == seen["totalCount"] == rows
