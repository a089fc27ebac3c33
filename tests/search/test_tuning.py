"""Weights are tried in memory: there the ranking must be the engine's own."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from search import ranking, tuning
from search.engine import EMBEDDED
from search.evaluation import indexed, read_set
from search.measures import is_training
from search.ranking import WEIGHTS, Weights, read
from search.tuning import Half, corpora, objective, ranked, tuned

WORDS = ["battery", "lithium", "electrolyte", "separator", "charger", "motor", "wing", "rotor"]
SIGNS = ["电池", "锂", "电解质", "隔膜", "充电器", "电机", "机翼", "转子"]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Every pair of words, in one language or the other."""
    records: list[dict[str, Any]] = []
    for i in range(8):
        for k in range(i + 1, 8):
            chinese = (i + k) % 2
            one, other = ((SIGNS if chinese else WORDS)[n] for n in (i, k))
            said = f"一种{one}的{other}" if chinese else f"A {one} of a {other}"
            records.append(
                {
                    "id": f"P{i}{k}",
                    "lang": "zh" if chinese else "en",
                    "title": said,
                    "abstract": said * (1 + i),
                    "ipc": [f"H0{1 + i}M 10/00"],
                }
            )
    queries = [
        {"_id": f"q-{i}{k}", "lang": "en", "text": f"{WORDS[i]} {WORDS[k]}", "self": f"P{i}7"}
        for i in range(8)
        for k in range(i + 1, 7)
    ]
    judged = "\n".join(f"q-{i}{k}\tP{i}{k}\t1" for i in range(8) for k in range(i + 1, 7))
    folder = tmp_path / "eval_dev" / "knownitem_pairs"
    folder.mkdir(parents=True)
    (tmp_path / "corpus.jsonl").write_text("\n".join(map(json.dumps, records)), encoding="utf-8")
    about = {"name": "knownitem_pairs", "corpus": [{"file": "corpus.jsonl"}]}
    (folder / "about.json").write_text(json.dumps(about))
    (folder / "queries.jsonl").write_text("\n".join(map(json.dumps, queries)))
    (folder / "qrels.tsv").write_text(f"query-id\tcorpus-id\tscore\n{judged}\n")
    return tmp_path


@pytest.mark.django_db
def test_in_memory_as_in_the_engine(data: Path) -> None:
    judged = read_set(data / "eval_dev" / "knownitem_pairs")
    corpus = corpora([judged], data)[judged.name]
    with indexed(EMBEDDED, judged, data) as ranker:
        for query in judged.queries:
            text, own = query["text"], query["self"]
            assert ranked(corpus, text, own, WEIGHTS) == ranker(text, own)


def test_tuning_gains_on_the_half_it_reads_and_reads_no_other(data: Path) -> None:
    judged = read_set(data / "eval_dev" / "knownitem_pairs")
    known = corpora([judged], data)
    training, rest = (Half.of([judged], training=one) for one in (True, False))
    read_by_tuning = {text for text, _, _ in training.queries[judged.name]}
    assert read_by_tuning == {q["text"] for q in judged.queries if is_training(q["_id"])}
    assert read_by_tuning.isdisjoint(text for text, _, _ in rest.queries[judged.name])
    assert len(Half.of([judged], training=True, most=3).queries[judged.name]) == 3
    bad = Weights(one_foreign=0.01)
    found = tuned(known, training, bad, 1, lambda text: None, ["one_foreign"])
    before, after = (objective(training.figures(known, one)) for one in (bad, found))
    assert after > before


@pytest.mark.django_db
def test_the_command_writes_weights_with_their_figures(data: Path, tmp_path: Path) -> None:
    out = tmp_path / "weights.json"
    call_command("ranking", "tune", data=data, weights=["title"], out=out, stdout=StringIO())
    found = json.loads(out.read_text())
    assert read(out) == Weights(**found["weights"])
    assert set(found["figures"]) == {"training", "rest"}
    assert set(found["figures"]["rest"]["knownitem_pairs"]["after"]) == {"ndcg10", "mrr10", "r100"}
    with pytest.raises(CommandError, match="No judged sets"):
        call_command("ranking", "tune", data=tmp_path / "nowhere", out=out)
    out.unlink()
    for wrong, said in (
        ({"out": tmp_path / "nowhere" / "weights.json"}, "No folder"),
        ({"sets": ["knownitem_pairs", "knownitem_pears"]}, "No judged set knownitem_pears"),
        ({"out": tmp_path}, "is a folder"),
        ({"weights": ["titel"]}, "No weight titel"),
        ({"queries": 0}, "At least one"),
    ):
        with pytest.raises(CommandError, match=said):
            call_command("ranking", "tune", **{"data": data, "out": out, **wrong})
    assert not out.exists()


def test_the_weights_in_use_are_those_that_were_tuned() -> None:
    about = json.loads(ranking.FILE.read_text(encoding="utf-8"))
    assert Weights(**about["weights"]) == WEIGHTS
    training, rest = (about["figures"][half]["objective"] for half in ("training", "rest"))
    assert training[1] > training[0]
    assert rest[1] > rest[0] - tuning.LEAST_GAIN  # by less it is chance
