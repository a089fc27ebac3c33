"""The joint risk assessment of a dossier: seven checks, signed off by both sides.

A check that stops may be passed over by two persons, unless it is absolute: what is prohibited,
unlicensed or listed stays so. The digest is of what the checks found, so that a change voids the
signatures and another day alone does not.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from marketplace.accounts.viewer import Viewer
from marketplace.core.calendar import day_of
from marketplace.core.errors import Conflict, Forbidden, Invalid, NotFound
from marketplace.core.language import Language
from marketplace.core.money import Money
from marketplace.core.outbox import publish
from marketplace.deals.evidence import record
from marketplace.payments.routes import routes
from marketplace.rulebook.clauses import Finding, Sides, lint
from marketplace.rulebook.data_route import Outcome, gate
from marketplace.rulebook.engine import Answer, Certainty, Reason, ask, one_reading, reason
from marketplace.rulebook.facts import TermSheet
from marketplace.rulebook.tax import TaxedPayment, gross_up, quote
from marketplace.screening.services import Standing, standing

from .catalogue import Direction
from .facts import files_of, safeguards_of, sides_of, terms_of
from .from_deals import follow
from .models import Assessment, Classification, Dossier, Override, SignOff
from .policies import SIDES, act_of, dossier_for, require

PASS, WARN, STOP = "pass", "warn", "stop"
SEVERITY = {"refuse": STOP, "warn": WARN, "note": PASS}


@dataclass(frozen=True)
class Check:
    """`verdict` is pass, warn or stop; an absolute stop cannot be passed over. `status` is as sure
    as the least sure of the rules it rests on."""

    name: str
    verdict: str
    reasons: tuple[Reason, ...]
    answers: tuple[Answer, ...] = ()
    absolute: bool = False

    @property
    def rules(self) -> list[str]:
        return list(dict.fromkeys(rule for one in self.answers for rule in one.rules))

    @property
    def status(self) -> str:
        sure = all(one.confirmed for one in self.answers)
        return Certainty.CONFIRMED if sure else Certainty.NEEDS_CONFIRMATION


def worst(verdicts: Iterable[str]) -> str:
    return max(verdicts, key=(PASS, WARN, STOP).index, default=PASS)


def compose(dossier: Dossier, *, on: date) -> list[Check]:
    with one_reading():
        terms, sides = terms_of(dossier), sides_of(dossier)
        findings = lint(terms, sides, on=on)
        return [
            coverage(terms, findings),
            classified(dossier, on),
            screened(dossier),
            data(dossier, sides, on),
            taxed(dossier, terms, sides, on),
            clauses([one for one in findings if one.code != "know_how_only"]),
            payment_route(dossier),
        ]


def coverage(terms: TermSheet, findings: list[Finding]) -> Check:
    bare = [one for one in findings if one.code == "know_how_only"]
    if bare:
        reasons, answers = zip(*((one.reason, one.answer) for one in bare), strict=True)
        return Check("coverage", WARN, reasons, answers)
    if not terms.patents and not terms.know_how:
        return Check("coverage", WARN, (reason("assess.no_patent"),))
    return Check("coverage", PASS, (reason("assess.covered"),))


def classified(dossier: Dossier, on: date) -> Check:
    """Open stops until a person has decided; what the law forbids is absolute."""
    state = Classification.State
    verdicts, why, answers, absolute = [PASS], [], [], False
    for row in dossier.classifications.all():
        until = row.licence_expires_on
        if row.state == state.LICENSED and until is not None:
            code = "licensed" if until >= on else "lapsed"
        else:
            code = row.state
        fine = code in ("free", "licensed")
        verdicts.append(PASS if fine else STOP)
        absolute = absolute or not (fine or code == "open")
        facts = {"way": f"{row.direction}, {row.cause}", "number": row.licence_number}
        why.append(reason(f"assess.class.{code}", **facts, until=until))
        hong_kong = row.direction == Direction.HK_STRATEGIC
        where = "HK" if hong_kong else "CN"
        answers.append(ask(f"catalogue.{row.direction}", on=on, jurisdiction=where))
        if hong_kong:
            answers.append(ask("import_export.hk_electronic", on=on, jurisdiction="HK"))
        if row.cause == Classification.Cause.GRANT_BACK:
            answers.append(ask("import_export.both_ways", on=on))
    return Check(
        "classification",
        worst(verdicts),
        (*(why or [reason("assess.class.none")]), *said(answers)),
        tuple(answers),
        absolute,
    )


def screened(dossier: Dossier) -> Check:
    verdict = {Standing.CLEAR: PASS, Standing.OPEN: STOP, Standing.LISTED: STOP,
               Standing.UNSCREENED: WARN}  # fmt: skip
    found = [(side, standing(side)) for side in (dossier.licensor, dossier.licensee)]
    return Check(
        "screening",
        worst(verdict[one] for _, one in found),
        tuple(reason(f"assess.screen.{one}", name=side.name) for side, one in found),
        absolute=any(one == Standing.LISTED for _, one in found),
    )


def data(dossier: Dossier, sides: Sides, on: date) -> Check:
    """Files go from the licensor to the licensee. What may not stops, what is closed for want of a
    contract warns: the room keeps it closed."""
    kinds = Counter(files_of(dossier))
    have = safeguards_of(dossier)
    verdicts, why, answers = [PASS], [], []
    for file, number in sorted(kinds.items(), key=str):
        found = gate(file, sides.licensor, sides.licensee, on=on, have=have)
        refused = found.outcome == Outcome.REFUSED
        sure = found.open and found.answer.confirmed
        verdicts.append(STOP if refused else PASS if sure else WARN)
        facts = {"number": number, "data": file.data_class, "outcome": found.outcome}
        why += [reason("assess.data.files", **facts), *found.answer.reasons]
        answers.append(found.answer)
    return Check(
        "data", worst(verdicts), tuple(why) or (reason("assess.data.none"),), tuple(answers)
    )


def taxed(dossier: Dossier, terms: TermSheet, sides: Sides, on: date) -> Check:
    if sides.licensee.jurisdiction != "CN" or sides.licensor.jurisdiction == "CN":
        return Check("tax", WARN, (reason("assess.tax.elsewhere"),))
    if dossier.amount is None:
        return Check("tax", WARN, (reason("assess.tax.no_amount"),))
    payment = TaxedPayment(on, sides.licensee, sides.licensor, terms.kind)
    reckoned = gross_up if terms.gross_up else quote
    found = reckoned(Money(dossier.amount, dossier.currency), payment)
    why = reason("assess.tax.net", gross=found.gross, net=found.net)
    sure = found.status == Certainty.CONFIRMED
    answers = tuple(line.answer for line in found.lines)
    return Check("tax", PASS if sure else WARN, (why, *found.reasons), answers)


def clauses(findings: list[Finding]) -> Check:
    return Check(
        "clauses",
        worst(SEVERITY[one.severity] for one in findings),
        tuple(one.reason for one in findings) or (reason("assess.clauses.clean"),),
        tuple(one.answer for one in findings),
    )


def payment_route(dossier: Dossier) -> Check:
    if dossier.amount is None:
        return Check("payment_route", WARN, (reason("assess.tax.no_amount"),))
    found = routes(
        Money(dossier.amount, dossier.currency),
        payer_country=dossier.licensee.jurisdiction,
        payee_country=dossier.licensor.jurisdiction,
    )
    open_ways = [one.method for one in found if one.possible]
    if not open_ways:
        return Check("payment_route", STOP, (reason("assess.route.none"),))
    return Check("payment_route", PASS, (reason("assess.route.open", ways=", ".join(open_ways)),))


def said(answers: Iterable[Answer]) -> list[Reason]:
    return list(dict.fromkeys(one for answer in answers for one in answer.reasons))


def digest(dossier: Dossier, checks: list[Check]) -> str:
    """Of what both sides sign: the terms, what persons decided and the checks found. Not of the
    day."""
    told = [
        str(dossier.pk),
        dossier.technology,
        dossier.amount,
        dossier.currency,
        dossier.terms,
        dossier.licensor_tax,
        list(dossier.classifications.values_list("direction", "cause", "state", "licence_number")),
        [(one.name, one.verdict, one.absolute, one.rules) for one in checks],
    ]
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()


def kept(check: Check) -> dict[str, Any]:
    return {
        "name": check.name,
        "verdict": check.verdict,
        "absolute": check.absolute,
        "status": check.status,
        "rules": check.rules,
        "reasons": [{one: why.text(one) for one in Language.values} for why in check.reasons],
    }


@transaction.atomic
def assess(*, viewer: Viewer, dossier_id: UUID, now: datetime) -> Assessment:
    """The assessment as things stand today: a new record where something changed."""
    dossier = follow(dossier_for(viewer, dossier_id, lock=True), now)
    require(viewer, dossier, *SIDES, "operator")
    checks = compose(dossier, on=day_of(now))
    found, _ = Assessment.objects.get_or_create(
        dossier=dossier,
        digest=digest(dossier, checks),
        defaults={"on": day_of(now), "checks": [kept(one) for one in checks]},
    )
    return found


def current(viewer: Viewer, assessment_id: UUID, now: datetime) -> Assessment:
    """The assessment, locked; Conflict where things have changed since."""
    row = Assessment.objects.filter(pk=assessment_id).first()
    if row is None:
        raise NotFound("No such assessment.", field=("id",))
    dossier = follow(dossier_for(viewer, row.dossier_id, lock=True), now)
    if row.digest != digest(dossier, compose(dossier, on=day_of(now))):
        raise Conflict("Things have changed since; assess again.", field=("id",))
    row.dossier = dossier
    return row


@transaction.atomic
def assessment_sign(*, viewer: Viewer, assessment_id: UUID, now: datetime) -> SignOff:
    """Sign it off for the viewer's side; nobody signs for both."""
    row = current(viewer, assessment_id, now)
    held = require(viewer, row.dossier, *SIDES)
    side = next((one for one in SIDES if one in held), "")
    if row.sign_offs.filter(side=side).exists():
        raise Conflict(f"It is signed for the {side}.", field=("id",))
    if row.sign_offs.filter(user=viewer.require_user()).exists():
        raise Forbidden("Nobody signs for both sides.", field=("id",))
    signed = SignOff.objects.create(assessment=row, side=side, user=viewer.require_user())
    recorded(viewer, row, "assessment.sign", now, digest=row.digest)
    if row.sign_offs.count() == len(SIDES):
        publish("assessment.signed_off", row.pk, not_before=now)
    return signed


