import re
from io import StringIO
from pathlib import Path

import graphql
from django.conf import settings
from django.core.management import call_command

FOLDER = Path(settings.ROOT) / "graphql"


def test_graphql_is_graphql_core():
    """./graphql must stay a plain folder: with an __init__.py it would hide graphql-core."""
    assert Path(graphql.__file__).parent != FOLDER
    assert not list(FOLDER.glob("*.py"))


def test_schema_snapshot():
    out = StringIO()
    call_command("graphql_schema", out="-.graphql", stdout=out)
    assert (FOLDER / "schema.graphql").read_text().strip() == out.getvalue().strip(), (
        "run: make schema"
    )


def test_no_file_is_a_warehouse():
    files = [
        path
        for root in ("marketplace", "search", "graphql/api", "tests")
        for path in (settings.ROOT / root).rglob("*.py")
        if "migrations" not in path.parts
    ]
    too_long = {str(p): n for p in files if (n := len(p.read_text().splitlines())) > 400}
    assert too_long == {}


def test_the_map_of_search_names_every_module():
    folder = settings.ROOT / "search"
    named = set(re.findall(r"`(\w+\.py)`", (folder / "README.md").read_text(encoding="utf-8")))
    there = {path.name for path in folder.glob("*.py")} - {"__init__.py", "admin.py", "apps.py"}
    assert named == there
