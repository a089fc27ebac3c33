"""Classes for a text, told by what is like it."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from marketplace.core.outbox import drain
from search.indexing import rebuild
from search.ipc_suggestion import chosen, voted
from search.measures import f1
from tests.conftest import Api
from tests.factories import TEXT, make_listing, make_organisation, member_of, publish


def test_the_nearest_vote() -> None:
    ranked = voted([(10.0, ["H01M"]), (5.0, ["B01D"]), (5.0, ["B01D", "C02F"])])
    assert [one for one, _ in ranked] == ["H01M", "B01D", "C02F"]
    assert sum(share for _, share in ranked) == pytest.approx(1, abs=0.001)
    assert [one for one, _ in chosen([("A", 0.5), ("B", 0.3), ("C", 0.2)])] == ["A", "B"]
    assert chosen(voted([])) == []


def test_micro_f1() -> None:
    assert f1([(["A", "B"], ["A"]), ([], ["C"])]) == pytest.approx(2 / 4)
    assert f1([]) == 0.0


@pytest.mark.django_db
def test_ipc_suggestions(api: Api) -> None:
    rebuild("listing")
    owner = member_of(make_organisation("licensor"))
    for title, ipc in (
        ("Lithium cell with garnet", "H01M 10/0562"),
        ("Garnet electrolyte", "H01M 10/05"),
        ("Wheat harvester", "A01D 41/00"),
    ):
        publish(make_listing(owner, texts=[{**TEXT, "title": title, "problem": title,
                                            "summary": title, "description": title}],
                             ipc=[ipc]), owner)  # fmt: skip
    drain()
    found = api.run("ipc_suggestions", text="garnet cells", language="EN")["ipcSuggestions"]
    assert [(one["symbol"], one["share"]) for one in found] == [("H01M", 1.0)]
    assert found[0]["title"].startswith("PROCESSES OR MEANS")
    assert api.run("ipc_suggestions", text="  ") == {"ipcSuggestions": []}
    assert api.run("ipc_suggestions", text="xyzzy") == {"ipcSuggestions": []}


def test_evaluation_by_cross_validation(tmp_path: Path) -> None:
    rows = [
        {"id": f"{kind}{n}", "title": f"{kind} {n}", "ipc": [symbol]}
        for kind, symbol in (("电池隔膜", "H01M"), ("小麦收割机", "A01D"))
        for n in range(10)
    ]
    (tmp_path / "titles.jsonl").write_text("\n".join(map(json.dumps, rows)))
    out = StringIO()
    call_command("ipc_suggester", "evaluate", data=tmp_path, titles="titles.jsonl", stdout=out)
    about = json.loads(out.getvalue())
    assert (about["titles"], about["subclasses"], about["micro_f1"]) == (20, 2, 1.0)
    assert about["by_fold"] == [1.0] * 5
    with pytest.raises(CommandError, match="No titles"):
        call_command("ipc_suggester", "evaluate", data=tmp_path / "nowhere")
