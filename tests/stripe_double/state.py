"""What Stripe knows and does, in so far as our tests need it: one reading of its documentation.

Its refusals are not checked against the real service; the opt-in lane is for that.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from itertools import count
from typing import Any

Row = dict[str, Any]
WEEK = 7 * 24 * 3600


class Refusal(Exception):
    def __init__(self, status: int, kind: str, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.body = {"error": {"type": kind, "code": code, "message": message}}


def invalid(code: str, message: str, status: int = 400) -> Refusal:
    return Refusal(status, "invalid_request_error", code, message)


@dataclass
class State:
    """`settle`: currency of a charge -> currency of the balance and units of it for 1000."""

    settle: dict[str, tuple[str, int]] = field(default_factory=dict)
    rows: dict[str, Row] = field(default_factory=dict)
    transactions: list[Row] = field(default_factory=list)
    events: list[Row] = field(default_factory=list)
    numbers: Any = field(default_factory=lambda: count(1))
    now: float = field(default_factory=time.time)
    api_version: str = "2026-10-28.endive"
    available: bool = True
    reversals_refused: bool = False

    def new(self, prefix: str, kind: str, **fields: Any) -> Row:
        row = {
            "id": f"{prefix}_{next(self.numbers)}",
            "object": kind,
            "created": int(self.now),
            "livemode": False,
            **fields,
        }
        self.rows[row["id"]] = row
        return row

    def get(self, name: str, kind: str) -> Row:
        row = self.rows.get(name)
        if row is None or row["object"] != kind:
            raise invalid("resource_missing", f"No such {kind}: '{name}'", 404)
        return row

    def emit(self, kind: str, row: Row, **more: Any) -> None:
        self.events.append(
            {
                "id": f"evt_{next(self.numbers)}",
                "object": "event",
                "type": kind,
                "created": int(self.now),
                "livemode": False,
                "api_version": self.api_version,
                "data": {"object": dict(row)},
                **more,
            }
        )

    def moved(self, kind: str, source: str, amount: int, currency: str, fee: int = 0) -> Row:
        row = self.new(
            "txn",
            "balance_transaction",
            type=kind,
            source=source,
            amount=amount,
            fee=fee,
            net=amount - fee,
            currency=currency,
            exchange_rate=None,
            status="available",
        )
        self.transactions.append(row)
        return row

    def balance(self) -> dict[str, int]:
        found: dict[str, int] = {}
        for one in self.transactions:
            found[one["currency"]] = found.get(one["currency"], 0) + one["net"]
        return found

    def settled(self, amount: int, currency: str) -> tuple[int, str]:
        to, rate = self.settle.get(currency, (currency, 1000))
        return amount * rate // 1000, to

    # What payers, their banks and time do; called by tests.

    def pay(self, name: str, outcome: str = "succeed", method: str = "card") -> None:
        payment = self.get(name, "payment_intent")
        if outcome == "decline":
            payment["status"] = "requires_payment_method"
            payment["last_payment_error"] = {"code": "card_declined", "type": "card_error"}
            self.emit("payment_intent.payment_failed", payment)
            return
        if outcome in ("requires_action", "processing"):
            payment["status"] = outcome
            self.emit(f"payment_intent.{outcome}", payment)
            return
        if payment["capture_method"] == "manual" and method != "card":
            raise invalid("payment_intent_incompatible_payment_method", f"{method} cannot hold")
        payment["last_payment_error"] = None
        charge = self.new(
            "ch",
            "charge",
            amount=payment["amount"],
            currency=payment["currency"],
            payment_intent=name,
            amount_refunded=0,
            transferred=0,
            disputed=False,
            balance_transaction=None,
            payment_method_details={"type": method, method: {}},
        )
        if payment["capture_method"] == "manual":
            charge["payment_method_details"][method] = {"capture_before": int(self.now + WEEK)}
        payment["latest_charge"] = charge["id"]
        if payment["capture_method"] == "manual":
            payment["status"] = "requires_capture"
            self.emit("payment_intent.amount_capturable_updated", payment)
        else:
            self.collect(payment, payment["amount"])

    def collect(self, payment: Row, amount: int) -> None:
        charge = self.rows[payment["latest_charge"]]
        settled, currency = self.settled(amount, payment["currency"])
        moved = self.moved("charge", charge["id"], settled, currency, settled * 34 // 1000 + 235)
        charge["balance_transaction"] = moved["id"]
        charge["captured"] = amount
        payment["status"] = "succeeded"
        payment["amount_received"] = amount
        self.emit("payment_intent.succeeded", payment)
        self.emit("charge.succeeded", charge)

    def expire_holds(self, seconds: float = WEEK + 1) -> None:
        self.now += seconds
        for row in list(self.rows.values()):
            if row["object"] == "payment_intent" and row["status"] == "requires_capture":
                row["status"] = "canceled"
                self.emit("payment_intent.canceled", row)

    def dispute(self, payment: str, amount: int | None = None, status: str = "") -> str:
        charge = self.rows[self.rows[payment]["latest_charge"]]
        amount = amount or charge["amount"]
        row = self.new(
            "dp",
            "dispute",
            amount=amount,
            currency=charge["currency"],
            charge=charge["id"],
            payment_intent=payment,
            status=status or "needs_response",
            balance_transactions=[],
        )
        charge["disputed"] = True
        if not status:
            settled, currency = self.settled(amount, charge["currency"])
            moved = self.moved("adjustment", row["id"], -settled, currency, 8500)
            row["balance_transactions"].append(moved)
        self.emit("charge.dispute.created", row)
        return str(row["id"])

    def close_dispute(self, name: str, status: str) -> None:
        row = self.rows[name]
        row["status"] = status
        self.rows[row["charge"]]["disputed"] = False
        if status == "won":
            settled, currency = self.settled(row["amount"], row["currency"])
            row["balance_transactions"].append(self.moved("adjustment", name, settled, currency))
        self.emit("charge.dispute.closed", row)

    def fail_refund(self, name: str) -> None:
        row = self.rows[name]
        charge = self.rows[row["charge"]]
        row["status"] = "failed"
        charge["amount_refunded"] -= row["amount"]
        settled, currency = self.settled(row["amount"], row["currency"])
        moved = self.moved("refund_failure", name, settled, currency)
        row["failure_balance_transaction"] = moved["id"]
        self.emit("refund.failed", row)

    def pay_out(self, amount: int, currency: str) -> str:
        row = self.new("po", "payout", amount=amount, currency=currency, status="paid")
        self.moved("payout", row["id"], -amount, currency)
        self.emit("payout.paid", row)
        return str(row["id"])

    def fail_payout(self, name: str) -> None:
        row = self.rows[name]
        row["status"] = "failed"
        self.moved("payout_failure", name, row["amount"], row["currency"])
        self.emit("payout.failed", row)

    def deauthorise(self, account: str) -> None:
        self.rows[account]["gone"] = True
        app = {"id": "ca_1", "object": "application"}
        self.emit("account.application.deauthorized", app, account=account)
