"""The evidence of a whole deal, verified by the script that is in it, as an arbitrator would."""

from __future__ import annotations

import hashlib
import io
import json
import subprocess
import sys
import zipfile
from datetime import datetime
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from marketplace.accounts.viewer import Viewer
from marketplace.core.errors import Forbidden, NotFound
from marketplace.deals.bundle import bundle, bundle_link
from marketplace.deals.models import Deal
from marketplace.deals.services import deal_move
from marketplace.deals.verify_bundle import canonical, faults
from tests.factories import (
    NOW,
    Parties,
    activate_agreement,
    make_agreement,
    make_deal,
    make_enquiry,
    make_nda,
    make_organisation,
    make_parties,
    member_of,
    sign_agreement,
)
from tests.marketplace.deals.test_evidence import unguarded

pytestmark = pytest.mark.django_db


def evidence(parties: Parties) -> bytes:
    agreement = make_agreement(parties)
    make_nda(parties, agreement.deal)
    activate_agreement(parties, sign_agreement(parties, agreement))
    return bundle(parties.buyer, agreement.deal_id, NOW)


def read(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def verified(folder: Path) -> tuple[int, str]:
    ran = subprocess.run(
        [sys.executable, "-I", "verify.py"], cwd=folder, capture_output=True, text=True, check=False
    )
    return ran.returncode, ran.stdout


def test_the_bundle_verifies_offline_and_any_change_shows(tmp_path: Path) -> None:
    content = evidence(make_parties())
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        names = archive.namelist()
        archive.extractall(tmp_path)
    assert names == [
        "README.txt",
        "documents/agreement-1-1.json",
        "documents/agreement-1-1.pdf",
        "documents/nda-1.json",
        "documents/nda-1.pdf",
        "events.jsonl",
        "manifest.json",
        "verify.py",
    ]
    assert verified(tmp_path) == (0, "VERIFIED: nothing was altered.\n")
    for name in names:
        whole = (tmp_path / name).read_bytes()
        if name == "verify.py":  # what a changed script says counts for nothing; but it shows
            (tmp_path / name).write_bytes(whole + b"# more\n")
        else:
            (tmp_path / name).write_bytes(whole[:-2] + bytes([whole[-2] ^ 1]) + whole[-1:])
        code, said = verified(tmp_path)
        assert (code, said.splitlines()[-1]) == (1, "NOT VERIFIED"), (name, said)
        (tmp_path / name).write_bytes(whole)
    (tmp_path / "more.txt").touch()
    assert verified(tmp_path) == (1, "more.txt was added\nNOT VERIFIED\n")


def fails(files: dict[str, bytes]) -> bool:
    try:
        return faults(files) != []
    except (ValueError, LookupError, TypeError, AttributeError):
        return True  # what main() of the script calls a bundle that cannot be read


def test_every_byte_of_the_manifest_and_the_record_counts() -> None:
    """Of the documents, of which the manifest has the sums, every 101st."""
    files = read(evidence(make_parties()))
    assert faults(files) == []
    unnoticed = [
        (name, place)
        for name, whole in files.items()
        for place in range(0, len(whole), 101 if name.startswith("documents/") else 1)
        if not fails({**files, name: flipped(whole, place)})
    ]
    assert unnoticed == []


def flipped(whole: bytes, place: int) -> bytes:
    return whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :]


def test_a_manifest_that_says_more_or_another_deal_shows() -> None:
    files = read(evidence(make_parties()))
    said = json.loads(files["manifest.json"])
    more = canonical({**said, "verdict": "genuine"})
    assert faults({**files, "manifest.json": more}) == ["the manifest was altered"]
    other = canonical({**said, "deal": str(uuid4())})
    events = len(files["events.jsonl"].splitlines())
    assert faults({**files, "manifest.json": other}) == [
        f"event {number} is of another deal" for number in range(1, events + 1)
    ]


