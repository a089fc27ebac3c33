"""The operations of the API that our gateway uses."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from stripe import params

from .state import Row, State, invalid

Operation = Callable[[State, list[str], Row], Any]
EXPAND = ("latest_charge", "balance_transaction", "failure_balance_transaction")


def listed(rows: list[Row], given: Row, url: str) -> Row:
    since = int(given.get("created", {}).get("gte", 0))
    rows = [one for one in reversed(rows) if one["created"] >= since]
    if after := given.get("starting_after"):
        names = [one["id"] for one in rows]
        rows = rows[names.index(after) + 1 :]
    limit = int(given.get("limit", 10))
    return {"object": "list", "data": rows[:limit], "has_more": len(rows) > limit, "url": url}


def payment_create(state: State, path: list[str], given: Row) -> Row:
    amount = int(given["amount"])
    if not 0 < amount <= 99_999_999:
        raise invalid("amount_too_large", "Amount must be no more than 999,999.99")
    made = state.new(
        "pi",
        "payment_intent",
        amount=amount,
        currency=given["currency"],
        status="requires_payment_method",
        capture_method=given.get("capture_method", "automatic"),
        metadata=given.get("metadata", {}),
        transfer_group=given.get("transfer_group"),
        amount_received=0,
        latest_charge=None,
        last_payment_error=None,
    )
    made["client_secret"] = f"{made['id']}_secret_x"
    state.emit("payment_intent.created", made)
    return made


def payment_capture(state: State, path: list[str], given: Row) -> Row:
    payment = state.get(path[1], "payment_intent")
    amount = int(given.get("amount_to_capture", payment["amount"]))
    if payment["status"] != "requires_capture" or amount > payment["amount"]:
        raise invalid("payment_intent_unexpected_state", f"It is {payment['status']}.")
    state.collect(payment, amount)
    return payment


def payment_cancel(state: State, path: list[str], given: Row) -> Row:
    payment = state.get(path[1], "payment_intent")
    if payment["status"] in ("succeeded", "canceled"):
        raise invalid("payment_intent_unexpected_state", f"It is {payment['status']}.")
    payment["status"] = "canceled"
    state.emit("payment_intent.canceled", payment)
    return payment


def refund_create(state: State, path: list[str], given: Row) -> Row:
    payment = state.get(given["payment_intent"], "payment_intent")
    charge = state.get(payment["latest_charge"] or "", "charge")
    amount = int(given["amount"])
    if charge["disputed"]:
        raise invalid("charge_disputed", "The charge has been charged back.")
    if amount > charge["captured"] - charge["amount_refunded"]:
        raise invalid("charge_already_refunded", "More than is left of the charge.")
    charge["amount_refunded"] += amount
    wallet = charge["payment_method_details"]["type"] != "card"
    made = state.new(
        "re",
        "refund",
        amount=amount,
        currency=payment["currency"],
        status="pending" if wallet else "succeeded",
        charge=charge["id"],
        payment_intent=payment["id"],
        metadata=given.get("metadata", {}),
        failure_balance_transaction=None,
    )
    settled, currency = state.settled(amount, payment["currency"])
    made["balance_transaction"] = state.moved("refund", made["id"], -settled, currency)["id"]
    state.emit("refund.created", made)
    return made


def transfer_create(state: State, path: list[str], given: Row) -> Row:
    account = state.rows.get(given["destination"])
    amount = int(given["amount"])
    if account is None or account.get("gone"):
        raise invalid("account_invalid", "That account does not exist or has no access.", 403)
    if account["capabilities"].get("transfers") != "active":
        raise invalid("insufficient_capabilities_for_transfer", "No transfers capability.")
    source = given.get("source_transaction")
    if source:
        charge = state.get(source, "charge")
        if charge["transferred"] + amount > charge["captured"]:
            raise invalid("transfer_source_exceeded", "More than the charge.")
        charge["transferred"] += amount
    elif not state.available or amount > state.balance().get(given["currency"], 0):
        raise invalid("balance_insufficient", "Insufficient available balance.")
    made = state.new(
        "tr",
        "transfer",
        amount=amount,
        currency=given["currency"],
        destination=given["destination"],
        transfer_group=given.get("transfer_group"),
        metadata=given.get("metadata", {}),
        amount_reversed=0,
        source_transaction=source,
    )
    moved = state.moved("transfer", made["id"], -amount, given["currency"])
    made["balance_transaction"] = moved["id"]
    state.emit("transfer.created", made)
    return made


def transfer_reverse(state: State, path: list[str], given: Row) -> Row:
    transfer = state.get(path[1], "transfer")
    amount = int(given["amount"])
    if state.reversals_refused:
        raise invalid("balance_insufficient", "The account has no such balance any more.")
    if amount > transfer["amount"] - transfer["amount_reversed"]:
        raise invalid("transfer_reversal_too_large", "More than is left of the transfer.")
    transfer["amount_reversed"] += amount
    made = state.new(
        "trr",
        "transfer_reversal",
        amount=amount,
        currency=transfer["currency"],
        transfer=transfer["id"],
    )
    moved = state.moved("transfer_refund", made["id"], amount, transfer["currency"])
    made["balance_transaction"] = moved["id"]
    state.emit("transfer.reversed", transfer)
    return made


def transfers(state: State, path: list[str], given: Row) -> Row:
    rows = [one for one in state.rows.values() if one["object"] == "transfer"]
    group = given.get("transfer_group")
    return listed(
        [one for one in rows if group in (None, one["transfer_group"])], given, "/v1/transfers"
    )


def account_create(state: State, path: list[str], given: Row) -> Row:
    return state.new(
        "acct",
        "account",
        country=given["country"],
        capabilities={"transfers": "inactive"},
        payouts_enabled=False,
        metadata=given.get("metadata", {}),
    )


def account_link(state: State, path: list[str], given: Row) -> Row:
    url = f"https://connect.example/{given['account']}/{next(state.numbers)}"
    return {"object": "account_link", "created": 0, "expires_at": 1, "url": url}


def balance(state: State, path: list[str], given: Row) -> Row:
    rows = [{"amount": amount, "currency": code} for code, amount in state.balance().items()]
    return {"object": "balance", "livemode": False, "available": rows, "pending": []}


def balance_transactions(state: State, path: list[str], given: Row) -> Row:
    source = given.get("source")
    return listed(
        [o for o in state.transactions if source in (None, o["source"])],
        given,
        "/v1/balance_transactions",
    )


def events(state: State, path: list[str], given: Row) -> Row:
    return listed(state.events, given, "/v1/events")


def webhook_endpoint_create(state: State, path: list[str], given: Row) -> Row:
    return state.new(
        "we",
        "webhook_endpoint",
        url=given["url"],
        api_version=given.get("api_version"),
        secret="whsec_of_the_double",
    )


def read(kind: str) -> Operation:
    return lambda state, path, given: state.get(path[1], kind)


P = params
OPERATIONS: dict[str, tuple[Any, Operation]] = {
    "POST payment_intents": (P.PaymentIntentCreateParams, payment_create),
    "GET payment_intents/*": (P.PaymentIntentRetrieveParams, read("payment_intent")),
    "POST payment_intents/*/capture": (P.PaymentIntentCaptureParams, payment_capture),
    "POST payment_intents/*/cancel": (P.PaymentIntentCancelParams, payment_cancel),
    "POST refunds": (P.RefundCreateParams, refund_create),
    "GET refunds/*": (P.RefundRetrieveParams, read("refund")),
    "GET disputes/*": (P.DisputeRetrieveParams, read("dispute")),
    "POST transfers": (P.TransferCreateParams, transfer_create),
    "GET transfers": (P.TransferListParams, transfers),
    "POST transfers/*/reversals": (P.TransferReversalCreateParams, transfer_reverse)
    if hasattr(P, "TransferReversalCreateParams")
    else (P.TransferCreateReversalParams, transfer_reverse),
    "POST accounts": (P.AccountCreateParams, account_create),
    "GET accounts/*": (P.AccountRetrieveParams, read("account")),
    "POST account_links": (P.AccountLinkCreateParams, account_link),
    "GET events": (P.EventListParams, events),
    "GET balance_transactions": (P.BalanceTransactionListParams, balance_transactions),
    "GET balance": (P.BalanceRetrieveParams, balance),
    "POST webhook_endpoints": (P.WebhookEndpointCreateParams, webhook_endpoint_create),
}
