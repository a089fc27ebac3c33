"""`make story`: a technology's way from its listing to the paid licence, by the public API alone.

Each chapter sends the documents of graphql/operations over HTTP, as its own person; only the first
operator is made without the API. On a database of its own, which is dropped afterwards.
"""

from __future__ import annotations

import base64
import hashlib
import io
import logging
import os
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "marketplace.config.settings")
if __name__ == "__main__":
    django.setup()

from django.test import Client
from django.test.utils import (
    setup_databases,
    setup_test_environment,
    teardown_databases,
    teardown_test_environment,
)

from marketplace.core.calendar import months_after
from marketplace.core.outbox import drain
from search.indexing import rebuild
from tests.conftest import Api, done
from tests.factories import ADVANTAGE, ANSWERS, PASSWORD, make_operator
from tests.story_of_law import advice, law, registers
from tests.story_of_money import PILOT, last_quarter, money


class Story:
    """Who takes part, and what they hold so far (`ids`, by name)."""

    def __init__(self, say: Callable[[str], object] = print) -> None:
        self.say = say
        self.ids: dict[str, str] = {}
        self.steps = 0
        self.operator = self.second = Api().as_(make_operator())
        self.licensor = self.joins("wong@example.com", "Wong Mei Ling")
        self.buyer = self.joins("wang@example.com", "王伟")

    def tell(self) -> None:
        for chapter in CHAPTERS:
            chapter(self)

    def step(self, text: str) -> None:
        self.steps += 1
        self.say(f"{self.steps:3}. {text}")

    def joins(self, email: str, name: str) -> Api:
        done(Api().run("user_register", email=email, password=PASSWORD, name=name))
        session = done(Api().run("session_open", email=email, password=PASSWORD))
        client = Api()
        client.headers = {"Authorization": f"Bearer {session['accessToken']}"}
        return client

    def organisation(self, client: Api, **input: Any) -> str:
        made = done(client.run("organisation_create", input=input))["organisation"]
        id: str = made["id"]
        done(
            client.run(
                "verification_submit",
                organisation=id,
                kind="BUSINESS_REGISTRATION",
                reference=input["registrationNumber"],
            )
        )
        decided = self.operator.run(
            "verification_decide", organisation=id, move="verify", validUntil="2099-12-31"
        )
        done(decided)
        self.step(f"{made['name']} ({made['jurisdiction']}) registers and is verified")
        return id


def organisations(story: Story) -> None:
    story.ids["licensor"] = story.organisation(
        story.licensor,
        name="Victoria Harbour Materials Ltd",
        kinds=["LICENSOR"],
        jurisdiction="HK",
        registrationNumber="12345678",
    )
    story.ids["buyer"] = story.organisation(
        story.buyer,
        name="深圳示例电池有限公司",
        kinds=["BUYER"],
        jurisdiction="CN",
        registrationNumber="91110000600037341L",
    )


def listing(story: Story) -> None:
    made = done(
        story.licensor.run(
            "listing_create",
            input={
                "owner": story.ids["licensor"],
                "originalLanguage": "EN",
                "kind": "KNOW_HOW",
                "anonymous": True,
                "texts": [
                    {
                        "language": "EN",
                        "title": "Solid electrolyte for lithium batteries",
                        "summary": "A ceramic separator that stops dendrites.",
                        "description": "A garnet ceramic with a polymer skin conducts lithium.",
                        "problem": "Dendrites short-circuit lithium metal cells.",
                        "confidential": "Sinter at 1,140 degrees for six hours.",
                    }
                ],
                "advantages": [ADVANTAGE],
                "trl": 6,
                "iprStatus": "SECRET_KNOWHOW",
                "fieldsOfUse": ["batteries"],
                "industry": "C38",
                "ipc": ["H01M10/0562"],
                "exclusivity": ["EXCLUSIVE", "NON_EXCLUSIVE"],
                "territories": ["CN"],
                "periodMonths": 60,
                "priceModel": "NEGOTIABLE",
                "contactName": "Wong Mei Ling",
                "contactEmail": "wong@example.com",
            },
        )
    )["listing"]
    story.ids["listing"] = made["id"]
    done(story.licensor.run("listing_move", id=made["id"], move="submit"))
    for move in ("start_review", "publish"):
        moved = done(story.operator.run("listing_move", id=made["id"], move=move))
    drain()
    assert moved["listing"]["state"] == "PUBLISHED"
    story.step(f"It lists “{made['text']['title']}”, without its name; an operator publishes it")


