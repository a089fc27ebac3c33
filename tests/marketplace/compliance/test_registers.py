"""Tasks at the registers, their days and reminders, and the bank's bundle (F2, N4)."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core import mail
from hypothesis import given
from hypothesis import strategies as st

from marketplace.compliance.dossiers import dossier_activate, dossier_first_royalty
from marketplace.compliance.models import Dossier, Paper, RegisterTask
from marketplace.compliance.papers import bundle, bundle_zip, paper_add
from marketplace.compliance.registers import register_task_move
from marketplace.core.calendar import months_after
from marketplace.core.errors import Conflict, Forbidden, Invalid, NotFound
from marketplace.core.money import Money
from marketplace.core.outbox import drain
from marketplace.ledger.models import FxRate
from marketplace.rulebook.deadlines import register_due
from marketplace.rulebook.parameters import Register
from tests.factories import NOW, make_operator, make_organisation, member_of
from tests.marketplace.compliance.plain import PATENT, Pair, free_all, make_dossier, signed
from tests.marketplace.royalties.plain import LATER, Q1, Q2, accepted, running

pytestmark = pytest.mark.django_db
PDF = b"%PDF-1.7 "
HONG_KONG = ZoneInfo("Asia/Hong_Kong")


def activated(effective_on: date = date(2026, 11, 30), **content: Any) -> Pair:
    pair = make_dossier(**content)
    free_all(pair)
    signed(pair)
    dossier_activate(
        viewer=pair.licensee, dossier_id=pair.dossier.pk, effective_on=effective_on, now=NOW
    )
    pair.dossier.refresh_from_db()
    return pair


def due(pair: Pair) -> dict[str, date | None]:
    return dict(pair.dossier.tasks.values_list("register", "due_on"))


def add(pair: Pair, kind: str, **more: Any) -> Paper:
    return paper_add(
        viewer=more.pop("viewer", pair.licensee),
        dossier_id=pair.dossier.pk,
        kind=kind,
        **{"name": f"{kind}.pdf", "content": PDF + kind.encode(), "now": NOW, **more},
    )


def test_a_fixed_fee_is_registered_60_days_after_effect_and_recorded_3_months_after() -> None:
    pair = activated(terms={"patents": [PATENT]})
    assert due(pair) == {
        "mofcom": date(2027, 1, 29),
        "cnipa": date(2027, 2, 28),  # 30 November and three months
        "recognition": None,
    }
    mofcom = pair.dossier.tasks.get(register="mofcom")
    assert mofcom.responsible == pair.dossier.licensee
    assert "contract" in mofcom.documents
    assert (mofcom.rule, mofcom.compulsory) == ("cn-reg-mofcom-import", True)


def test_know_how_alone_is_recorded_nowhere() -> None:
    assert set(due(activated())) == {"mofcom", "recognition"}


def test_for_a_royalty_the_days_count_from_the_first_base() -> None:
    pair = activated(terms={"royalty": True, "royalty_until": "2031-12-31"})
    assert due(pair)["mofcom"] is None
    with pytest.raises(Invalid):
        first_royalty(pair, date(2026, 11, 29))
    first_royalty(pair, date(2027, 4, 1))
    assert due(pair)["mofcom"] == date(2027, 5, 31)
    with pytest.raises(Conflict):
        first_royalty(pair, date(2027, 7, 1))
    assert due(pair)["mofcom"] == date(2027, 5, 31)


def first_royalty(pair: Pair, on: date) -> None:
    dossier_first_royalty(viewer=pair.licensee, dossier_id=pair.dossier.pk, on=on)


def test_the_first_accepted_statement_starts_the_days_by_itself() -> None:
    parties, agreement = running()
    drain(NOW)
    dossier = Dossier.objects.get(deal=agreement.deal)
    assert dossier.tasks.get(register="mofcom").due_on is None
    accepted(parties, agreement, Q1, 0)
    drain(LATER)
    dossier.refresh_from_db()
    assert dossier.first_royalty_on is None
    accepted(parties, agreement, Q2, 10_000_000)
    drain(LATER)
    dossier.refresh_from_db()
    assert dossier.first_royalty_on == date(2027, 6, 30)
    assert dossier.tasks.get(register="mofcom").due_on == date(2027, 8, 29)


def test_without_a_royalty_there_is_no_first_one() -> None:
    with pytest.raises(Conflict):
        first_royalty(activated(), date(2027, 1, 1))


def test_inside_one_jurisdiction_there_are_no_tasks() -> None:
    both = [make_organisation("licensor", jurisdiction="CN") for _ in range(2)]
    pair = make_dossier(*both)
    signed(pair)
    dossier_activate(
        viewer=pair.licensor, dossier_id=pair.dossier.pk, effective_on=NOW.date(), now=NOW
    )
    assert due(pair) == {}


@given(st.dates(date(2010, 1, 1), date(2090, 1, 1)), st.integers(0, 60))
def test_months_keep_the_day_or_end_with_the_month(day: date, months: int) -> None:
    later = months_after(day, months)
    assert (later.year * 12 + later.month) - (day.year * 12 + day.month) == months
    is_last = (later + timedelta(days=1)).day == 1
    assert later.day == day.day or (later.day < day.day and is_last)


@given(st.dates(date(2010, 1, 1), date(2090, 1, 1)), st.dates(date(2010, 1, 1), date(2090, 1, 1)))
def test_sixty_days_from_the_right_event(effect: date, royalty: date) -> None:
    rule = Register(
        days=60, after="effect", after_for_royalty="first_royalty", filed_by="mainland",
        compulsory=True, documents=[],
    )  # fmt: skip
    days = timedelta(days=60)

    def by(is_royalty: bool, first: date | None) -> date | None:
        return register_due(rule, effect_on=effect, royalty=is_royalty, first_royalty_on=first)

    assert by(False, royalty) == effect + days
    assert by(True, royalty) == royalty + days
    assert by(True, None) is None


def test_reminders_come_by_mail_before_it_is_due_and_stop_when_it_is_done() -> None:
    pair = activated()
    member_of(pair.dossier.licensee, "viewer")  # who gets none
    drain(datetime(2027, 1, 8, 8, 59, tzinfo=HONG_KONG))
    assert mail.outbox == []
    drain(datetime(2027, 1, 8, 9, 0, tzinfo=HONG_KONG))
    (letter,) = mail.outbox
    assert pair.licensee.user is not None
    assert letter.to == [pair.licensee.user.email]
    assert letter.subject == "mofcom is due on 2027-01-29"
    assert "contract" in letter.body
    drain(datetime(2027, 1, 8, 9, 0, tzinfo=HONG_KONG))
    assert len(mail.outbox) == 1
    add(pair, "mofcom_certificate")
    move(pair, "mofcom", "done")
    drain(datetime(2027, 2, 1, tzinfo=HONG_KONG))
    assert len(mail.outbox) == 1


def move(pair: Pair, register: str, name: str, **more: Any) -> RegisterTask:
    task = pair.dossier.tasks.get(register=register)
    return register_task_move(
        **{"viewer": pair.licensee, "task_id": task.pk, "move": name, "now": NOW, **more}
    )


def test_done_wants_the_certificate_and_what_is_compulsory_is_not_waived() -> None:
    pair = activated()
    with pytest.raises(Conflict, match="mofcom_certificate"):
        move(pair, "mofcom", "done")
    with pytest.raises(Conflict, match="compulsory"):
        move(pair, "mofcom", "waive")
    with pytest.raises(NotFound):
        move(pair, "mofcom", "waive", viewer=member_of(make_organisation("buyer")))
    with pytest.raises(Forbidden):
        move(pair, "recognition", "waive", viewer=make_operator())
    states = set(pair.dossier.tasks.values_list("state", flat=True))
    assert states == {"open"}
    assert move(pair, "recognition", "waive").state == "waived"
    add(pair, "mofcom_certificate", number="GD-2026-1", issued_on=date(2026, 12, 4))
    assert move(pair, "mofcom", "done").state == "done"
    assert move(pair, "mofcom", "reopen", viewer=make_operator()).state == "open"


@pytest.mark.parametrize(
    ("change", "wrong"),
    [
        ({"content": b"MZ executable"}, Invalid),
        ({"content": PDF + bytes(1_000_000)}, Invalid),
        ({"kind": "diploma"}, Invalid),
        ({"name": " "}, Invalid),
        ({"number": "1" * 121}, Invalid),
    ],
)
def test_a_wrong_paper_is_refused(change: dict[str, Any], wrong: type[Exception]) -> None:
    pair = make_dossier()
    with pytest.raises(wrong):
        add(pair, change.pop("kind", "contract"), **change)
    with pytest.raises(Forbidden):
        add(pair, "contract", viewer=make_operator())
    assert not Paper.objects.exists()


def test_a_paper_is_kept_once() -> None:
    pair = make_dossier()
    add(pair, "contract")
    with pytest.raises(Conflict):
        add(pair, "contract")
    assert Paper.objects.count() == 1


def wanted(pair: Pair, amount: Money) -> list[str]:
    return [kind for kind, _ in bundle(pair.dossier, amount, on=NOW.date()).papers]


def test_the_bank_asks_for_more_above_fifty_thousand_dollars_and_for_patents() -> None:
    pair = make_dossier()
    plain = ["contract", "invoice", "mofcom_certificate", "data_sheet", "tax_proof"]
    assert wanted(pair, Money(5_000_000, "USD")) == plain
    assert wanted(pair, Money(5_000_001, "USD")) == [*plain, "tax_record"]
    patented = make_dossier(terms={"patents": [PATENT]})
    assert "patent_register" in wanted(patented, Money(1, "USD"))
    assert "tax_record" in wanted(pair, Money(1, "CNY"))  # no rate is known, so it may be above
    FxRate.objects.create(
        base="CNY", quote="USD", on=NOW.date(), rate=Decimal("0.14"), source="ECB"
    )
    assert "tax_record" not in wanted(pair, Money(1, "CNY"))


def test_the_bundle_says_what_is_missing_and_holds_the_rest() -> None:
    pair = make_dossier()
    add(pair, "contract", content=PDF + b"old")
    add(pair, "contract", content=PDF + b"new", number="K-1")
    found = bundle(pair.dossier, Money(1, "USD"), on=NOW.date())
    assert found.missing == ["invoice", "mofcom_certificate", "data_sheet", "tax_proof"]
    assert found.answer.status == "needs_confirmation"
    assert found.answer.rules == ("cn-remittance-bundle",)
    data = bundle_zip(found)
    assert data == bundle_zip(bundle(pair.dossier, Money(1, "USD"), on=NOW.date()))
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.namelist() == ["bundle.json", "01-contract.pdf"]
        assert archive.read("01-contract.pdf") == PDF + b"new"
        told = json.loads(archive.read("bundle.json"))
    assert told["missing"] == found.missing
    assert told["papers"][0]["number"] == "K-1"
