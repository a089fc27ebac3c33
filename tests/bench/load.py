"""Load on a server of this machine, by wrk."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

SCRIPT = Path(__file__).with_name("load.lua")
SECONDS = int(os.environ.get("BENCH_SECONDS", "6"))  # of each measurement


def ensure_wrk() -> None:
    if shutil.which("wrk"):
        return
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        sys.exit("make bench measures with wrk: install it first (apt-get install wrk)")
    for command in (["update"], ["install", "-y", "wrk"]):
        subprocess.run(["apt-get", "-qq", *command], check=True, stdout=subprocess.DEVNULL)


def measure(url: str, bodies: Path, clients: int) -> dict[str, float]:
    """p50_ms, p95_ms, p99_ms and rps of `clients` who ask one request after the other. A request
    that fails ends the bench: figures of errors would be no figures."""
    done = subprocess.run(
        ["wrk", "-t1", f"-c{clients}", f"-d{SECONDS}s", "--timeout", "30s", "-s", SCRIPT, url],
        env={**os.environ, "BENCH_BODIES": str(bodies)},
        capture_output=True,
        text=True,
        check=True,
    )
    line = next(line for line in done.stdout.splitlines() if line.startswith("RESULT "))
    found: dict[str, float] = json.loads(line.removeprefix("RESULT "))
    if failed := found.pop("failed"):
        sys.exit(f"{url}: {failed} requests failed with {clients} clients:\n{done.stdout}")
    return found
