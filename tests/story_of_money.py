"""The chapters of the story that are about money: against the stand-in for Stripe, by the public
API, the webhook's door and the worker. What a browser, a bank and Stripe itself do is played."""

from __future__ import annotations

import base64
from datetime import date
from typing import TYPE_CHECKING, Any

from django.test import Client

from marketplace.core.calendar import day_of, months_after
from marketplace.core.money import Money
from tests.conftest import Api, done
from tests.stripe_double.server import Double
from tests.stripe_double.world import pointed_at, sync

if TYPE_CHECKING:
    from tests.story import Story

from django.utils import timezone

PILOT = {
    "what": "The pilot line runs",
    "evidence": "A test report",
    "due": "2099-06-30",
    "amount": 5_000_000,
}
PDF = base64.b64encode(b"%PDF-1.7 certificate of the tax office").decode()
DETAILS = {"currency": "HKD", "bank": "Harbour Bank", "swift": "HSBCHKHHHKH"}


def last_quarter() -> tuple[date, date]:
    """The calendar quarter that is over, the day after its last excluded."""
    today = day_of(timezone.now())
    end = today.replace(month=(today.month - 1) // 3 * 3 + 1, day=1)
    return months_after(end, -3), end


def money(story: Story) -> None:
    double = Double()
    try:
        with pointed_at(double):
            bookkeepers(story)
            upfront(story, double)
            milestone(story, double)
            royalty_quarter(story)
            released(story, double)
            books(story, double)
    finally:
        double.close()


def bookkeepers(story: Story) -> None:
    """Who enters money does not approve it: a second operator, and each side's own finance."""
    for who, email in (("licensor", "wong@example.com"), ("buyer", "wang@example.com")):
        roles = ["ADMIN", "DEALMAKER", "FINANCE"]
        client: Api = getattr(story, who)
        done(client.run("member_set", organisation=story.ids[who], email=email, roles=roles))
    story.second = story.joins("lee@example.com", "Lee Ka Fai")
    (ours,) = story.operator.run("viewer")["viewer"]["memberships"]
    story.ids["platform"] = ours["organisation"]["id"]
    done(
        story.operator.run(
            "member_set",
            organisation=story.ids["platform"],
            email="lee@example.com",
            roles=["ADMIN"],
        )
    )
    for who, client, number in (
        ("platform", story.operator, "111-222222-333"),
        ("licensor", story.licensor, "123-456789-838"),
    ):
        entered = done(
            client.run(
                "bank_account_enter",
                organisation=story.ids[who],
                holder="Victoria Harbour Materials Ltd" if who == "licensor" else "The marketplace",
                number=number,
                **DETAILS,
            )
        )["account"]
        done(story.second.run("bank_account_approve", id=entered["id"]))
    story.step("The marketplace and the owner enter bank details; a second person approves them")


def by_card(story: Story, double: Double, invoice: str) -> dict[str, Any]:
    paying = done(story.buyer.run("invoice_pay", id=invoice))
    double.state.pay(paying["clientSecret"].split("_secret")[0])  # in the payer's browser
    sync(double, Client())
    seen: dict[str, Any] = story.buyer.run("invoice", id=invoice)["invoice"]
    assert (seen["state"], seen["outstanding"]["amount"]) == ("PAID", 0)
    return seen


def upfront(story: Story, double: Double) -> None:
    (edge,) = story.buyer.run("invoices", state="ISSUED")["invoices"]["edges"]
    paid = by_card(story, double, edge["node"]["id"])
    story.step(f"Invoice {paid['number']}, the upfront fee of {shown(paid['total'])}, is paid")


def milestone(story: Story, double: Double) -> None:
    schedule = {"id": story.ids["agreement"]}
    (row,) = story.licensor.run("schedule", **schedule)["agreement"]["schedule"]["milestones"]
    sent = done(
        story.licensor.run(
            "milestone_submit", id=row["id"], shown="Report 12 of the lab.", revision=1
        )
    )["milestone"]
    taken = done(
        story.buyer.run("milestone_move", id=row["id"], move="accept", revision=sent["revision"])
    )["milestone"]
    paid = by_card(story, double, taken["invoice"])
    story.step(f"“{row['what']}”: shown, accepted, and {shown(paid['total'])} are paid")
    story.ids["held"] = paid["id"]
    done(story.buyer.run("invoice_hold", id=paid["id"], reason="The line stands still again."))


def royalty_quarter(story: Story) -> None:
    start, end = last_quarter()
    reported = done(
        story.buyer.run(
            "royalty_statement_submit",
            agreement=story.ids["agreement"],
            start=str(start),
            end=str(end),
            lines=[
                {"product": "Bus cell", "territory": "CN", "units": 4000, "netSales": 120_000_000},
                {"product": "Ferry cell", "territory": "CN", "units": 900, "netSales": 80_000_000},
            ],
        )
    )["royaltyStatement"]
    sales, royalty = shown(reported["netSales"]), shown(reported["amount"])
    story.step(f"The buyer reports sales of {sales} in the quarter from {start}: {royalty}")
    taken = done(story.licensor.run("royalty_statement_move", id=reported["id"], move="accept"))
    id = taken["royaltyStatement"]["invoice"]
    invoice = story.buyer.run("invoice", id=id)["invoice"]
    total = invoice["total"]["amount"]
    tax = total // 10
    day = day_of(timezone.now())
    row = f"FT77,{day},{(total - tax) / 100:.2f},HKD,Buyer,{invoice['wireReference']}"
    statement = f"reference,date,amount,currency,payer,text\n{row}\n"
    content = base64.b64encode(statement.encode()).decode()
    (line,) = done(story.operator.run("bank_lines_import", format="CSV", content=content))["lines"]
    booked = done(story.second.run("bank_line_approve", id=line["id"]))["line"]
    assert booked["invoice"]["state"] == "PART_PAID"
    story.step(f"It wires {shown(line['amount'])}, and keeps 10 % of tax: the invoice is part-paid")
    certificate = done(
        story.buyer.run(
            "tax_certificate_submit",
            invoice=id,
            number="T-2026-1",
            amount=tax,
            issuedOn=str(day),
            name="certificate.pdf",
            content=PDF,
        )
    )["certificate"]
    closed = done(story.operator.run("tax_certificate_approve", id=certificate["id"]))
    assert closed["certificate"]["invoice"]["state"] == "PAID"
    story.step(f"The tax office's certificate of {shown(certificate['amount'])} closes it")


def released(story: Story, double: Double) -> None:
    for edge in story.operator.run("invoices", state="PAID")["invoices"]["edges"]:
        invoice = edge["node"]["id"]
        answer = story.operator.run("invoice_release", id=invoice)["invoiceRelease"]
        if invoice == story.ids["held"]:
            (why,) = answer["errors"]
            story.step(f"The milestone's money stays where it is. {why['message']}")
        else:
            assert answer["errors"] == []
    double.state.pay_out(62_000_000, "hkd")  # Stripe pays our balance out to our bank
    sync(double, Client())
    sent = []
    for edge in story.operator.run("payouts", state="RELEASABLE")["payouts"]["edges"]:
        share, number = edge["node"]["id"], len(sent) + 1
        done(story.operator.run("payout_wire_propose", id=share, bankReference=f"OUT{number}"))
        paid = done(story.second.run("payout_wire_confirm", id=share))["payout"]
        assert paid["state"] == "SETTLED"
        sent.append(shown(paid["sent"]))
    story.step(f"The rest is released: {', '.join(sent)} are wired to the owner, by two persons")


def books(story: Story, double: Double) -> None:
    rows = story.operator.run("trial_balance")["trialBalance"]
    total: dict[str, int] = {}
    for row in rows:
        left = row["balance"]
        total[left["currency"]] = total.get(left["currency"], 0) + left["amount"]
        story.say(f"      {row['name']:<50} {shown(left):>20}")
    at_stripe = {
        row["balance"]["currency"]: row["balance"]["amount"]
        for row in rows
        if row["account"] == "STRIPE"
    }
    theirs = {code.upper(): amount for code, amount in double.state.balance().items()}
    assert set(total.values()) == {0}
    assert at_stripe == theirs
    story.step(f"The books balance in {', '.join(total)}, and Stripe has what they say it has")


def shown(amount: dict[str, Any]) -> str:
    return str(Money(amount["amount"], amount["currency"]))
