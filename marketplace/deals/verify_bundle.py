"""Verifies the evidence of a deal offline: `python verify.py`, beside the other files of the bundle
or with the path of its ZIP. Needs Python 3.8 or newer and nothing else.

It checks that every file is as the manifest says and none is missing or added, that the events form
one chain to the head, and that the record names every document by the hash of its text.

What it cannot know is whether somebody made the whole bundle anew: compare `head` in manifest.json
with that of the other party's bundle, or of the platform.
"""

from __future__ import annotations

import hashlib
import json
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

START = "0" * 64
MANIFEST = "manifest.json"


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def read(path: Path) -> dict[str, bytes]:
    """The files of the bundle by name, from the ZIP or its unpacked folder."""
    if path.is_file():
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
            if len(names) != len(set(names)):
                raise ValueError("the ZIP holds a file twice")
            return {name: archive.read(name) for name in names}
    files = (one for one in path.rglob("*") if one.is_file())
    return {one.relative_to(path).as_posix(): one.read_bytes() for one in files}


def canonical(value: Any) -> bytes:
    return json.dumps(value, sort_keys=True, indent=1, ensure_ascii=False).encode() + b"\n"


def manifest_of(files: dict[str, bytes]) -> bytes:
    """What the manifest must say, to the byte: it holds nothing that the other files do not."""
    last = files["events.jsonl"].splitlines()[-1]
    sums = {name: sha256(content) for name, content in files.items() if name != MANIFEST}
    return canonical({"deal": json.loads(last)["deal"], "head": sha256(last), "files": sums})


def faults(files: dict[str, bytes]) -> list[str]:
    """What is wrong, in words; empty: nothing was altered."""
    if MANIFEST not in files:
        return ["the manifest is missing"]
    manifest = json.loads(files[MANIFEST])
    named = manifest["files"]
    found = [f"{name} is missing" for name in sorted(named.keys() - files.keys())]
    found += [f"{name} was added" for name in sorted(files.keys() - named.keys() - {MANIFEST})]
    found += [
        f"{name} was altered"
        for name in sorted(named.keys() & files.keys())
        if sha256(files[name]) != named[name]
    ]
    events = files.get("events.jsonl", b"").splitlines()
    found += chain(events, manifest["deal"], manifest["head"])
    recorded = {json.loads(line)["facts"].get("sha256") for line in events}
    for name in sorted(files):
        if name.startswith("documents/") and name.endswith(".json"):
            found += document(name, json.loads(files[name]), recorded)
    if not found and files[MANIFEST] != manifest_of(files):
        found.append("the manifest was altered")
    return found


def chain(lines: list[bytes], deal: str, head: str) -> Iterator[str]:
    previous = START
    for number, line in enumerate(lines, 1):
        event = json.loads(line)
        if event["number"] != number:
            yield f"event {number} is missing"
        if event["deal"] != deal:
            yield f"event {number} is of another deal"
        if event["previous"] != previous:
            yield f"event {number} does not follow the one before it"
        previous = sha256(line)
    if previous != head:
        yield "the last event is not the head of the chain"


def document(name: str, held: dict[str, Any], recorded: set[Any]) -> Iterator[str]:
    texts = [held[part] for part in ("title_en", "title_zh", "text_en", "text_zh")]
    own = sha256("\0".join(texts).encode())
    if own != held["sha256"]:
        yield f"the text of {name} was altered"
    if own not in recorded:
        yield f"the record does not know {name}"
    for one in held["signatures"]:
        if one["sha256"] != own:
            yield f"{one['name']} signed another text than {name}"


def main() -> int:
    path = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parent
    try:
        found = faults(read(path))
    except (
        OSError,
        ValueError,
        LookupError,
        TypeError,
        AttributeError,
        zipfile.BadZipFile,
    ) as error:
        found = [f"the bundle cannot be read: {error}"]
    for one in found:
        print(one)
    print("NOT VERIFIED" if found else "VERIFIED: nothing was altered.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
