from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.core import mail

from marketplace.agreements.models import Agreement
from marketplace.core.errors import Conflict, Faults, Forbidden, Invalid
from marketplace.core.outbox import drain
from marketplace.deals.evidence import verify
from marketplace.deals.models import Deal
from marketplace.royalties.audits import audit_move, audit_request
from marketplace.royalties.models import Audit
from tests.factories import Parties

from .plain import LATER, running

pytestmark = pytest.mark.django_db


def ask(parties: Parties, agreement: Agreement, who: str = "licensor", **more: Any) -> Audit:
    return audit_request(
        viewer=getattr(parties, who),
        agreement_id=agreement.pk,
        **{
            "start": date(2027, 1, 1),
            "end": date(2028, 1, 1),
            "auditor": "Chan & Co",
            "now": LATER,
            **more,
        },
    )


def move(parties: Parties, audit: Audit, name: str, who: str, **more: Any) -> Audit:
    return audit_move(
        viewer=getattr(parties, who), audit_id=audit.pk, move=name, **{"now": LATER, **more}
    )


def test_from_its_request_to_its_findings() -> None:
    parties, agreement = running(audit_notice_days=30)
    mail.outbox.clear()
    audit = ask(parties, agreement)
    assert (audit.state, audit.begins_on) == ("requested", date(2028, 7, 31))
    drain(LATER)
    assert [("2028-07-31" in one.body) for one in mail.outbox] == [True]
    with pytest.raises(Forbidden):
        move(parties, audit, "begin", "licensor")
    assert move(parties, audit, "begin", "buyer").state == "under_way"
    with pytest.raises(Faults):
        move(parties, audit, "close", "licensor")
    assert Audit.objects.get().state == "under_way"
    closed = move(parties, audit, "close", "licensor", findings="A product was left out.")
    assert (closed.state, closed.findings) == ("closed", "A product was left out.")
    assert verify(Deal.objects.get()) == []


def test_after_the_notice_the_licensor_begins_it() -> None:
    parties, agreement = running(audit_notice_days=30)
    audit = ask(parties, agreement)
    for days, wanted in ((29, "requested"), (30, "under_way")):
        try:
            move(parties, audit, "begin", "licensor", now=LATER + timedelta(days=days))
        except Forbidden:
            assert days == 29
        assert Audit.objects.get().state == wanted


def test_once_a_year() -> None:
    parties, agreement = running()
    withdrawn = ask(parties, agreement)
    move(parties, withdrawn, "withdraw", "licensor")
    audit = ask(parties, agreement)
    with pytest.raises(Conflict, match="already"):
        ask(parties, agreement, now=LATER + timedelta(days=366))
    move(parties, audit, "begin", "buyer")
    move(parties, audit, "close", "licensor", findings="All is well.")
    with pytest.raises(Conflict, match="2029-07-01"):
        ask(parties, agreement, now=LATER + timedelta(days=364))
    assert Audit.objects.count() == 2


def test_who_may_ask_and_for_what() -> None:
    parties, agreement = running()
    with pytest.raises(Forbidden):
        ask(parties, agreement, "buyer")
    for wrong in ({"start": date(2026, 12, 31)}, {"end": date(2028, 7, 2)}):
        with pytest.raises(Invalid):
            ask(parties, agreement, **wrong)
    assert not Audit.objects.exists()


def test_not_where_the_terms_grant_none() -> None:
    parties, agreement = running(audit=False)
    with pytest.raises(Conflict, match="grant"):
        ask(parties, agreement)
    assert not Audit.objects.exists()
