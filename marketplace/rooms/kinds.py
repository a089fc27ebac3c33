"""Which kinds of files a room takes, told by their bytes and not by their names."""

from __future__ import annotations

from typing import IO

import filetype
from pypdf import PdfReader

from marketplace.core.errors import Invalid

from .watermark import watermarked

PDF = "application/pdf"
OFFICE = "application/vnd.openxmlformats-officedocument."
KINDS = {
    "pdf": PDF,
    "png": "image/png",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "zip": "application/zip",
    "docx": f"{OFFICE}wordprocessingml.document",
    "xlsx": f"{OFFICE}spreadsheetml.sheet",
    "pptx": f"{OFFICE}presentationml.presentation",
    "txt": "text/plain",
    "csv": "text/csv",
}
SAMPLE = 1 << 16


def extension(name: str) -> str:
    return name.rsplit(".", 1)[-1].lower() if "." in name else ""


def check_name(name: str) -> None:
    if extension(name) not in KINDS:
        raise Invalid(f"A name ending in one of {', '.join(KINDS)} is wanted.", field=("name",))


def media_type(name: str, content: IO[bytes]) -> str:
    """The kind of the bytes; Invalid where it is not that of the name, or cannot be read."""
    wanted = KINDS[extension(name)]
    content.seek(0)
    sample = content.read(SAMPLE)
    if wanted.startswith("text/"):
        check_text(content)
        return wanted
    guessed = filetype.guess(sample)
    found = guessed.mime if guessed else "unknown"
    if found != wanted:
        raise Invalid(f"The name says {wanted}, the bytes say {found}.")
    if wanted == PDF:
        check_pdf(content)
    return wanted


def check_text(content: IO[bytes]) -> None:
    content.seek(0)
    try:
        for line in content:
            if "\x00" in line.decode("utf-8"):
                raise Invalid("A text holds no NUL character.")
    except UnicodeDecodeError:
        raise Invalid("A text is in UTF-8.") from None


def check_pdf(content: IO[bytes]) -> None:
    """A PDF that cannot be watermarked could not be given out."""
    content.seek(0)
    try:
        locked = PdfReader(content).is_encrypted
        if not locked:
            watermarked(content, "check")
    except Exception:  # whatever a parser stumbles over in the bytes of others
        raise Invalid("The PDF is damaged.") from None
    if locked:
        raise Invalid("A PDF without a password is wanted.")
