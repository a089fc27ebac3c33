"""Small papers that come inside a request: told by their bytes, whatever their names say."""

from __future__ import annotations

import base64
import binascii
import hashlib
from typing import TypedDict

from .checks import words
from .errors import Invalid

MOST_BYTES = 1_000_000
SIGNATURES = {
    b"%PDF-": "application/pdf",
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
}


class Paper(TypedDict):
    """What a row that keeps a paper needs of it."""

    name: str
    media_type: str
    sha256: str
    content: bytes


def media_type(content: bytes) -> str:
    """By its first bytes."""
    for signature, found in SIGNATURES.items():
        if content.startswith(signature):
            return found
    raise Invalid("A PDF, PNG or JPEG is wanted.", field=("content",))


def require_small(content: bytes) -> None:
    if len(content) > MOST_BYTES:
        raise Invalid(f"At most {MOST_BYTES} bytes, these are {len(content)}.", field=("content",))


def paper(name: str, content: bytes) -> Paper:
    """A PDF, PNG or JPEG of at most `MOST_BYTES`; Invalid for everything else."""
    require_small(content)
    return Paper(
        name=words(200)(name, ("name",)),
        media_type=media_type(content),
        sha256=hashlib.sha256(content).hexdigest(),
        content=content,
    )


def from_base64(content: str) -> bytes:
    try:
        return base64.b64decode(content, validate=True)
    except (binascii.Error, ValueError):
        raise Invalid("The content is base64 without line breaks.", field=("content",)) from None
