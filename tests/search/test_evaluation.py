"""Judged sets run through the code of the API's search; figures by hand."""

from __future__ import annotations

import json
import math
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from search import mixed_sets
from search.evaluation import read_set
from search.figures import put_into, table
from search.measures import Scores, is_training, ndcg10
from search.models import Entry, Generation

CORPUS = [
    {"id": "A1", "lang": "zh", "title": "锂电池隔膜", "abstract": "一种锂电池的隔膜。"},
    {"id": "A2", "lang": "zh", "title": "", "abstract": "锂的提取"},
    {"id": "A3", "lang": "en", "title": "Separator of a lithium battery"},
    {"id": "A4"},  # any field but the id may be missing
]
QUERIES = [
    {"_id": "q1", "lang": "zh-Hant", "text": "鋰電池隔膜"},
    {"_id": "q2", "lang": "en", "text": "lithium battery separator", "self": "A3"},
    {"_id": "q3", "lang": "en"},
]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "anywhere" / "unseen"
    folder.mkdir(parents=True)
    (tmp_path / "corpus.jsonl").write_text("\n".join(map(json.dumps, CORPUS)), encoding="utf-8")
    about = {"name": "unseen", "corpus": [{"file": "corpus.jsonl"}]}
    (folder / "about.json").write_text(json.dumps(about))
    (folder / "queries.jsonl").write_text("\n".join(map(json.dumps, QUERIES)))
    judged = "query-id\tcorpus-id\tscore\nq1\tA1\t2\nq1\tA2\t1\nq1\tA3\t1\nq2\tA1\t1\n\n"
    (folder / "qrels.tsv").write_text(judged)
    return tmp_path


def test_ndcg_has_linear_gains() -> None:
    assert ndcg10(["b", "a"], {"a": 2, "b": 1}) == pytest.approx(
        (1 + 2 / math.log2(3)) / (2 + 1 / math.log2(3))
    )
    assert ndcg10(["x"], {"a": 1}) == 0.0
    assert ndcg10([], {}) == 0.0


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["embedded", "elasticsearch", "standard", "analyzers"])
def test_an_unseen_set_is_run_and_leaves_nothing(
    data: Path, name: str, request: pytest.FixtureRequest
) -> None:
    if name != "embedded":
        request.getfixturevalue("elasticsearch")
    out = StringIO()
    call_command(
        "evaluate_search", str(data / "anywhere/unseen"), data=data, engine=name, stdout=out
    )
    (figures,) = map(json.loads, out.getvalue().splitlines())
    figures.pop("ms_p50")
    assert {k: figures[k] for k in ("set", "engine", "queries")} == {
        "set": "unseen",
        "engine": name,
        "queries": 3,
    }
    hant: dict[str, Any] = figures["by_language"]["zh-Hant"]
    if name in ("embedded", "elasticsearch"):
        assert hant == {
            "queries": 1,
            **dict.fromkeys(("ndcg10", "mrr10", "r100"), 1.0),
            "intervals": {key: [1.0, 1.0] for key in ("ndcg10", "mrr10", "r100")},
        }
    else:  # Traditional finds no Simplified, except by a sign that is the same in both
        assert hant["r100"] < 1.0
    assert sorted(figures["by_direction"]) == ["en-zh", "zh-Hant-en", "zh-Hant-zh"]
    assert (Generation.objects.count(), Entry.objects.count()) == (0, 0)


def test_one_need_in_several_languages_falls_on_one_side_of_the_split() -> None:
    of = [is_training(f"ipc-{language}-A63H27/00") for language in ("en", "zh", "zh-Hant")]
    assert len(set(of)) == 1
    halves = [is_training(f"q-{number}") for number in range(1000)]
    assert 450 < sum(halves) < 550


def test_an_interval_holds_the_mean_and_is_the_same_twice() -> None:
    scores = Scores()
    for number in range(40):
        scores.add(["a", "b"], {"b" if number % 2 else "a": 1})
    low, high = scores.intervals()["mrr10"]
    assert 0.65 < low < scores.of()["mrr10"] == 0.75 < high < 0.85
    assert scores.intervals() == scores.intervals()


