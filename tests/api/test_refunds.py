"""Money given back, claims given up, and what a person must look at, by clients' documents."""

from __future__ import annotations

from typing import Any

import pytest

from marketplace.invoices.models import Invoice, Refund
from marketplace.payments.inbox import raise_alarm
from marketplace.payments.models import Alarm
from tests.api.test_wires import codes, credit, gid
from tests.conftest import Api, done
from tests.stripe_double.fixtures import (  # noqa: F401
    double,
    double_server,
    handlers_are_there,
    world,
)
from tests.stripe_double.world import World

pytestmark = pytest.mark.django_db


def ask(payment: Any, amount: int, **other: Any) -> dict[str, Any]:
    return {"payment": gid(payment), "amount": amount, "reason": "as agreed", **other}


def wired(api: Api, world: World, invoice: Invoice, amount: str = "100.00") -> Any:  # noqa: F811
    content = credit(invoice, amount, ref=f"FT{amount}")
    (line,) = done(api.as_(world.operator).run("bank_lines_import", format="CSV", content=content))[
        "lines"
    ]
    if line["invoice"] is None:
        one = {"id": line["id"], "invoice": gid(invoice)}
        done(api.as_(world.operator).run("bank_line_propose", **one))
    done(api.as_(world.second).run("bank_line_approve", id=line["id"]))
    return invoice.payments.get(method="wire")


def test_the_issuer_gives_part_back_through_stripe(
    api: Api,
    world: World,  # noqa: F811
) -> None:
    payment = world.paid(world.invoice(100_00))
    finance, payer = api.as_(world.finance), api.as_(world.payer)
    assert codes(payer.run("refund_request", **ask(payment, 40_00))) == [("FORBIDDEN", None)]
    assert codes(api.run("refund_request", **ask(payment, 40_00))) == [("NOT_FOUND", None)]
    too_much = finance.run("refund_request", **ask(payment, 100_01))
    assert codes(too_much) == [("INVALID", ["amount"])]
    assert not Refund.objects.exists()

    asked = done(finance.run("refund_request", **ask(payment, 40_00)))["refund"]
    assert (asked["state"], asked["byWire"]) == ("REQUESTED", False)
    world.sync()

    (edge,) = payer.run("refunds")["refunds"]["edges"]
    assert (edge["node"]["id"], edge["node"]["state"]) == (asked["id"], "SUCCEEDED")
    seen = payer.run("invoice", id=gid(payment.invoice))["invoice"]
    assert seen["state"] == "PART_REFUNDED"
    assert seen["payments"][0]["refunds"][0]["amount"] == {"amount": 40_00, "currency": "HKD"}
    world.check()


def test_a_refund_by_wire_takes_two_persons(api: Api, world: World) -> None:  # noqa: F811
    invoice = world.invoice()
    payment = wired(api, world, invoice)
    one, two = api.as_(world.operator), api.as_(world.second)
    asked = done(one.run("refund_request", **ask(payment, 100_00)))["refund"]
    sent = {"id": asked["id"], "bankReference": "FT77"}
    assert codes(one.run("refund_wire_confirm", **sent)) == [("FORBIDDEN", None)]
    assert codes(api.as_(world.finance).run("refund_wire_confirm", **sent)) == [("FORBIDDEN", None)]
    assert codes(two.run("refund_wire_confirm", **{**sent, "bankReference": " "})) == [
        ("INVALID", ["bankReference"])
    ]
    assert world.books()["bank", "HKD"] == 100_00
    again = one.run("refund_request", **ask(payment, 1))
    assert codes(again) == [("INVALID", ["amount"])]

    back = done(two.run("refund_wire_confirm", **sent))["refund"]

    assert (back["state"], back["invoice"]["state"]) == ("SUCCEEDED", "REFUNDED")
    assert world.books() == {}
    assert codes(two.run("refund_wire_confirm", **sent)) == [("CONFLICT", None)]


