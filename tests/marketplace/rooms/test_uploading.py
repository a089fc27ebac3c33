from __future__ import annotations

import base64
import hashlib
import io
import socket
import struct
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier, Thread
from typing import Any

import pytest
from django.db import connection
from pypdf import PdfReader, PdfWriter
from pytest_django import Settings
from reportlab.pdfgen.canvas import Canvas

from marketplace.core.errors import Conflict, DomainError, Faults, Forbidden, Invalid
from marketplace.rooms import services
from marketplace.rooms.checking import check
from marketplace.rooms.models import RoomFile
from tests.factories import NOW, Parties, make_deal, make_enquiry, make_file, make_parties

pytestmark = pytest.mark.django_db


def pdf(text: str = "Secret recipe") -> bytes:
    out = io.BytesIO()
    canvas = Canvas(out)
    canvas.drawString(72, 700, text)
    canvas.save()
    return out.getvalue()


def locked() -> bytes:
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(pdf())))
    writer.encrypt("secret", algorithm="RC4-128")
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def zipped() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("a.txt", "a")
    return out.getvalue()


def objects(path: Path) -> list[Path]:
    return [one for one in (path / "rooms").rglob("*") if one.is_file()]


def test_chunks_in_any_order_make_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "CHUNK_BYTES", 10)
    parties = make_parties()
    deal = make_deal(parties)
    content = bytes(range(48, 73))
    file = services.file_begin(
        viewer=parties.licensor,
        deal_id=deal.pk,
        folder="tests / 2026/",
        name="data.txt",
        size=25,
        sha256=hashlib.sha256(content).hexdigest(),
        classification="personal",
        now=NOW,
    )
    assert file.folder == "tests/2026"

    def put(number: int, piece: bytes, sha256: str | None = None) -> None:
        services.chunk_put(
            viewer=parties.licensor,
            file_id=file.pk,
            number=number,
            content=base64.b64encode(piece).decode(),
            sha256=sha256,
            now=NOW,
        )

    put(2, content[20:])
    put(0, content[:10])
    put(0, content[:10])
    with pytest.raises(Conflict, match="Another chunk"):
        put(0, content[10:20])
    with pytest.raises(Conflict, match="1 chunks are missing, the first is 1"):
        services.file_complete(viewer=parties.licensor, file_id=file.pk, now=NOW)
    for number, piece in ((1, b"short"), (3, b"x"), (-1, b"x")):
        with pytest.raises(Invalid):
            put(number, piece)
    with pytest.raises(Invalid, match="send them again"):
        put(1, content[10:20], sha256=hashlib.sha256(content[:10]).hexdigest())
    put(1, content[10:20], sha256=hashlib.sha256(content[10:20]).hexdigest())
    services.file_complete(viewer=parties.licensor, file_id=file.pk, now=NOW)
    for _ in range(2):  # a worker that was cut off runs again
        check(file.pk)
    file.refresh_from_db()
    assert (file.state, file.media_type, file.scan) == ("ready", "text/plain", "not_scanned")
    with file.content.open("rb") as stored:
        assert stored.read() == content
    assert len(objects(tmp_path)) == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("templates")
