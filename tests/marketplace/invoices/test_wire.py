"""N6 and fault cases 40, 41: what comes by the bank."""

from __future__ import annotations

import pytest

from marketplace.core.errors import Conflict, Faults, Forbidden, Invalid
from marketplace.invoices.bank_statement import read_camt053, read_csv
from marketplace.invoices.models import BankLine, Invoice
from marketplace.invoices.payouts import invoice_release
from marketplace.invoices.wire import (
    bank_line_approve,
    bank_line_propose,
    bank_lines_import,
    tax_certificate_approve,
    tax_certificate_submit,
)
from tests.stripe_double.world import DAY, World

HEAD = "reference,date,amount,currency,payer,text\n"
CAMT = """<?xml version="1.0"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt><Stmt>
<Ntry><Amt Ccy="HKD">93.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts>
<BookgDt><Dt>2026-11-23</Dt></BookgDt><AcctSvcrRef>FT1</AcctSvcrRef><NtryDtls><TxDtls>
<RltdPties><Dbtr><Pty><Nm>Buyer Ltd</Nm></Pty></Dbtr></RltdPties>
<RmtInf><Ustrd>Licence fee {reference}</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>
<Ntry><Amt Ccy="HKD">5.00</Amt><CdtDbtInd>DBIT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts></Ntry>
</Stmt></BkToCstmrStmt></Document>"""


def state_of(invoice: Invoice) -> str:
    invoice.refresh_from_db()
    return invoice.state


def wired(world: World, invoice: Invoice, amount: str = "93.00", ref: str = "FT1") -> BankLine:
    text = f"{HEAD}{ref},2026-11-23,{amount},HKD,Buyer,{invoice.wire_reference.lower()}\n"
    return bank_lines_import(viewer=world.operator, lines=read_csv(text))[0]


def test_camt053_and_csv_say_the_same(world: World):
    invoice = world.invoice()
    (found,) = read_camt053(CAMT.format(reference=invoice.wire_reference).encode())
    text = f"Licence fee {invoice.wire_reference}"
    assert [found] == read_csv(f"{HEAD}FT1,2026-11-23,93.00,HKD,Buyer Ltd,{text}\n")


@pytest.mark.parametrize(
    "data", [b"", b"<a/>", b"\xff", b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>']
)
def test_what_is_no_camt053_is_refused(data: bytes):
    with pytest.raises(Invalid):
        read_camt053(data)


def test_all_bad_rows_are_named_and_none_is_kept():
    with pytest.raises(Faults, match=r"Row 2: .*Row 4"):
        read_csv(HEAD + "a,2026-11-23,1.005,HKD,,\nb,2026-11-23,1,HKD,,\nc,never,1,HKD,,\n")


def test_fault_41_net_of_tax_with_its_certificate_closes_the_invoice(world: World):
    invoice = world.invoice()
    line = wired(world, invoice)
    with pytest.raises(Forbidden):
        bank_line_approve(viewer=world.operator, bank_line_id=line.pk)
    assert world.books() == {}

    bank_line_approve(viewer=world.second, bank_line_id=line.pk)

    assert state_of(invoice) == "part_paid"
    certificate = tax_certificate_submit(
        viewer=world.payer,
        invoice_id=invoice.pk,
        number="T1",
        amount=700,
        issued_on=DAY,
        name="t1.pdf",
        content=b"%PDF-1.7",
    )
    assert state_of(invoice) == "part_paid"
    tax_certificate_approve(viewer=world.operator, certificate_id=certificate.pk)
    assert state_of(invoice) == "paid"
    assert world.books() == {
        ("bank", "HKD"): 9300,
        ("withholding_tax", "HKD"): 700,
        ("funds_held", "HKD"): -10000,
    }
    with pytest.raises(Conflict):
        tax_certificate_approve(viewer=world.second, certificate_id=certificate.pk)

    invoice_release(viewer=world.operator, invoice_id=invoice.pk, today=DAY)

    assert world.books() == {
        ("bank", "HKD"): 9300,
        ("revenue_fee", "HKD"): -465,
        ("payable", "HKD"): -309 - 8526,
    }


def test_a_line_is_imported_and_booked_once(world: World):
    invoice = world.invoice()
    line = wired(world, invoice)
    assert wired(world, invoice) == line
    with pytest.raises(Conflict):
        wired(world, invoice, "92.00")
    bank_line_approve(viewer=world.second, bank_line_id=line.pk)
    with pytest.raises(Conflict):
        bank_line_approve(viewer=world.second, bank_line_id=line.pk)
    assert world.books()["bank", "HKD"] == 9300


def test_fault_40_paid_by_card_and_by_wire(world: World):
    invoice = world.invoice()
    world.paid(invoice)
    line = wired(world, invoice, "100.00")
    assert line.invoice is None  # nothing is asked any more
    bank_line_propose(viewer=world.operator, bank_line_id=line.pk, invoice_id=invoice.pk)
    bank_line_approve(viewer=world.second, bank_line_id=line.pk)
    assert state_of(invoice) == "paid"
    assert invoice.review == "overpaid by 10000"
    assert world.books()["unmatched", "HKD"] == -10000
    assert world.books()["funds_held", "HKD"] == -10000
    with pytest.raises(Conflict, match="overpaid"):
        invoice_release(viewer=world.operator, invoice_id=invoice.pk, today=DAY)