def test_a_refund_by_wire_that_is_not_sent_is_withdrawn(
    api: Api,
    world: World,  # noqa: F811
) -> None:
    payment = wired(api, world, world.invoice())
    one = api.as_(world.operator)
    asked = done(one.run("refund_request", **ask(payment, 50_00)))["refund"]
    forbidden = api.as_(world.finance).run("refund_wire_withdraw", id=asked["id"])
    assert codes(forbidden) == [("FORBIDDEN", None)]
    withdrawn = done(one.run("refund_wire_withdraw", id=asked["id"]))["refund"]
    assert withdrawn["state"] == "FAILED"
    sent = {"id": asked["id"], "bankReference": "FT77"}
    assert codes(api.as_(world.second).run("refund_wire_confirm", **sent)) == [("CONFLICT", None)]
    assert world.books()["bank", "HKD"] == 100_00
    assert done(one.run("refund_request", **ask(payment, 100_00)))["refund"]["state"] == "REQUESTED"


def test_fault_40_what_was_overpaid_goes_back_by_wire_and_the_review_ends(
    api: Api,
    world: World,  # noqa: F811
) -> None:
    invoice = world.invoice()
    world.paid(invoice)
    payment = wired(api, world, invoice)
    one, two = api.as_(world.operator), api.as_(world.second)
    (edge,) = one.run("invoices_to_review")["invoices"]["edges"]
    assert (edge["node"]["id"], edge["node"]["review"]) == (gid(invoice), "overpaid by 10000")
    assert api.as_(world.payer).run("invoices_to_review")["invoices"]["edges"] == []
    assert codes(one.run("invoice_release", id=gid(invoice))) == [("CONFLICT", None)]
    asked = done(one.run("refund_request", **ask(payment, 100_00)))["refund"]
    back = {"id": asked["id"], "bankReference": "FT78"}
    done(two.run("refund_wire_confirm", **back))

    for refused, outcome in ((api.as_(world.finance), "It was sent back."), (one, " ")):
        ended = refused.run("invoice_review_end", id=gid(invoice), outcome=outcome)
        assert len(codes(ended)) == 1
    done(one.run("invoice_review_end", id=gid(invoice), outcome="It was sent back."))

    assert one.run("invoices_to_review")["invoices"]["edges"] == []
    again = one.run("invoice_review_end", id=gid(invoice), outcome="Once more.")
    assert codes(again) == [("CONFLICT", None)]
    assert ("unmatched", "HKD") not in world.books()
    released = done(one.run("invoice_release", id=gid(invoice)))["invoice"]
    assert released["state"] == "PAID"
    review = invoice.reviews.get()
    assert (review.found, review.outcome) == ("overpaid by 10000", "It was sent back.")
    world.check()


def test_a_claim_is_written_off_and_counts_again_when_it_is_paid(
    api: Api,
    world: World,  # noqa: F811
) -> None:
    invoice = world.invoice()
    wired(api, world, invoice, "30.00")
    one = api.as_(world.operator)
    off = {"id": gid(invoice), "reason": "The payer is insolvent."}
    assert codes(api.as_(world.finance).run("invoice_write_off", **off)) == [("FORBIDDEN", None)]
    assert ("written_off", "HKD") not in world.books()

    given_up = done(one.run("invoice_write_off", **off))["invoice"]

    assert (given_up["state"], given_up["outstanding"]["amount"]) == ("WRITTEN_OFF", 0)
    assert world.books() == {
        ("bank", "HKD"): 30_00,
        ("funds_held", "HKD"): -30_00,
        ("written_off", "HKD"): 70_00,
        ("claims", "HKD"): -70_00,
    }
    assert codes(one.run("invoice_write_off", **off)) == [("CONFLICT", None)]

    content = credit(invoice, "20.00", ref="FT-late")
    (line,) = done(one.run("bank_lines_import", format="CSV", content=content))["lines"]
    assert line["state"] == "UNMATCHED"
    done(one.run("bank_line_propose", id=line["id"], invoice=gid(invoice)))
    late = done(api.as_(world.second).run("bank_line_approve", id=line["id"]))["line"]
    assert late["invoice"]["state"] == "PART_PAID"
    assert world.books() == {("bank", "HKD"): 50_00, ("funds_held", "HKD"): -50_00}
    done(one.run("invoice_write_off", **off))
    assert world.books()["written_off", "HKD"] == 50_00


