"""Classes for a text, told by a model of words."""

from __future__ import annotations

import gzip
import json
from dataclasses import replace
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.core.management import CommandError, call_command
from scipy.sparse import csr_array, random_array

from marketplace.core.errors import Faults
from search.ipc_model_build import COMMON, odds, regressed
from search.ipc_suggestion import Model, likely, model, parsed, suggest_ipc
from search.measures import f1
from tests.conftest import Api
from tests.factories import TEXT, make_listing, make_organisation, member_of, publish

TAUGHT = (("电池隔膜", "H01M"), ("小麦收割机", "A01D"))
OFFICIAL = (
    ("H01M", "Batteries", "电池组"),
    ("A01D", "Harvesting", "收获"),
)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    rows = [
        {"title": f"一种{words}装置 {kind}{n}", "ipc": [symbol]}
        for words, symbol in TAUGHT
        for kind in "ab"
        for n in range(5)
    ]
    official = [
        {"code": symbol, "title_en": english, "title_zh": chinese}
        for symbol, english, chinese in OFFICIAL
    ]
    for name, lines in (
        ("patents/cn_titles_ipc_dev.jsonl", rows),
        ("patents/tw_titles_ipc_hant.jsonl", [{"title": "電池", "ipc": ["H01M"]}]),
        ("taxonomy/ipc_bilingual.jsonl", official),
    ):
        file = tmp_path / name
        file.parent.mkdir(exist_ok=True)
        file.write_text("\n".join(map(json.dumps, lines)))
    return tmp_path


def called(action: str, data: Path, **options: Any) -> str:
    out = StringIO()
    call_command("ipc_suggester", action, data=data, stdout=out, **options)
    return out.getvalue()


def test_a_score_is_a_sum_of_words_by_their_rarity() -> None:
    rows = {"cell": "3.0\tH01M\t0.5", "garnet": "4.0\tC30B\t0.5\tH01M\t0.25"}
    ours = Model(rows, {}, 10, 0, -2, 0.5)
    scores = ours.scores("Garnet cells, unknown")
    assert scores == {"H01M": pytest.approx(0.5), "C30B": pytest.approx(0.4)}
    assert ours.chosen("Garnet cells") == [("H01M", 0.9526), ("C30B", 0.8808)]
    assert replace(ours, say_from=0.9).chosen("Garnet cells") == [("H01M", 0.9526)]
    assert ours.chosen("unknown") == []


def test_a_subclass_begins_at_its_base_if_a_word_speaks_for_it() -> None:
    rows = {"cell": "3.0\tH01M\t0.5\tC30B\t0.4\tA01D\t-0.1"}
    ours = Model(rows, {"C30B": 0.3, "A01D": 9.0, "G06F": 9.0}, 10, 0, -2, 0.5)
    assert ours.scores("cell") == {"H01M": 0.5, "C30B": pytest.approx(0.7)}


def test_what_is_far_behind_the_best_is_less_likely() -> None:
    rows = {"cell": "3.0\tH01M\t0.5\tC30B\t0.4"}
    ours = Model(rows, {}, 10, -20, -2, 0.5)
    assert ours.ranked("cell") == [("H01M", 0.9526), ("C30B", 0.5)]  # 10 × .4 - 20 × .1 - 2
    assert replace(ours, say_from=0.51).chosen("cell") == [("H01M", 0.9526)]


def test_at_most_three_are_said() -> None:
    ranked = [("A01D", 0.9), ("B60L", 0.8), ("H01M", 0.7), ("G06F", 0.7)]
    assert likely(ranked, 0.7) == ranked[:3]
    assert likely(ranked, 0.95) == ranked[:1]
    assert likely([], 0.5) == []


def test_the_regression_is_that_of_ridge() -> None:
    dice = np.random.default_rng(0)
    words = random_array((30, 50), density=0.2, rng=dice, format="csr", dtype=np.float32)
    wanted = csr_array(np.eye(4, dtype=np.float32)[dice.integers(0, 4, 30)])
    exact = np.linalg.solve((words.T @ words).toarray() + np.eye(50), (words.T @ wanted).toarray())
    np.testing.assert_allclose(regressed(words, wanted), exact, atol=1e-3)


def test_odds_of_words_in_a_subclass() -> None:
    more, (absent, prior) = odds(csr_array(np.array([[6.0, 0.0], [1.0, 1.0]])))
    added = COMMON * 4  # mean of 6 and 2
    assert more.toarray() == pytest.approx(
        np.log1p([[6 / (added * 7 / 8), 0], [1 / (added * 7 / 8), 1 / (added / 8)]]), abs=1e-3
    )
    assert absent == pytest.approx(np.log([added / (6 + added), added / (2 + added)]))
    assert prior == pytest.approx(np.log([7, 3]))


def test_micro_f1() -> None:
    assert f1([(["A", "B"], ["A"]), ([], ["C"])]) == pytest.approx(2 / 4)
    assert f1([]) == 0.0


def test_ipc_suggestions(api: Api) -> None:
    for text in ("Garnet electrolyte of a lithium battery", "锂电池用石榴石电解质", "鋰電池隔膜"):
        found = api.run("ipc_suggestions", text=text, language="EN")["ipcSuggestions"]
        assert found[0]["symbol"] == "H01M"
        assert found[0]["title"].startswith("PROCESSES OR MEANS")
        assert 0.5 < found[0]["share"] <= 1
    assert api.run("ipc_suggestions", text="  ") == {"ipcSuggestions": []}
    assert api.run("ipc_suggestions", text="xyzzy") == {"ipcSuggestions": []}
    with pytest.raises(Faults):
        suggest_ipc("a" * 20_001)


def test_what_is_suggested_is_of_the_classification() -> None:
    assert next(one for one, _ in suggest_ipc("Wheat harvester")) == "A01D"
    assert len(model().rows) > 50_000
    assert model().rows == dict(sorted(model().rows.items()))


def test_evaluation_by_cross_validation(data: Path) -> None:
    about = json.loads(called("evaluate", data))
    assert (about["titles"], about["subclasses"], about["micro_f1"]) == (20, 2, 1.0)
    assert about["by_fold"] == [1.0] * 5
    assert (about["first_right"], about["said_of_a_title"]) == (1.0, 1.0)
    with pytest.raises(CommandError, match="No titles"):
        call_command("ipc_suggester", "evaluate", data=data / "nowhere")
    with pytest.raises(CommandError, match="No folder"):
        call_command("ipc_suggester", "build", data=data, out=data / "nowhere" / "model.gz")
    with pytest.raises(CommandError, match="is a folder"):
        call_command("ipc_suggester", "build", data=data, out=data)
    with pytest.raises(CommandError, match="At least two --folds"):
        call_command("ipc_suggester", "evaluate", data=data, folds=1)


@pytest.mark.django_db
def test_the_platform_teaches_too(data: Path, tmp_path: Path) -> None:
    owner = member_of(make_organisation("licensor"))
    for n in range(2):
        text = {**TEXT, "title": f"Photonic widget {n}"}
        publish(make_listing(owner, texts=[text], ipc=["G02B 6/12"]), owner)
    files = {own: tmp_path / f"{own}.gz" for own in (False, True)}
    for own, out in files.items():
        called("build", data, out=out, from_platform=own)
    alone, taught = (
        parsed(gzip.decompress(files[own].read_bytes()).decode().splitlines())
        for own in (False, True)
    )
    assert alone.chosen("photonic widget") == []
    assert [one for one, _ in taught.chosen("photonic widget")] == ["G02B"]
    assert [one for one, _ in taught.chosen("电池")] == ["H01M"]
