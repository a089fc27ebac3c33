"""An invoice as PDF, English and Chinese beside one another. It is no fapiao of the tax office."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from marketplace.accounts.models import Organisation
from marketplace.core.links import gone, headers, link, opened
from marketplace.core.money import Money
from marketplace.core.pdf import Block, document
from marketplace.payments.bank_accounts import collection_account

from .models import Invoice
from .services import outstanding

TITLE = "Invoice 账单"
DRAFT = "Draft, not issued 草稿，尚未开具"
TAX = (
    "Where the law has the payer withhold tax, pay the net amount and show the tax certificate on"
    " the marketplace: net amount and certificate together pay the invoice. This is no tax"
    " document and no fapiao.",
    "依法由付款方代扣代缴税款的，请支付净额，并在平台提交完税凭证：净额与完税凭证合计视为全额支付。"
    "本账单不是税务凭证，也不是发票。",
)
WIRE = (
    "Write the reference into the remittance information of the wire; each invoice has its own.",
    "电汇时请在附言中填写付款编号；每张账单的编号各不相同。",
)


def name_of(organisation: Organisation) -> str:
    return " ".join(filter(None, [organisation.name, organisation.name_zh]))


def facts(invoice: Invoice) -> Block:
    """Label and value, under a head of their own."""
    return [
        ["Invoice 账单", invoice.wire_reference],
        ["Number 号码", f"{invoice.number:06}" if invoice.number else DRAFT],
        ["Issuer 开具方", name_of(invoice.issuer)],
        ["Payer 付款方", name_of(invoice.payer)],
        ["Contract 合同", invoice.agreement or "–"],
        ["Issued on 开具日", str(invoice.issued_on or "–")],
        ["Due on 到期日", str(invoice.due_on or "–")],
        ["State 状态", invoice.state],
    ]


def items(invoice: Invoice) -> Block:
    rows = [
        [str(one.position), one.text, one.text_zh, str(Money(one.amount, invoice.currency))]
        for one in invoice.lines.all()
    ]
    total = Money(invoice.total, invoice.currency)
    return [
        ["No.", "For", "项目", "Amount 金额"],
        *rows,
        ["", "Total", "合计", str(total)],
        ["", "Still to be paid", "尚未支付", str(outstanding(invoice))],
    ]


def wire(invoice: Invoice) -> list[Block]:
    """Nothing where nothing is owed."""
    if not outstanding(invoice).amount:
        return []
    account = collection_account(invoice.currency)
    if account is None:
        return ["Ask the marketplace where to pay by wire. 电汇账户请向平台查询。"]
    return [
        [
            ["Payment by wire 电汇", ""],
            ["Account holder 收款人", account.holder],
            ["Bank 银行", account.bank],
            ["Account number 账号", account.number],
            ["SWIFT", account.swift],
            ["Reference 付款编号", invoice.wire_reference],
        ],
        [["English", "中文"], list(WIRE)],
    ]


def invoice_pdf(invoice: Invoice) -> bytes:
    """The bytes of the PDF; the same invoice gives the same bytes."""
    return document(
        f"{TITLE} {invoice.wire_reference}",
        [facts(invoice), items(invoice), *wire(invoice), [["Tax", "税务"], list(TAX)]],
    )


def invoice_link(invoice_id: UUID) -> str:
    return link("invoice-pdf", invoice=str(invoice_id))


@require_safe
def open_invoice(request: HttpRequest, signed: str) -> HttpResponse:
    rows = Invoice.objects.select_related("issuer", "payer")
    invoice = rows.filter(pk=opened("invoice-pdf", signed)["invoice"]).first()
    if invoice is None:
        raise gone()
    return HttpResponse(
        invoice_pdf(invoice),
        content_type="application/pdf",
        headers=headers(f"{invoice.wire_reference}.pdf", inline=True),
    )