@transaction.atomic
def override_ask(
    *, viewer: Viewer, assessment_id: UUID, check: str, reason: str, now: datetime
) -> Override:
    """Ask that a check which stops be passed over."""
    row = current(viewer, assessment_id, now)
    require(viewer, row.dossier, *SIDES, "operator")
    found = next((one for one in row.checks if one["name"] == check), None)
    if found is None or found["verdict"] != STOP:
        raise Invalid("Only a check that stops is passed over.", field=("check",))
    if found["absolute"]:
        raise Conflict("This cannot be passed over by anybody.", field=("check",))
    if not reason.strip():
        raise Invalid("Say why.", field=("reason",))
    if row.overrides.filter(check_name=check).exists():
        raise Conflict("It was asked for already.", field=("check",))
    recorded(viewer, row, "override.ask", now, check=check, reason=reason.strip())
    return Override.objects.create(
        assessment=row, check_name=check, reason=reason.strip(), asked_by=viewer.require_user()
    )


@transaction.atomic
def override_agree(*, viewer: Viewer, override_id: UUID, now: datetime) -> Override:
    """A second person agrees."""
    row = Override.objects.filter(pk=override_id).first()
    if row is None:
        raise NotFound("No such override.", field=("id",))
    assessment = current(viewer, row.assessment_id, now)
    row.refresh_from_db()
    require(viewer, assessment.dossier, *SIDES, "operator")
    if row.asked_by == viewer.require_user():
        raise Forbidden("A second person agrees.", field=("id",))
    if row.agreed_by_id is not None:
        raise Conflict("It is agreed already.", field=("id",))
    row.agreed_by = viewer.user
    row.save()
    recorded(viewer, assessment, "override.agree", now, check=row.check_name)
    return row


