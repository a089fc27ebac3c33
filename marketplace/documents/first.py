"""For migrations: the first versions of templates, from text files `NAME.en.txt`, `NAME.zh.txt`.

The first line of a file is the title. Operators add later versions in the admin.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.db.migrations import RunPython


def first_versions(folder: Path) -> RunPython:
    """The operation that adds version 1 of every template in `folder`."""

    def add(apps: Any, editor: Any) -> None:
        template = apps.get_model("documents", "Template")
        for english in sorted(folder.glob("*.en.txt")):
            name = english.name.removesuffix(".en.txt")
            title_en, text_en = english.read_text(encoding="utf-8").split("\n", 1)
            chinese = (folder / f"{name}.zh.txt").read_text(encoding="utf-8")
            title_zh, text_zh = chinese.split("\n", 1)
            template.objects.create(
                name=name,
                version=1,
                title_en=title_en,
                title_zh=title_zh,
                text_en=text_en.strip(),
                text_zh=text_zh.strip(),
            )

    return RunPython(add, RunPython.noop)