def test_the_table_goes_between_its_marks(tmp_path: Path) -> None:
    scores = Scores()
    scores.add(["a"], {"a": 1})
    found = table([{"set": "one", "engine": "embedded", **scores.figures()}])
    assert found.splitlines()[2] == "| one | 1 | **1.000** (1.000–1.000) / 1.000 / 1.000 |"
    document = tmp_path / "README.md"
    document.write_text("before\n<!-- figures -->\nold\n<!-- /figures -->\nafter\n", "utf-8")
    put_into(document, found)
    assert document.read_text("utf-8") == (
        f"before\n<!-- figures -->\n{found}\n<!-- /figures -->\nafter\n"
    )


def test_a_set_that_is_not_there_is_told(data: Path) -> None:
    with pytest.raises(CommandError, match="No judged set nowhere"):
        call_command("evaluate_search", "nowhere", data=data)


def test_elasticsearch_needs_an_address(data: Path) -> None:
    with pytest.raises(CommandError, match="ELASTICSEARCH_URL"):
        call_command(
            "evaluate_search", str(data / "anywhere/unseen"), data=data, engine="elasticsearch"
        )


BOTH = [
    {"id": f"B{n}", "title_en": en, "title_zh": zh, "abstract_en": f"A {en}.", "ipc": ["H01M"]}
    | {"abstract_zh": f"一种{zh}。"}
    for n, (en, zh) in enumerate(
        [("battery", "电池"), ("valve", "阀"), ("lens", "透镜"), ("rotor", "转子")] * 2
    )
]


@pytest.mark.django_db
def test_each_of_two_languages_is_asked_in_the_other(data: Path) -> None:
    short = {key: value for key, value in BOTH[0].items() if key != "abstract_zh"}
    lines = "\n".join(map(json.dumps, [*BOTH, {**short, "id": "one language"}]))
    (data / "both.jsonl").write_text(lines, encoding="utf-8")
    out = StringIO()
    call_command("evaluate_search", data=data, mixed=["both.jsonl"], stdout=out)
    *known, topics = map(json.loads, out.getvalue().splitlines())
    assert [one["set"] for one in known] == ["knownitem_titles_both", "knownitem_pages_both"]
    assert topics["set"] == "topic_mixed_both"
    asked = {name: one["queries"] for name, one in topics["by_language"].items()}
    assert asked == {"en": 1, "zh": 1}  # of the one subclass that all are in
    for figures in known:
        asked = {name: one["queries"] for name, one in figures["by_language"].items()}
        assert asked == {"en": 4, "zh": 4}
        assert figures["r100"] == 1.0


def test_a_term_is_asked_for_of_all_that_has_it_in_either_language(tmp_path: Path) -> None:
    says = [("battery separator", "电池隔膜")] * 4 + [("separator of a battery", "隔膜和电池")] * 2
    titles = [f"{en}s" if n == 1 else en for n, (en, _) in enumerate(says)]
    records = [
        {"id": f"T{n}", "title_en": title, "title_zh": zh, "ipc": ["H02S"]}
        | {"abstract_en": "Battery, separator.", "abstract_zh": "电池。"}
        for n, (title, (_, zh)) in enumerate(zip(titles, says, strict=True))
    ]
    source = tmp_path / "both.jsonl"
    source.write_text("\n".join(map(json.dumps, records)), encoding="utf-8")
    judged = read_set(next(f for f in mixed_sets.write(source, tmp_path) if "terms" in f.name))
    assert [(q["lang"], q["text"]) for q in judged.queries] == [
        ("en", "battery separator"), ("zh", "电池隔膜"),
    ]  # fmt: skip
    for relevant in judged.relevant.values():
        assert set(relevant) == {"T0", "T1", "T2", "T3"}
    indexed_in = {mixed_sets.language_of(record) for record in records[:4]}
    assert indexed_in == {"en", "zh"}
