"""Reading a bank's statement: CAMT.053 (ISO 20022) and CSV. Credits only; bad rows are named."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from datetime import date
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring
from django.db.models import TextChoices

from marketplace.core.errors import DomainError, Invalid, refuse
from marketplace.core.money import Money, parse
from marketplace.core.papers import require_small

COLUMNS = ("reference", "date", "amount", "currency", "payer", "text")


@dataclass(frozen=True)
class StatementLine:
    """A booked credit; `reference` is the bank's own and unique."""

    reference: str
    booked_on: date
    amount: Money
    payer: str
    text: str


class Format(TextChoices):
    CAMT053 = "camt053", "CAMT.053 (ISO 20022)"
    CSV = "csv"


def read(format: str, content: bytes) -> list[StatementLine]:
    """The credits of a statement; Invalid or Faults where it cannot be read."""
    require_small(content)
    if format == Format.CAMT053:
        return read_camt053(content)
    try:
        return read_csv(content.decode())
    except UnicodeDecodeError:
        raise Invalid("A CSV is in UTF-8.", field=("content",)) from None


def read_csv(text: str) -> list[StatementLine]:
    """Rows under the head reference,date,amount,currency,payer,text; dates as 2026-11-23."""
    rows = csv.DictReader(io.StringIO(text.removeprefix("\ufeff")))
    if not set(COLUMNS) <= set(rows.fieldnames or ()):
        raise Invalid(f"The first row is {','.join(COLUMNS)}.")
    found: list[StatementLine] = []
    faults: list[DomainError] = []
    for number, row in enumerate(rows, 2):
        try:
            found.append(line(*(row[name] or "" for name in COLUMNS)))
        except Invalid as error:
            faults.append(Invalid(f"Row {number}: {error.message}", field=(str(number),)))
    refuse(faults)
    return found


def line(
    reference: str, day: str, amount: str, currency: str, payer: str, text: str
) -> StatementLine:
    try:
        booked_on = date.fromisoformat(day.strip()[:10])
    except ValueError:
        raise Invalid("Write a date as 2026-11-23.") from None
    money = parse(amount, currency.strip())
    if not reference.strip() or money.amount <= 0:
        raise Invalid("A line has the bank's reference and a credit above nought, such as 5.00.")
    return StatementLine(reference.strip()[:80], booked_on, money, payer.strip(), text.strip())


def read_camt053(data: bytes) -> list[StatementLine]:
    """The booked credits of a CAMT.053, of any version of the schema."""
    try:
        root = fromstring(data, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError):
        raise Invalid("This is not an XML file such as camt.053.001.08.") from None
    if not root.tag.endswith("}Document") or first(root, "BkToCstmrStmt") is None:
        raise Invalid("This is no CAMT.053: Document/BkToCstmrStmt is missing.")
    found: list[StatementLine] = []
    faults: list[DomainError] = []
    for number, entry in enumerate(root.iterfind(".//{*}Ntry"), 1):
        status = text_of(entry, "Sts/Cd") or text_of(entry, "Sts")
        if text_of(entry, "CdtDbtInd") != "CRDT" or status != "BOOK":
            continue
        try:
            found.append(camt_line(entry))
        except Invalid as error:
            faults.append(Invalid(f"Entry {number}: {error.message}", field=(str(number),)))
    refuse(faults)
    return found


def camt_line(entry: Element) -> StatementLine:
    amount = first(entry, "Amt")
    details = "NtryDtls/TxDtls"
    return line(
        text_of(entry, "AcctSvcrRef") or text_of(entry, "NtryRef"),
        text_of(entry, "BookgDt/Dt") or text_of(entry, "BookgDt/DtTm"),
        (amount.text or "") if amount is not None else "",
        amount.get("Ccy", "") if amount is not None else "",
        text_of(entry, f"{details}/RltdPties/Dbtr/Pty/Nm")
        or text_of(entry, f"{details}/RltdPties/Dbtr/Nm"),
        " ".join(one.text or "" for one in entry.iterfind(".//{*}RmtInf/{*}Ustrd")),
    )


def first(element: Element, path: str) -> Element | None:
    return element.find("/".join("{*}" + part for part in path.split("/")))


def text_of(element: Element, path: str) -> str:
    found = first(element, path)
    return (found.text or "").strip() if found is not None else ""