def test_of_two_chunks_sent_at_once_one_is_kept(tmp_path: Path) -> None:
    parties = make_parties()
    file = services.file_begin(
        viewer=parties.licensor,
        deal_id=make_deal(parties).pk,
        name="data.txt",
        size=1,
        sha256="0" * 64,
        classification="no_personal",
        now=NOW,
    )
    ready = Barrier(4)

    def put(piece: bytes) -> str:
        ready.wait()
        try:
            chunk = services.chunk_put(
                viewer=parties.licensor,
                file_id=file.pk,
                number=0,
                content=base64.b64encode(piece).decode(),
                now=NOW,
            )
        except Conflict:
            return "refused"
        finally:
            connection.close()
        return chunk.sha256

    for _ in range(5):
        with ThreadPoolExecutor(4) as pool:
            said = list(pool.map(put, [b"a", b"a", b"b", b"b"]))
        kept = file.chunks.get()
        assert sorted(said) == sorted([kept.sha256] * 2 + ["refused"] * 2)
        with kept.content.open("rb") as stored:
            assert hashlib.sha256(stored.read()).hexdigest() == kept.sha256
        assert len(objects(tmp_path)) == 1
        kept.content.delete(save=False)
        kept.delete()


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("a.pdf", zipped(), "The name says application/pdf, the bytes say application/zip."),
        ("a.pdf", b"%PDF-1.7 nothing more", "The PDF is damaged."),
        ("a.pdf", pdf().replace(b"/MediaBox [", b"/MediaBox ("), "The PDF is damaged."),
        ("a.pdf", locked(), "A PDF without a password is wanted."),
        ("a.png", pdf(), "The name says image/png, the bytes say application/pdf."),
        ("a.txt", b"\xff\xfe\x00", "A text is in UTF-8."),
        ("a.csv", b"a,b\n\x00", "A text holds no NUL character."),
        ("a.zip", b"PK", "The name says application/zip, the bytes say unknown."),
    ],
)
def test_a_file_that_is_not_what_it_says_is_refused(name: str, content: bytes, reason: str) -> None:
    parties = make_parties()
    file = make_file(parties, make_deal(parties), name=name, content=content)
    assert (file.state, file.reason, file.content.name) == ("refused", reason, "")


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("a.pdf", pdf(), "application/pdf"),
        ("a.ZIP", zipped(), "application/zip"),
        ("配方.txt", "烧结".encode(), "text/plain"),
    ],
)
def test_a_file_that_is_what_it_says_is_ready(name: str, content: bytes, kind: str) -> None:
    parties = make_parties()
    file = make_file(parties, make_deal(parties), name=name, content=content)
    assert (file.state, file.media_type) == ("ready", kind)


def test_other_bytes_than_announced_are_refused() -> None:
    parties = make_parties()
    file = make_file(parties, make_deal(parties), sha256="0" * 64)
    assert file.state == "refused"
    assert file.reason.startswith("The chunks make another file")


@pytest.mark.parametrize(
    "wrong",
    [
        {"size": 0},
        {"size": services.LARGEST + 1},
        {"name": "virus.exe"},
        {"name": "../a.txt"},
        {"folder": "../etc"},
        {"sha256": "abc"},
        {"classification": "harmless"},
        {"persons": 0},
    ],
)
def test_bad_announcements_leave_nothing(wrong: dict[str, Any]) -> None:
    parties = make_parties()
    deal = make_deal(parties)
    with pytest.raises((DomainError, Faults)):
        make_file(parties, deal, **wrong)
    assert not RoomFile.objects.exists()


def test_there_is_no_room_before_the_enquiry_is_accepted_and_none_for_operators() -> None:
    parties = make_parties()
    deal = make_enquiry(parties)
    with pytest.raises(Conflict):
        make_file(parties, deal)
    other = make_parties()
    with pytest.raises(Forbidden):
        make_file(other, make_deal(other), by="operator")


@pytest.fixture
def clamav(settings: Settings) -> Iterator[list[bytes]]:
    """Speaks the daemon's protocol; finds the word EICAR."""
    server = socket.create_server(("127.0.0.1", 0))
    settings.CLAMAV_URL = f"tcp://127.0.0.1:{server.getsockname()[1]}"
    seen: list[bytes] = []

    def serve() -> None:
        while True:
            try:
                link, _ = server.accept()
            except OSError:
                return
            with link, link.makefile("rb") as said:
                assert said.read(10) == b"zINSTREAM\0"
                content = b""
                while size := struct.unpack(">I", said.read(4))[0]:
                    content += said.read(size)
                seen.append(content)
                found = b"stream: Eicar FOUND\0" if b"EICAR" in content else b"stream: OK\0"
                link.sendall(b"stream: size limit\0" if b"HUGE" in content else found)

    thread = Thread(target=serve, daemon=True)
    thread.start()
    yield seen
    server.close()


def test_a_scanner_decides(clamav: list[bytes]) -> None:
    parties: Parties = make_parties()
    deal = make_deal(parties)
    clean = make_file(parties, deal, content=b"clean")
    assert (clean.state, clean.scan) == ("ready", "clean")
    infected = make_file(parties, deal, content=b"EICAR")
    assert (infected.state, infected.content.name) == ("refused", "")
    with pytest.raises(OSError, match="size limit"):
        make_file(parties, deal, content=b"HUGE")
    assert clamav == [b"clean", b"EICAR", b"HUGE"]
    assert sorted(deal.files.values_list("state", flat=True)) == ["checking", "ready", "refused"]
