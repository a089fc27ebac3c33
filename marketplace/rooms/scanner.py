"""Viruses, by a ClamAV daemon where one is set up. Its INSTREAM command: pieces with their length
before them, an empty one at the end; the answer says `OK` or `… FOUND`."""

from __future__ import annotations

import socket
import struct
from typing import IO
from urllib.parse import urlsplit

from django.conf import settings

from .models import RoomFile

PIECE = 1 << 16
TIMEOUT = 60  # seconds


def scan(content: IO[bytes]) -> RoomFile.Scan:
    """NOT_SCANNED where there is no scanner. An answer that is neither yes nor no is an OSError,
    so that the file waits and the scan is tried again."""
    if not settings.CLAMAV_URL:
        return RoomFile.Scan.NOT_SCANNED
    address = urlsplit(settings.CLAMAV_URL)
    content.seek(0)
    with socket.create_connection(
        (address.hostname or "localhost", address.port or 3310), TIMEOUT
    ) as link:
        link.sendall(b"zINSTREAM\0")
        while piece := content.read(PIECE):
            link.sendall(struct.pack(">I", len(piece)) + piece)
        link.sendall(struct.pack(">I", 0))
        answer = b""
        while not answer.endswith(b"\0") and (more := link.recv(4096)):
            answer += more
    said = answer.rstrip(b"\0").decode("utf-8", "replace")
    if said.endswith(" FOUND"):
        return RoomFile.Scan.INFECTED
    if said.endswith(" OK"):
        return RoomFile.Scan.CLEAN
    raise OSError(f"the virus scanner answered {said[:200]!r}")
