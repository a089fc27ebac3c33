"""Parties told how they are paid, and paid, by the documents clients use."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from marketplace.invoices.models import Allocation, Invoice
from marketplace.payments.models import PayoutAccount
from tests.api.test_wires import DETAILS, codes, gid
from tests.conftest import Api, done
from tests.factories import member_of
from tests.stripe_double.fixtures import (  # noqa: F401
    double,
    double_server,
    handlers_are_there,
    transfers_allowed,
    world,
)
from tests.stripe_double.server import Fault
from tests.stripe_double.world import World

pytestmark = pytest.mark.django_db


def released(world: World, amount: int = 100_00) -> Invoice:  # noqa: F811
    invoice = world.invoice(amount)
    world.paid(invoice)
    world.release(invoice)
    return invoice


def status(client: Api, world: World) -> Any:  # noqa: F811
    asked = {"organisation": gid(world.licensor), "currency": "HKD"}
    return client.run("payout_status", **asked)["payoutStatus"]


def test_a_share_goes_out_by_wire_with_two_persons(api: Api, world: World) -> None:  # noqa: F811
    released(world)
    one, two, finance = (api.as_(who) for who in (world.operator, world.second, world.finance))
    waiting = one.run("payouts", state="RELEASABLE", party=gid(world.licensor))["payouts"]
    (share,) = [edge["node"] for edge in waiting["edges"]]
    assert share["amount"] == {"amount": 9167, "currency": "HKD"}
    said = {"id": share["id"], "bankReference": "FT55"}
    assert codes(one.run("payout_wire_propose", **said)) == [("CONFLICT", None)]

    asked = {"organisation": gid(world.licensor), **DETAILS}
    entered = done(finance.run("bank_account_enter", **asked))["account"]
    assert codes(one.run("payout_wire_propose", **said)) == [("CONFLICT", None)]
    done(one.run("bank_account_approve", id=entered["id"]))
    proposed = done(one.run("payout_wire_propose", **said))["payout"]
    assert proposed["bankAccount"]["number"] == DETAILS["number"]
    for client in (one, finance):
        assert codes(client.run("payout_wire_confirm", id=share["id"])) == [("FORBIDDEN", None)]
    assert ("bank", "HKD") not in world.books()

    sent = done(two.run("payout_wire_confirm", id=share["id"]))["payout"]

    assert (sent["state"], sent["sent"]["amount"]) == ("SETTLED", 9167)
    assert world.books()["bank", "HKD"] == -9167
    (mine,) = finance.run("payouts")["payouts"]["edges"]
    assert (mine["node"]["bankReference"], mine["node"]["proposedBy"]) == ("FT55", None)
    world.check()


def test_fault_76_a_wire_whose_details_change_meanwhile_is_not_confirmed(
    api: Api,
    world: World,  # noqa: F811
) -> None:
    released(world)
    one, two, finance = (api.as_(who) for who in (world.operator, world.second, world.finance))
    old = world.bank_account(world.licensor)
    share = gid(Allocation.objects.get(share__role="licensor"))
    done(one.run("payout_wire_propose", id=share, bankReference="FT55"))
    changed = {"organisation": gid(world.licensor), **DETAILS, "number": "999888777"}
    new = done(finance.run("bank_account_enter", **changed))["account"]
    done(two.run("bank_account_approve", id=new["id"]))

    assert codes(two.run("payout_wire_confirm", id=share)) == [("CONFLICT", None)]
    assert ("bank", "HKD") not in world.books()

    again = {"id": share, "bankReference": "FT55", "bankAccount": gid(old)}
    assert done(one.run("payout_wire_propose", **again))["payout"]["bankAccount"]["id"] == gid(old)
    assert done(two.run("payout_wire_confirm", id=share))["payout"]["state"] == "SETTLED"


def test_a_broker_sees_its_share_and_not_the_invoice(api: Api, world: World) -> None:  # noqa: F811
    invoice = released(world)
    broker = api.as_(member_of(world.broker, "finance"))
    (edge,) = broker.run("payouts")["payouts"]["edges"]
    assert (edge["node"]["role"], edge["node"]["amount"]["amount"]) == ("BROKER", 333)
    assert edge["node"]["invoice"] is None
    (edge,) = api.as_(world.finance).run("payouts")["payouts"]["edges"]
    assert edge["node"]["invoice"]["id"] == gid(invoice)
    assert api.as_(member_of(world.broker, "dealmaker")).run("payouts")["payouts"]["edges"] == []
    assert api.run("payouts")["payouts"]["edges"] == []


def test_what_is_missing_until_a_party_can_be_paid(api: Api, world: World) -> None:  # noqa: F811
    finance = api.as_(world.finance)
    found = status(finance, world)
    assert (found["rail"], found["canBePaid"]) == ("bank_wire", False)
    assert found["missing"] == ["Bank details in HKD."]
    assert "Stripe documents no transfer" in found["reason"]
    world.bank_account(world.licensor, approved=False)
    assert status(finance, world)["missing"] == [
        "An operator's approval of the new bank details in HKD."
    ]
    world.bank_account(world.broker)
    assert not status(finance, world)["canBePaid"]
    assert status(api.as_(world.payer), world) is None


def test_no_account_is_opened_where_no_transfer_can_go(
    api: Api,
    world: World,  # noqa: F811
) -> None:
    asked = {"organisation": gid(world.licensor), "country": "HK"}
    refused = api.as_(world.finance).run("payout_onboard", **asked)
    assert codes(refused) == [("CONFLICT", ["country"])]
    assert "bank details" in refused["payoutOnboard"]["errors"][0]["message"]
    assert not PayoutAccount.objects.exists()


def test_while_stripe_is_down_no_account_is_opened_and_one_may_ask_again(
    api: Api,
    world: World,  # noqa: F811
    transfers_allowed: None,  # noqa: F811
) -> None:
    asked = {"organisation": gid(world.licensor), "country": "HK"}
    finance = api.as_(world.finance)
    world.double.faults.append(Fault("drop_before", "POST accounts", times=99))
    assert codes(finance.run("payout_onboard", **asked)) == [("CONFLICT", None)]
    world.double.faults.clear()
    assert done(finance.run("payout_onboard", **asked))["link"]
    assert PayoutAccount.objects.count() == 1


def test_a_party_opens_one_account_at_stripe_however_often_it_asks(
    api: Api,
    world: World,  # noqa: F811
    transfers_allowed: None,  # noqa: F811
    settings: Settings,
) -> None:
    asked = {"organisation": gid(world.licensor), "country": "HK"}
    finance = api.as_(world.finance)
    assert codes(api.as_(world.payer).run("payout_onboard", **asked)) == [("NOT_FOUND", None)]
    links = {done(finance.run("payout_onboard", **asked))["link"] for _ in range(2)}
    assert len(links) == 2
    assert all(link.startswith("http") for link in links)
    accounts = [one for one in world.double.state.rows.values() if one["object"] == "account"]
    assert len(accounts) == 1
    account = PayoutAccount.objects.get()
    assert account.stripe_account == accounts[0]["id"]

    found = status(finance, world)
    assert (found["rail"], found["stripeAccount"]) == ("bank_wire", account.stripe_account)
    assert "may not receive transfers now" in found["reason"]
    PayoutAccount.objects.update(transfers_enabled=True)
    found = status(finance, world)
    assert (found["rail"], found["canBePaid"], found["missing"]) == ("stripe_transfer", True, [])


def test_each_party_has_a_statement_of_its_commissions(
    api: Api,
    world: World,  # noqa: F811
) -> None:
    invoice = released(world)
    year = {"start": "2026-01-01", "end": "2026-12-31", "language": "ZH_HANS"}
    expected = {"broker": (333, 333), "platform": (500, 500), "licensor": (None, 9167)}
    for name, (rate, amount) in expected.items():
        party = getattr(world, name)
        client = api.as_(member_of(party, "finance"))
        asked = {"organisation": gid(party), **year}
        found = client.run("commission_statement", **asked)["commissionStatement"]
        (line,) = found["lines"]
        assert (line["rate"], line["amount"]["amount"]) == (rate, amount)
        assert (line["invoice"], line["paid"]["amount"]) == (invoice.wire_reference, 100_00)
        assert found["totals"] == [{"amount": amount, "currency": "HKD"}]
        assert api.as_(world.payer).run("commission_statement", **asked) == {
            "commissionStatement": None
        }
        csv = Client().get(found["csv"])
        assert csv["Content-Type"] == "text/csv"
        assert csv.content.decode().splitlines()[1].split(",")[1:3] == [
            invoice.wire_reference,
            name,
        ]
        pdf = Client().get(found["pdf"])
        assert (pdf.status_code, pdf.content[:5]) == (200, b"%PDF-")
        assert Client().get(found["pdf"][:-1]).status_code == 404


@pytest.mark.parametrize("rows", [1, 4])
def test_a_page_of_payouts_costs_the_same(
    api: Api,
    world: World,  # noqa: F811
    django_assert_num_queries,
    rows: int,
) -> None:
    for _ in range(rows):
        released(world)
    account = world.bank_account(world.licensor)
    Allocation.objects.update(bank_account=account, proposed_by=world.operator.user)
    client = api.as_(world.operator)
    with django_assert_num_queries(5):  # user, memberships, page, count, payments
        assert client.run("payouts")["payouts"]["totalCount"] == 3 * rows
