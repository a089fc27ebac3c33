"""Dockerfile, compose file and settings: what can be said of them without a Docker engine."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from django.conf import settings
from dockerfile_parse import DockerfileParser

from marketplace.config.settings import Environment
from tests.elasticsearch_node import VERSION

COMPOSE = settings.ROOT / "docker-compose.yml"


def test_the_compose_file_is_valid_by_the_compose_specification() -> None:
    command = ["check-jsonschema", "--builtin-schema", "vendor.compose-spec", str(COMPOSE)]
    done = subprocess.run(
        [Path(sys.executable).parent / command[0], *command[1:]],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_services_are_those_of_the_tests() -> None:
    services = yaml.safe_load(COMPOSE.read_text())["services"]
    assert set(services) == {"db", "elasticsearch", "demo", "web", "worker"}
    assert services["elasticsearch"]["image"] == f"elasticsearch:{VERSION}"
    for service in services.values():
        assert not str(service.get("image", "")).endswith((":latest", "/"))


def test_every_variable_of_the_compose_file_is_a_setting() -> None:
    services = yaml.safe_load(COMPOSE.read_text())["services"]
    for name in ("demo", "web", "worker"):
        known = {field.upper() for field in Environment.model_fields}
        assert set(services[name]["environment"]) <= known


def test_the_image_runs_as_nobody_in_particular(tmp_path: Path) -> None:
    parsed = DockerfileParser(path=str(tmp_path / "Dockerfile"))
    parsed.content = (settings.ROOT / "Dockerfile").read_text()
    steps = [(step["instruction"], step["value"]) for step in parsed.structure]
    assert re.fullmatch(r"python:3\.\d+\.\d+-slim-\w+", parsed.baseimage)
    users = [i for i, (instruction, _) in enumerate(steps) if instruction == "USER"]
    assert [steps[i][1] for i in users] == ["app"]
    assert all(instruction not in ("RUN", "COPY", "ADD") for instruction, _ in steps[users[0] :])


def run_with(**environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", "import marketplace.config.settings"],
        capture_output=True,
        text=True,
        check=False,
        cwd=settings.ROOT,
        env={"PATH": os.environ["PATH"], **environment},
    )


def test_the_development_server_keeps_no_connection_for_each_client() -> None:
    code = (
        "from marketplace.config.settings import DATABASES; "
        "print(DATABASES['default']['CONN_MAX_AGE'])"
    )
    kept = [
        subprocess.check_output([sys.executable, "-c", code, command], cwd=settings.ROOT, text=True)
        for command in ("runserver", "work")
    ]
    assert kept == ["0\n", "600\n"]


@pytest.mark.parametrize(
    ("url", "port", "tls_at_once", "starttls"),
    [
        ("smtps://host", 465, True, False),
        ("smtps://u:p@host:465", 465, True, False),
        ("smtps://u:p@host:587", 587, False, True),
        ("smtp://host", 25, False, False),
    ],
)
def test_mail_is_sent_as_its_server_expects_it_and_not_waited_for_without_end(
    url: str, port: int, tls_at_once: bool, starttls: bool
) -> None:
    code = (
        "from django.conf import settings; from django.core.mail import get_connection as g; "
        "one = g(); print(one.port, one.use_ssl, one.use_tls, one.timeout)"
    )
    told = subprocess.check_output(
        [sys.executable, "-c", code],
        cwd=settings.ROOT,
        text=True,
        env={
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "marketplace.config.settings",
            "EMAIL_URL": url,
        },
    )
    assert told == f"{port} {tls_at_once} {starttls} 15\n"


def test_all_faults_of_the_environment_are_named_at_once() -> None:
    done = run_with(
        DEBUG="perhaps",
        SECRET_KEY="short",
        DATABASE_URL="mysql://x",
        ELASTICSEARCH_URL="ftp://x",
        LOG_LEVEL="LOUD",
    )
    assert done.returncode == 1
    for name in ("DEBUG", "SECRET_KEY", "DATABASE_URL", "ELASTICSEARCH_URL", "LOG_LEVEL"):
        assert f"  {name}: " in done.stderr


@pytest.mark.parametrize("missing", ["SECRET_KEY", "DATABASE_URL"])
def test_production_does_not_start_on_what_is_for_development(missing: str) -> None:
    production = {
        "DEBUG": "false",
        "SECRET_KEY": "x" * 40,
        "DATABASE_URL": "postgres://somebody:secret@db:5432/name",
    }
    assert run_with(**production).returncode == 0
    del production[missing]
    done = run_with(**production)
    assert done.returncode == 1
    assert f"{missing} must be set when DEBUG is false" in done.stderr


def test_the_readme_names_every_setting() -> None:
    table = set(
        re.findall(r"^\| `([A-Z0-9_]+)` \|", (settings.ROOT / "README.md").read_text(), re.M)
    )
    assert table == {name.upper() for name in Environment.model_fields}
