"""The chapters of the story that the rule book tells: before the agreement, and after it."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

from marketplace.core.outbox import drain
from tests.conftest import done

if TYPE_CHECKING:
    from tests.story import Story


def law(story: Story) -> None:
    counted = story.buyer.run("rules")["ruleCounts"]
    rows = ", ".join(f"{one['count']} {one['status'].lower()}" for one in counted)
    story.step(f"The rule book holds {rows} rows; nothing of it is legal advice")
    vat = [
        story.buyer.run("rule_answer", key="tax.vat", on=day)["ruleAnswer"]["rules"][0]
        for day in ("2025-12-31", "2026-01-01")
    ]
    assert vat == ["cn-vat-licensing-36", "cn-vat-licensing-2026"]
    story.step(f"VAT on the last day of 2025 rests on {vat[0]}, a day later on {vat[1]}")
    dossier = done(story.licensor.run("dossier_open", deal=story.ids["deal"]))["dossier"]
    story.ids["dossier"] = dossier["id"]
    for row in story.licensor.run("dossier", id=dossier["id"])["dossier"]["classifications"]:
        note = "No item of the catalogue fits a garnet separator."
        done(story.licensor.run("classification_decide", id=row["id"], move="free", note=note))
        likely = ", ".join(one["code"] or one["name"] for one in row["suggestions"]) or "nothing"
        story.step(f"On its way by {row['direction']} the catalogue suggests {likely}: it is free")
    found = done(story.licensor.run("dossier_assess", id=dossier["id"]))["assessment"]
    verdicts = ", ".join(f"{one['name']} {one['verdict']}" for one in found["checks"])
    story.step(f"The joint risk assessment: {verdicts}")
    for who in (story.licensor, story.buyer):
        signed = done(who.run("assessment_sign", id=found["id"]))["assessment"]
    story.step(f"Both sides sign it off ({len(signed['signOffs'])} of 2)")


HONG_KONG, SHENZHEN = {"jurisdiction": "HK"}, {"jurisdiction": "CN", "city": "Shenzhen"}


def advice(story: Story) -> None:
    """What both sides may ask the rule book before they agree."""
    ask = story.buyer.run
    parties = [HONG_KONG, {**SHENZHEN, "hkMacaoInvested": False}]
    found = ask("governing_law", of="HK", parties=parties)["governingLaw"]
    law, seat = found["law"], found["seat"]
    story.step(
        f"May they choose Hong Kong's law ({law['value']}, {law['status']}), and a seat there "
        f"({seat['value']}, {seat['status']})? {seat['reasons'][0]}"
    )
    gate = ask("data_gate", file={"dataClass": "PERSONAL"}, owner=SHENZHEN, reader=HONG_KONG)
    wanted = "; or ".join(gate["dataGate"]["conditions"])
    story.step(f"Personal data from Shenzhen to Hong Kong: {gate['dataGate']['outcome']}: {wanted}")
    sheet = {
        "kind": "PATENT_LICENCE",
        "territories": ["CN"],
        "startsOn": "2027-01-01",
        "patents": [{"number": "CN.1.B", "territory": "CN", "expiresOn": "2035-06-30"}],
        "royalty": True,
        "royaltyUntil": "2036-01-01",
        "grantBack": "EXCLUSIVE",
    }
    findings = ask("clause_findings", terms=sheet, licensor=HONG_KONG, licensee=SHENZHEN)
    codes = ", ".join(f"{one['code']} {one['severity']}" for one in findings["clauseFindings"])
    story.step(f"The linter on a draft of theirs: {codes}")
    dates = {
        "applicationPublishedOn": "2026-08-31",
        "jurisdiction": "HK",
        "filedOn": "2026-07-05",
        "on": "2026-11-24",
    }
    days = ask("deadlines", **dates)
    stage = days["hkStandardPatentDeadlines"][0]["dueOn"]
    box = days["patentBoxFiling"]["value"]
    story.step(f"A patent of Hong Kong by re-registration: stage 1 by {stage}; patent box: {box}")
    sent = done(
        story.licensor.run(
            "programme_apply",
            organisation=story.ids["licensor"],
            programme="youth_startup",
            facts={"founderAge": 30, "yearsSinceFounding": 2},
        )
    )["application"]
    approved = story.operator.run("programme_decide", id=sent["id"], move="approve")
    done(approved)
    given = story.licensor.run("programme_effects", organisation=story.ids["licensor"])
    effects = given["programmeEffects"]
    story.step(
        f"The owner joins the youth start-ups: {effects['commissionBp'] // 100} % of the "
        f"commission is left, and its listings are reviewed first; {effects['status']}"
    )


def registers(story: Story) -> None:
    drain()
    dossier = story.ids["dossier"]
    seen = story.buyer.run("dossier", id=dossier)["dossier"]
    wanted = ", ".join(
        f"{one['register']} by {one['dueOn'] or 'no day yet'}" for one in seen["tasks"]
    )
    story.step(f"In effect since {seen['effectiveOn']}; registers to be told: {wanted}")
    first = done(story.buyer.run("dossier_first_royalty", id=dossier, on="2099-04-01"))
    mofcom = first["dossier"]["tasks"][0]
    assert mofcom["dueOn"] == "2099-05-31"
    story.step(f"The first royalty base on 2099-04-01: {mofcom['register']} by {mofcom['dueOn']}")
    task = next(one["id"] for one in seen["tasks"] if one["register"] == "mofcom")
    paper = base64.b64encode(b"%PDF-1.7 certificate").decode()
    done(
        story.buyer.run(
            "paper_add", dossier=dossier, kind="MOFCOM_CERTIFICATE", name="certificate.pdf",
            content=paper,
        )
    )  # fmt: skip
    done(story.buyer.run("register_task_move", id=task, move="done"))
    bank = story.buyer.run("remittance_bundle", dossier=dossier, amount=60_000_000, currency="HKD")
    missing = ", ".join(bank["remittanceBundle"]["missing"])
    story.step(f"Registered, with its certificate; for the bank's bundle are missing: {missing}")
