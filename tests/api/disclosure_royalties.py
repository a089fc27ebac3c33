"""The schedule of an agreement in what test_disclosure.py walks: no broker may read of it."""

from __future__ import annotations

from django.db.models import Model

from marketplace.agreements.models import Agreement
from marketplace.royalties.audits import audit_request
from marketplace.royalties.models import Milestone
from tests.factories import Parties
from tests.marketplace.royalties.plain import LATER, Q1, line, move, report


def secret_schedule(parties: Parties, agreement: Agreement) -> list[Model]:
    milestone = Milestone.objects.create(
        agreement=agreement,
        what="Secret-milestone",
        evidence="Report",
        due=LATER.date(),
        amount=5,
        currency="HKD",
    )
    statement = report(parties, agreement, Q1, line(5_000, product="Secret-product"))
    audit = audit_request(
        viewer=parties.licensor,
        agreement_id=agreement.pk,
        start=Q1[0],
        end=Q1[1],
        auditor="Secret-auditor",
        now=LATER,
    )
    return [milestone, move(parties, statement, "accept"), audit]
