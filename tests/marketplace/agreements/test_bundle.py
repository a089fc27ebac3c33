"""The evidence of a whole deal, verified by the script that is in it, as an arbitrator would."""

from __future__ import annotations

import hashlib
import io
import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from marketplace.core.errors import Forbidden, NotFound
from marketplace.deals.bundle import bundle
from marketplace.deals.models import Deal
from tests.factories import (
    NOW,
    Parties,
    activate_agreement,
    make_agreement,
    make_deal,
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
        for place in {0, len(whole) // 2, len(whole) - 1}:
            if name == "verify.py" and place:
                continue  # a changed script may not run at all; its hash is checked below
            changed = bytearray(whole)
            changed[place] ^= 1
            (tmp_path / name).write_bytes(changed)
            code, said = verified(tmp_path)
            assert code != 0, (name, place, said)
        (tmp_path / name).write_bytes(whole)
    (tmp_path / "verify.py").write_bytes((tmp_path / "verify.py").read_bytes() + b"# more\n")
    assert verified(tmp_path) == (1, "verify.py was altered\nNOT VERIFIED\n")


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