def need_and_match(story: Story) -> None:
    need = done(
        story.buyer.run(
            "need_create",
            input={
                "organisation": story.ids["buyer"],
                "language": "ZH_HANS",
                "title": "寻找锂电池固态电解质",
                "description": "需要能抑制枝晶的固态电解质。",
                "trlMin": 5,
                "trlMax": 9,
                "territories": ["CN"],
            },
        )
    )["need"]
    story.ids["need"] = need["id"]
    done(story.buyer.run("need_move", id=need["id"], move="open"))
    drain()
    story.step(f"The buyer asks: {need['title']}")
    found = story.buyer.run("matches_for_need", need=need["id"], language="ZH_HANS")
    best = found["matchesForNeed"]["matches"][0]
    assert best["listing"] == {
        "id": story.ids["listing"],
        "text": {"title": "Solid electrolyte for lithium batteries"},
        "owner": None,
    }
    story.step(f"The English listing matches with {best['score']} points: {best['reasons'][0]}")


def enquiry(story: Story) -> None:
    sent = done(
        story.buyer.run(
            "enquiry_send",
            input={
                "listing": story.ids["listing"],
                "buyer": story.ids["buyer"],
                "need": story.ids["need"],
                **ANSWERS,
            },
        )
    )["deal"]
    story.ids["deal"] = sent["id"]
    story.step(f"The buyer enquires; an answer is due by {sent['dueAt'][:10]}")
    seen = story.buyer.run("deal", id=sent["id"])["deal"]
    assert (seen["licensor"], seen["level"]) == (None, "PUBLIC")
    done(story.licensor.run("deal_move", id=sent["id"], move="accept", revision=sent["revision"]))
    seen = story.buyer.run("deal", id=sent["id"])["deal"]
    assert (seen["level"], seen["listing"]["confidential"]) == ("ENQUIRY", None)
    story.step(f"The owner accepts; the buyer learns that it is {seen['licensor']['name']}")


def nda(story: Story) -> None:
    proposed = done(
        story.licensor.run(
            "nda_propose",
            deal=story.ids["deal"],
            purpose="To judge the technology for bus batteries.",
            termMonths=36,
        )
    )["nda"]
    for who, name in (("licensor", "Wong Mei Ling"), ("buyer", "王伟")):
        done(
            getattr(story, who).run(
                "nda_sign",
                id=proposed["id"],
                organisation=story.ids[who],
                typedName=name,
                sha256=proposed["document"]["sha256"],
            )
        )
    seen = story.buyer.run("deal", id=story.ids["deal"])["deal"]
    assert seen["listing"]["confidential"] == "Sinter at 1,140 degrees for six hours."
    story.step(f"Both sign the NDA, in force to {seen['ndaInForce']['endsAt'][:10]}")


def room(story: Story) -> None:
    content = "Sinter at 1,140 degrees for six hours, in oxygen."
    begun = done(
        story.licensor.run(
            "room_file_begin",
            deal=story.ids["deal"],
            folder="process",
            name="recipe.txt",
            size=len(content),
            sha256=hashlib.sha256(content.encode()).hexdigest(),
            classification="NO_PERSONAL",
        )
    )["file"]
    piece = base64.b64encode(content.encode()).decode()
    done(story.licensor.run("room_chunk_put", id=begun["id"], number=0, content=piece))
    done(story.licensor.run("room_file_complete", id=begun["id"]))
    drain()
    done(
        story.licensor.run(
            "room_access_grant",
            id=begun["id"],
            organisation=story.ids["buyer"],
            expiresAt="2099-01-01T00:00:00+08:00",
        )
    )
    story.step("The owner puts a recipe into the data room and grants it to the buyer")
    link = done(story.buyer.run("room_file_open", id=begun["id"]))["link"]
    assert Client().get(link).getvalue().decode() == content
    (edge,) = story.licensor.run("room_files", deal=story.ids["deal"])["roomFiles"]["edges"]
    story.step(f"The buyer opens it; the owner's log has {len(edge['node']['openings'])} opening")