def test_a_change_made_whole_still_breaks_the_chain(tmp_path: Path) -> None:
    """Somebody who alters a document and mends the manifest is found by the record."""
    with zipfile.ZipFile(io.BytesIO(evidence(make_parties()))) as archive:
        archive.extractall(tmp_path)
    path = tmp_path / "documents" / "agreement-1-1.json"
    held = json.loads(path.read_text())
    held["text_en"] = held["text_en"].replace("HKD 500,000.00", "HKD 5.00")
    texts = [held[part] for part in ("title_en", "title_zh", "text_en", "text_zh")]
    held["sha256"] = hashlib.sha256("\0".join(texts).encode()).hexdigest()
    for one in held["signatures"]:
        one["sha256"] = held["sha256"]
    path.write_text(json.dumps(held))
    manifest = json.loads((tmp_path / "manifest.json").read_text())
    manifest["files"]["documents/agreement-1-1.json"] = hashlib.sha256(
        path.read_bytes()
    ).hexdigest()
    (tmp_path / "manifest.json").write_bytes(
        json.dumps(manifest, sort_keys=True, indent=1, ensure_ascii=False).encode() + b"\n"
    )
    code, said = verified(tmp_path)
    assert (code, said.splitlines()[0]) == (
        1,
        "the record does not know documents/agreement-1-1.json",
    )


def test_the_zip_itself_can_be_verified(tmp_path: Path) -> None:
    content = evidence(make_parties())
    (tmp_path / "evidence.zip").write_bytes(content)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        archive.extract("verify.py", tmp_path / "elsewhere")
    ran = subprocess.run(
        [sys.executable, "-I", "verify.py", str(tmp_path / "evidence.zip")],
        cwd=tmp_path / "elsewhere",
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.stdout == "VERIFIED: nothing was altered.\n"


def test_a_buyer_who_was_not_introduced_gets_no_record_that_names_the_owner() -> None:
    parties = make_parties(anonymous=True)
    deal = make_enquiry(parties)
    decline = {"move": "decline", "reason": "price"}
    deal_move(viewer=parties.licensor, deal_id=deal.pk, now=NOW, **decline)
    for export in (bundle, ticket):
        with pytest.raises(Forbidden, match=r"once the enquiry is accepted\.$"):
            export(parties.buyer, deal.pk, NOW)
    assert not deal.events.filter(kind="evidence.export").exists()
    assert ticket(parties.licensor, deal.pk, NOW)

    named = make_parties()
    known = make_enquiry(named)
    deal_move(viewer=named.licensor, deal_id=known.pk, now=NOW, **decline)
    assert ticket(named.buyer, known.pk, NOW)


def ticket(viewer: Viewer, deal_id: UUID, now: datetime) -> str:
    return bundle_link(viewer=viewer, deal_id=deal_id, now=now)


def test_a_link_to_the_record_is_no_good_once_it_may_not_be_had() -> None:
    parties = make_parties()
    deal = make_deal(parties)
    path = ticket(parties.buyer, deal.pk, NOW)
    page = Client().get(path)
    assert (page.status_code, page["Content-Type"]) == (200, "application/zip")
    assert faults(read(page.content)) == []
    assert Client().get(path + "x").status_code == 404
    assert parties.buyer.user is not None
    parties.buyer.user.memberships.all().delete()
    assert Client().get(path).status_code == 404
    assert deal.events.filter(kind="evidence.export").count() == 1


def test_only_the_parties_get_it() -> None:
    parties = make_parties()
    deal = make_deal(parties)
    with pytest.raises(Forbidden):
        bundle(parties.operator, deal.pk, NOW)
    with pytest.raises(NotFound):
        bundle(member_of(make_organisation("buyer")), deal.pk, NOW)
    assert Deal.objects.get().events.filter(kind="evidence.export").count() == 0


def test_the_command_finds_what_was_altered(capsys: pytest.CaptureFixture[str]) -> None:
    make_deal(make_parties())
    call_command("verify_evidence")
    assert capsys.readouterr().out == "1 deals verified, nothing was altered.\n"
    unguarded("UPDATE deals_dealevent SET kind = 'deal.decline' WHERE number = 2")
    with pytest.raises(CommandError, match="1 of 1 deals were altered"):
        call_command("verify_evidence")
    assert "event 2 was altered" in capsys.readouterr().err