def recorded(viewer: Viewer, row: Assessment, kind: str, now: datetime, **facts: str) -> None:
    dossier = row.dossier
    if dossier.deal is not None:
        record(dossier.deal, kind, by=act_of(viewer, dossier), now=now, **facts)


def against(dossier: Dossier, *, on: date) -> list[Reason]:
    """Everything that keeps the agreement from taking effect that day; empty where nothing does."""
    checks = compose(dossier, on=on)
    row = dossier.assessments.filter(digest=digest(dossier, checks)).first()
    if row is None:
        return [reason("assess.none")]
    signed = set(row.sign_offs.values_list("side", flat=True))
    found = [reason(f"assess.unsigned.{side}") for side in SIDES if side not in signed]
    passed = set(row.overrides.exclude(agreed_by=None).values_list("check_name", flat=True))
    return found + [
        stops(check)
        for check in checks
        if check.verdict == STOP and (check.absolute or check.name not in passed)
    ]


def stops(check: Check) -> Reason:
    """All reasons of a check, as one in each language."""
    texts = {one: " ".join(why.text(one) for why in check.reasons) for one in Language.values}
    return Reason(tuple((one, f"{check.name}: {text}") for one, text in texts.items()))


def blocks(dossier: Dossier, *, now: datetime) -> list[str]:
    """The same in English, of a dossier brought in step with its deal."""
    return [one.text("en") for one in against(follow(dossier, now), on=day_of(now))]