def terms(story: Story) -> None:
    offered = {
        "exclusivity": "EXCLUSIVE",
        "knowHow": True,
        "territories": ["CN"],
        "fieldsOfUse": ["batteries"],
        "acts": ["MAKE", "USE", "SELL"],
        "start": str(last_quarter()[0]),
        "end": str(months_after(last_quarter()[0], 60)),
        "currency": "HKD",
        "upfront": 80_000_000,
        "milestones": [PILOT],
        "royalty": {"base": "NET_SALES", "tiers": [{"above": 0, "rate": 300}]},
        "governingLaw": "HK",
        "seat": "Hong Kong",
        "rules": "HKIAC",
    }
    deal = story.ids["deal"]
    done(story.licensor.run("offer_make", deal=deal, terms=offered, answering=0))
    story.step("The owner offers an exclusive licence for batteries on the mainland")
    (offer,) = story.buyer.run("offers_weighed", deal=deal)["deal"]["negotiation"]["offers"]
    taxes = ", ".join(
        f"{one['tax']} {one['amount']['amount']}" for one in offer["grossToNet"]["lines"]
    )
    net, status = offer["grossToNet"]["net"]["amount"], offer["grossToNet"]["status"]
    story.step(f"Beside it both see what is left of it: {net} ({taxes}; {status})")
    counter = {**offered, "upfront": 60_000_000}
    made = done(story.buyer.run("offer_make", deal=deal, terms=counter, answering=1))["offer"]
    story.step(f"The buyer answers: {'; '.join(made['differences'])}")
    talks = done(story.licensor.run("offer_accept", deal=deal, number=2))["deal"]["negotiation"]
    story.step(f"The owner accepts; the rights are locked until {talks['lockedUntil'][:10]}")


def agreement(story: Story) -> None:
    drawn_up = done(story.licensor.run("agreement_draw_up", deal=story.ids["deal"]))["agreement"]
    clauses = drawn_up["document"]["textEn"].count("\n\n")
    story.step(f"The terms become {clauses} paragraphs in English and Chinese")
    for who, name in (("licensor", "Wong Mei Ling"), ("buyer", "王伟")):
        signed = done(
            getattr(story, who).run(
                "agreement_sign",
                id=drawn_up["id"],
                organisation=story.ids[who],
                typedName=name,
                sha256=drawn_up["document"]["sha256"],
            )
        )["agreement"]
    story.step(f"Both sign the text {drawn_up['document']['sha256'][:12]}…")
    active = done(
        story.buyer.run(
            "agreement_move", id=drawn_up["id"], move="activate", revision=signed["revision"]
        )
    )["agreement"]
    assert active["state"] == "ACTIVE"
    story.ids["agreement"] = active["id"]
    story.step("The agreement is active: the rights are granted, in the ledger, to nobody else")


def evidence(story: Story) -> None:
    link = done(story.buyer.run("evidence_export", deal=story.ids["deal"]))["link"]
    with TemporaryDirectory() as folder:
        with zipfile.ZipFile(io.BytesIO(Client().get(link).content)) as archive:
            archive.extractall(folder)
        ran = subprocess.run(
            [sys.executable, "-I", "verify.py"],
            cwd=folder,
            capture_output=True,
            text=True,
            check=True,
        )
        with (Path(folder) / "events.jsonl").open() as events:
            story.step(f"The evidence of its {len(list(events))} events: {ran.stdout.strip()}")


CHAPTERS = (
    organisations,
    listing,
    need_and_match,
    enquiry,
    nda,
    room,
    terms,
    advice,
    law,
    agreement,
    registers,
    money,
    evidence,
)


def main() -> int:
    logging.getLogger("stripe").setLevel(logging.WARNING)
    setup_test_environment()
    databases = setup_databases(verbosity=0, interactive=False)
    try:
        for kind in ("listing", "need"):
            rebuild(kind)
        story = Story()
        story.tell()
    finally:
        teardown_databases(databases, verbosity=0)
        teardown_test_environment()
    print(f"{story.steps} steps, each through the public API.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
