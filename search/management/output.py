from __future__ import annotations

from pathlib import Path

from django.core.management.base import CommandError


def check_output(out: Path) -> None:
    """CommandError where no file can be written: told before the work, not after it."""
    if not out.parent.is_dir():
        raise CommandError(f"No folder {out.parent}; name another --out FILE.")
    if out.is_dir():
        raise CommandError(f"{out} is a folder; name another --out FILE.")
