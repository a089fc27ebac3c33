"""The moves of invoices, payments and allocations. `stripe`, `bank` and `worker` are actors too."""

from __future__ import annotations

from django.db.models import TextChoices

from marketplace.core.workflow import Workflow, move


class InvoiceState(TextChoices):
    DRAFT = "draft"
    ISSUED = "issued"
    PART_PAID = "part_paid"
    PAID = "paid"
    PART_REFUNDED = "part_refunded"
    REFUNDED = "refunded"
    CHARGED_BACK = "charged_back"
    WRITTEN_OFF = "written_off"
    VOID = "void"


class PaymentState(TextChoices):
    CREATED = "created"
    REQUIRES_ACTION = "requires_action"
    PROCESSING = "processing"
    AUTHORIZED = "authorized"
    CAPTURED = "captured"
    CANCELED = "canceled"
    EXPIRED = "expired"


class AllocationState(TextChoices):
    PLANNED = "planned"
    RELEASABLE = "releasable"
    SENT = "sent"
    SETTLED = "settled"
    FAILED = "failed"


N, P, A = InvoiceState, PaymentState, AllocationState
OWING = (N.ISSUED, N.PART_PAID)
MONEY_IN = (N.PART_PAID, N.PAID, N.PART_REFUNDED)
LIVE = (P.CREATED, P.REQUIRES_ACTION, P.PROCESSING, P.AUTHORIZED)

INVOICE = Workflow(
    move("issue", N.DRAFT, N.ISSUED, "issuer"),
    move("void", (N.DRAFT, N.ISSUED), N.VOID, "issuer"),
    move("write_off", OWING, N.WRITTEN_OFF, "operator"),
    move(
        "part_pay",
        (*OWING, N.PAID, N.PART_REFUNDED, N.REFUNDED, N.WRITTEN_OFF),
        N.PART_PAID,
        "books",
    ),
    move("pay", (*OWING, N.PAID, N.PART_REFUNDED, N.REFUNDED, N.WRITTEN_OFF), N.PAID, "books"),
    move(
        "part_refund",
        (*MONEY_IN, N.REFUNDED, N.CHARGED_BACK, N.WRITTEN_OFF),
        N.PART_REFUNDED,
        "books",
    ),
    move("refund", (*MONEY_IN, N.REFUNDED, N.WRITTEN_OFF), N.REFUNDED, "books"),
    move(
        "charge_back",
        (*MONEY_IN, N.CHARGED_BACK, N.REFUNDED, N.WRITTEN_OFF),
        N.CHARGED_BACK,
        "books",
    ),
)
PAYMENT = Workflow(
    move("require_action", (P.CREATED, P.PROCESSING), P.REQUIRES_ACTION, "stripe"),
    move("process", (P.CREATED, P.REQUIRES_ACTION), P.PROCESSING, "stripe"),
    move("authorize", (P.CREATED, P.REQUIRES_ACTION, P.PROCESSING), P.AUTHORIZED, "stripe"),
    move("capture", LIVE, P.CAPTURED, "stripe", "bank"),
    move("cancel", LIVE, P.CANCELED, "stripe"),
    move("expire", P.AUTHORIZED, P.EXPIRED, "stripe"),
)
ALLOCATION = Workflow(
    move("release", A.PLANNED, A.RELEASABLE, "operator"),
    move("send", (A.RELEASABLE, A.FAILED), A.SENT, "worker"),
    move("settle", (A.RELEASABLE, A.SENT, A.FAILED), A.SETTLED, "worker", "operator"),
    move("fail", (A.RELEASABLE, A.SENT), A.FAILED, "worker"),
)