def test_what_was_paid_of_a_written_off_invoice_can_be_refunded(
    api: Api,
    world: World,  # noqa: F811
) -> None:
    invoice = world.invoice()
    payment = wired(api, world, invoice, "30.00")
    one, two = api.as_(world.operator), api.as_(world.second)
    done(one.run("invoice_write_off", id=gid(invoice), reason="given up"))
    asked = done(one.run("refund_request", **ask(payment, 30_00)))["refund"]
    back = done(two.run("refund_wire_confirm", id=asked["id"], bankReference="FT1"))["refund"]
    assert back["invoice"]["state"] == "REFUNDED"
    assert world.books() == {("written_off", "HKD"): 70_00, ("claims", "HKD"): -70_00}


def test_a_payment_under_way_is_cancelled_before_the_invoice_is_given_up(
    api: Api,
    world: World,  # noqa: F811
) -> None:
    invoice = world.invoice()
    payment = world.started(invoice)
    one = api.as_(world.operator)
    off = {"id": gid(invoice), "reason": "given up"}
    assert codes(one.run("invoice_write_off", **off)) == [("CONFLICT", None)]
    assert world.books() == {}
    forbidden = api.as_(world.payer).run("payment_cancel", id=gid(payment))
    assert codes(forbidden) == [("FORBIDDEN", None)]
    assert done(one.run("payment_cancel", id=gid(payment)))["payment"]["state"] != "CANCELED"
    world.sync()
    assert codes(one.run("payment_cancel", id=gid(payment))) == [("CONFLICT", None)]
    assert done(one.run("invoice_write_off", **off))["invoice"]["state"] == "WRITTEN_OFF"


def test_alarms_are_closed_with_what_was_done(api: Api, world: World) -> None:  # noqa: F811
    raise_alarm("balance", "HKD", "Books 1, Stripe 2 HKD.")
    one = api.as_(world.operator)
    assert api.as_(world.finance).run("alarms")["alarms"]["edges"] == []
    (edge,) = one.run("alarms")["alarms"]["edges"]
    assert (edge["node"]["kind"], edge["node"]["message"]) == ("balance", "Books 1, Stripe 2 HKD.")
    closing = {"id": edge["node"]["id"], "outcome": "A fee of Stripe's, booked now."}
    assert codes(api.as_(world.finance).run("alarm_close", **closing)) == [("NOT_FOUND", None)]
    assert Alarm.objects.get().closed_at is None
    closed = done(one.run("alarm_close", **closing))["alarm"]
    assert closed["outcome"] == "A fee of Stripe's, booked now."
    assert codes(one.run("alarm_close", **closing)) == [("CONFLICT", None)]
    assert one.run("alarms")["alarms"]["totalCount"] == 0
    assert one.run("alarms", closed=True)["alarms"]["totalCount"] == 1


@pytest.mark.parametrize("rows", [1, 4])
def test_lists_of_refunds_and_reviews_cost_the_same(
    api: Api,
    world: World,  # noqa: F811
    django_assert_num_queries,
    rows: int,
) -> None:
    one = api.as_(world.operator)
    for number in range(rows):
        invoice = world.invoice()
        payment = wired(api, world, invoice, f"10{number}.00")
        done(one.run("refund_request", **ask(payment, 1)))
        raise_alarm("balance", str(number), "x")
        Invoice.objects.filter(pk=invoice.pk).update(review="look")
    with django_assert_num_queries(5):  # user, memberships, page, count, payments
        assert one.run("refunds")["refunds"]["totalCount"] == rows
    with django_assert_num_queries(7):  # user, memberships, page, count, payments, refunds, reviews
        assert one.run("invoices_to_review")["invoices"]["totalCount"] == rows
    with django_assert_num_queries(4):  # user, memberships, page, count
        assert one.run("alarms")["alarms"]["totalCount"] == rows
