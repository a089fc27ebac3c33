from __future__ import annotations

from pathlib import Path

import pytest
from django.core.files.storage import FileSystemStorage

from marketplace.rooms.models import Chunk, RoomFile


@pytest.fixture(autouse=True)
def rooms_in_a_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A real storage, thrown away with the test."""
    for model in (RoomFile, Chunk):
        storage = FileSystemStorage(tmp_path / "rooms")
        monkeypatch.setattr(model._meta.get_field("content"), "storage", storage)
