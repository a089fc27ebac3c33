"""The documents that clients use are valid, and each is run by a test."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import settings
from graphql import parse, specified_rules, validate

from api.limits import RULES
from api.schema import schema

DOCUMENTS = sorted((settings.ROOT / "graphql" / "operations").glob("*.graphql"))


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.stem)
def test_a_document_is_valid(path: Path) -> None:
    document = parse(path.read_text(encoding="utf-8"))
    assert validate(schema.graphql_schema, document, (*specified_rules, *RULES)) == []


def test_the_queries_of_the_readme_are_valid() -> None:
    readme = (settings.ROOT / "README.md").read_text(encoding="utf-8")
    found = re.findall(r"```graphql\n(.*?)```", readme, re.DOTALL)
    assert len(found) == 1
    assert validate(schema.graphql_schema, parse(found[0]), (*specified_rules, *RULES)) == []


def test_every_document_is_run_by_a_test() -> None:
    tests = "\n".join(path.read_text() for path in (settings.ROOT / "tests").rglob("test_*.py"))
    run = set(re.findall(r'run\(\s*"(\w+)"', tests))
    assert {path.stem for path in DOCUMENTS} - run == set()
