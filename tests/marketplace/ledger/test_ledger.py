from __future__ import annotations

from datetime import date

import pytest
from django.db import IntegrityError, connection, transaction

from marketplace.core.errors import Conflict, NotFound
from marketplace.ledger.models import Account, Entry, Posting
from marketplace.ledger.selectors import (
    balance,
    books,
    statement_csv,
    statement_for,
)
from marketplace.ledger.services import Line, post, reverse
from marketplace.ledger.statement_pdf import statement_pdf
from tests.factories import make_operator, make_organisation, member_of

pytestmark = pytest.mark.django_db
DAY = date(2026, 11, 23)


def lines(amount: int = 100, currency: str = "HKD") -> list[Line]:
    return [Line("stripe", amount, currency), Line("funds_held", -amount, currency, subject="i")]


def check_now() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_a_fact_is_posted_once():
    first = post("charge:ch_1", lines(), on=DAY)
    assert post("charge:ch_1", reversed(lines()), on=DAY) == first
    assert books() == {("stripe", "HKD"): 100, ("funds_held", "HKD"): -100}


def test_a_fact_told_differently_is_refused():
    post("charge:ch_1", lines(), on=DAY)
    with pytest.raises(Conflict):
        post("charge:ch_1", lines(101), on=DAY)
    assert balance("stripe", "HKD") == 100


def test_fault_77_an_unbalanced_posting_is_refused_by_the_database():
    with pytest.raises(IntegrityError, match="does not balance"), transaction.atomic():
        post("x", [Line("stripe", 100, "HKD"), Line("bank", -99, "HKD")], on=DAY)
        check_now()
    assert books() == {}


def test_fault_78_a_posting_balances_in_each_currency():
    with pytest.raises(IntegrityError, match="does not balance"), transaction.atomic():
        post("x", [Line("stripe", 100, "HKD"), Line("bank", -100, "USD")], on=DAY)
        check_now()
    assert books() == {}


def test_a_posting_without_entries_is_refused():
    with pytest.raises(IntegrityError, match="no entries"), transaction.atomic():
        post("x", [], on=DAY)
        check_now()
    assert not Posting.objects.exists()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ledger_entry SET amount = amount * 2",
        "UPDATE ledger_posting SET ref = 'y'",
        "DELETE FROM ledger_entry",
        "DELETE FROM ledger_posting",
        "TRUNCATE ledger_entry, ledger_posting",
    ],
)
def test_fault_79_the_ledger_is_append_only(statement: str):
    post("x", lines(), on=DAY)
    check_now()
    with (
        pytest.raises(IntegrityError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)
    assert [one.amount for one in Entry.objects.order_by("amount")] == [-100, 100]


def test_a_posting_is_reversed_once():
    posting = post("x", lines(), on=DAY)
    first = reverse(posting, "reverse:x", on=DAY)
    assert reverse(posting, "reverse:x", on=DAY) == first
    with pytest.raises(IntegrityError), transaction.atomic():
        reverse(posting, "reverse:x:again", on=DAY)
    assert books() == {}


def test_a_balance_transaction_has_one_posting():
    post("a", lines(), on=DAY, balance_transaction="txn_1")
    with pytest.raises(IntegrityError), transaction.atomic():
        post("b", lines(), on=DAY, balance_transaction="txn_1")
    assert balance("stripe", "HKD") == 100


def test_statement():
    party = make_organisation(name="=Acme", name_zh="海山電池")
    finance = member_of(party, "finance")
    for number, amount in enumerate([-700, -300, 500], 1):
        pair = [
            Line(Account.PAYABLE, amount, "HKD", party=party.pk),
            Line(Account.FUNDS_HELD, -amount, "HKD"),
        ]
        post(f"release:{number}", pair, on=date(2026, 10 + (number > 1), number), memo="=1+1")

    statement = statement_for(finance, party.pk, date(2026, 11, 1), date(2026, 11, 30))

    assert {code: str(one) for code, one in statement.opening.items()} == {"HKD": "HKD 7.00"}
    assert [(one.ref, str(one.amount), str(one.balance)) for one in statement.lines] == [
        ("release:2", "HKD 3.00", "HKD 10.00"),
        ("release:3", "HKD -5.00", "HKD 5.00"),
    ]
    assert statement_csv(statement).splitlines()[2] == (
        "2026-11-02,release:2,'=1+1,HKD,300,HKD 3.00,HKD 10.00"
    )
    for language in ("en", "zh-Hans", "zh-Hant"):
        made = statement_pdf(statement, language)
        assert made.startswith(b"%PDF-")
        assert made == statement_pdf(statement, language)


def test_a_statement_is_for_the_finance_role_only():
    party = make_organisation()
    for stranger in (member_of(party, "dealmaker"), member_of(make_organisation(), "finance")):
        with pytest.raises(NotFound):
            statement_for(stranger, party.pk, DAY, DAY)
    assert statement_for(make_operator(), party.pk, DAY, DAY).lines == []
