"""A party's statement as PDF."""

from __future__ import annotations

from marketplace.core.language import Language
from marketplace.core.pdf import document

from .selectors import Statement

WORDS = {
    Language.EN: ("Statement", "Date", "Reference", "Amount", "Balance", "Opening", "Closing"),
    Language.HANS: ("对账单", "日期", "编号", "金额", "余额", "期初", "期末"),
    Language.HANT: ("對帳單", "日期", "編號", "金額", "餘額", "期初", "期末"),
}


def statement_pdf(statement: Statement, language: str = Language.EN) -> bytes:
    title, day, ref, amount, balance, opening, closing = WORDS[Language(language)]
    organisation = statement.organisation
    rows = [[day, ref, amount, balance]]
    rows += [[str(statement.start), opening, "", str(one)] for one in statement.opening.values()]
    rows += [
        [str(one.booked_on), one.ref, str(one.amount), str(one.balance)] for one in statement.lines
    ]
    rows += [[str(statement.end), closing, "", str(one)] for one in statement.closing.values()]
    names = " ".join(filter(None, [organisation.name, organisation.name_zh]))
    period = f"{statement.start} – {statement.end}"
    return document(f"{title} {period}", [names, rows], language=language)
