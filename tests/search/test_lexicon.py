"""Words find each other across languages, in both engines."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from search.document import Document
from search.engine import EMBEDDED, Engine, search_in
from search.glossary import glossary
from search.lexicon import Alternative, compounds, expand, phrases, table, words
from search.lexicon_build import Pair, ipc_pairs, joined, said_in, with_phrases, write
from search.models import Generation
from search.ranking import WEIGHTS, Weights, translated
from search.request import SearchRequest
from tests.factories import TEXT, make_listing, make_organisation, make_patent, member_of, publish


@pytest.mark.parametrize(
    ("text", "cut"),
    [
        ("旋翼飞行器的尾桨", ["旋翼", "飞行器", "尾", "桨"]),
        ("燃料電池混合動力汽車", ["燃料电池", "混合", "动力", "汽车"]),  # Traditional as Simplified
        ("heat 加热", ["加热"]),
        ("", []),
    ],
)
def test_words(text: str, cut: list[str]) -> None:
    assert words(text) == cut


def test_expand_knows_both_directions() -> None:
    assert "飞机" in [a.token for a in expand(["aircraft"], "en")["aircraft"]]
    assert "aircraft" in [a.token for a in expand(["飞机"], "zh")["飞机"]]
    assert expand(["xyzzy", "飞机"], "en") == {}


def test_a_number_means_nothing_but_itself() -> None:
    assert "5" in table()
    assert expand(["5", "60"], "en") == {}


def test_probabilities_are_of_one_word() -> None:
    for word in list(table())[:200]:
        for group in expand([word], "en").values():
            assert 0 < sum(a.weight for a in group) <= 1.01


def test_two_words_mean_together_what_neither_does() -> None:
    said = phrases(["revers", "osmosi", "membran"])["revers", "osmosi"]
    assert said[0].token == "反渗透"
    assert said[0].stands_for == "revers osmosi"
    assert "反渗透" not in [a.token for a in expand(["revers"], "en")["revers"]]
    assert phrases(["osmosi", "revers"]) == phrases(["osmosi"]) == {}


def test_a_stem_is_of_the_nearer_phrase() -> None:
    near = {("lithium", "ion"): 3.0, ("ion", "batteri"): 4.0, ("batteri", "pack"): 3.5}
    stems = ["lithium", "ion", "batteri", "pack", "lithium", "ion"]
    assert with_phrases(stems, near) == ["lithium", "ion batteri", "pack", "lithium ion"]
    assert with_phrases([], near) == []


def test_a_rare_mistranslation_does_not_outweigh_the_right_word() -> None:
    right = Alternative("加热", 0.8, "translation")
    wrong = Alternative("罕见", 0.1, "translation")
    found = translated([right, wrong], {"加热": 0.7, "罕见": 6.5}, 5)
    assert found[0].weight > 2 * found[1].weight
    assert found[1].terms[0][1] < found[1].weight  # its rarity is taken from it
    assert translated([right], {}, 5) == []


def test_what_nearly_all_texts_say_tells_no_more_in_the_other_language() -> None:
    telling = {"membran": 0.06, "薄膜": 2.4}
    (found,) = translated([Alternative("薄膜", 0.8, "translation")], telling, 1, ["membran"])
    worth = found.weight * WEIGHTS.foreign(1, "zh")
    assert found.terms[0][1] * telling["薄膜"] == pytest.approx(worth * telling["membran"])


def test_a_page_leans_less_on_translations_than_two_words() -> None:
    weights = Weights(one_foreign=1.0, most_foreign=2.0, foreign_from=6, foreign_words=8.0)
    assert [weights.foreign(words, "zh") for words in (1, 2, 6, 8)] == [1.0, 1.2, 2.0, 2.0]
    assert weights.foreign(64, "zh") == 0.25
    assert weights.foreign(2, "en") == weights.from_chinese


DOCUMENTS = [
    Document(id="test", texts={"title": ["一种用于网站软件的渗透测试方法"]}, published=1),
    Document(id="water", texts={"title": ["反渗透海水淡化"]}, published=1),
    Document(id="wing", texts={"title": ["一種具有可折疊機翼的飛機"]}, published=1),
    Document(id="brake", texts={"title": ["再生制动控制系统"]}, published=2),
    Document(id="heat", texts={"title": ["Heat exchanger for waste heat recovery"]}, published=3),
]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("aircraft with folding wing", "wing"),
        ("brake control", "brake"),
        ("reverse osmosis permeate", "water"),
        ("余热回收热交换装置", "heat"),
        ("餘熱回收", "heat"),
    ],
)
def test_a_query_finds_what_exists_in_the_other_language_only(
    one_engine: Engine, text: str, first: str
) -> None:
    generation = Generation.objects.create(kind="trial")
    for engine in dict.fromkeys((EMBEDDED, one_engine)):
        engine.create(generation)
        engine.put(generation, DOCUMENTS)
    generation.refresh_from_db()
    found = search_in(generation, SearchRequest(text=text), only=one_engine)
    assert found.hits[0].id == first


@pytest.mark.django_db
def test_a_word_of_nearly_all_texts_brings_no_other_language_first(one_engine: Engine) -> None:
    membranes = {f"membrane{n}": f"Hollow fiber membrane of sort {n}" for n in range(30)}
    others = {"valve": "Valve", **{f"wing{n}": "一种折叠机翼" for n in range(5)}}
    titles = {"film": "一种包装薄膜", **membranes, **others}
    generation = Generation.objects.create(kind="trial")
    for engine in dict.fromkeys((EMBEDDED, one_engine)):
        engine.create(generation)
        engine.put(generation, [Document(id=i, texts={"title": [t]}) for i, t in titles.items()])
    generation.refresh_from_db()
    found = search_in(generation, SearchRequest(text="membrane", first=40), only=one_engine).hits
    assert {hit.id for hit in found} == {"film", *membranes}
    assert found[-1].id == "film"


@pytest.mark.django_db
def test_where_each_word_must_be_there_what_two_mean_together_is_both(one_engine: Engine) -> None:
    generation = Generation.objects.create(kind="trial")
    for engine in dict.fromkeys((EMBEDDED, one_engine)):
        engine.create(generation)
        engine.put(generation, DOCUMENTS)
    generation.refresh_from_db()
    asked = SearchRequest(text="reverse osmosis", match="all")
    assert [hit.id for hit in search_in(generation, asked, only=one_engine).hits] == ["water"]


@pytest.mark.django_db
def test_a_chinese_word_that_is_two_of_english_is_found_by_both(one_engine: Engine) -> None:
    titles = {"forward": "Forward osmosis membranes, of osmosis", "reverse": "Reverse osmosis"}
    generation = Generation.objects.create(kind="trial")
    for engine in dict.fromkeys((EMBEDDED, one_engine)):
        engine.create(generation)
        engine.put(generation, [Document(id=i, texts={"title": [t]}) for i, t in titles.items()])
    generation.refresh_from_db()
    found = search_in(generation, SearchRequest(text="反渗透"), only=one_engine).hits
    assert [hit.id for hit in found] == ["reverse", "forward"]
    assert compounds()["二氧化碳"] == "carbon dioxid"
    assert "飞机" not in compounds()  # two signs are mostly one word


def test_the_table_is_learnt_from_parallel_titles(tmp_path: Path) -> None:
    titles = [("飞机", "aircraft"), ("飞机；机翼", "aircraft; wings"), ("机翼", "wings"),
              ("飞机机翼", "aircraft wings")] * 10  # fmt: skip
    source = tmp_path / "ipc.jsonl"
    source.write_text(
        "\n".join(json.dumps({"title_zh": zh, "title_en": en}) for zh, en in titles), "utf-8"
    )
    glosses = [Pair("飞机", "airplane", 0.5), Pair("机翼", "wing", 0.5)]
    logs, counts = joined([*ipc_pairs(source), *glosses])
    assert counts["aircraft", "飞机"] > 10 * counts.get(("aircraft", "机翼"), 0.0)
    file = tmp_path / "table.gz"
    assert write(file, {"format": 1}, logs, counts) > 0
    assert "wing\t机翼\t" in gzip.decompress(file.read_bytes()).decode()


def test_phrases_are_learnt_beside_words(tmp_path: Path) -> None:
    words = [("阀门", "valve"), ("水泵", "pump"), ("齿轮", "gear"), ("弹簧", "spring"),
             ("轴承", "bearing"), ("电机", "motor"), ("线圈", "coil")]  # fmt: skip
    titles = [*(words * 30), *([("燃料电池", "fuel cell")] * 10)]
    glosses = [Pair(zh, en, 0.5) for zh, en in {*titles}]
    file = tmp_path / "table.gz"
    logs, counts = joined([*(Pair(*one) for one in titles), *glosses])
    write(file, {"format": 2}, logs, counts)
    rows = dict(
        line.split("\t", 1) for line in gzip.decompress(file.read_bytes()).decode().splitlines()[1:]
    )
    assert rows["fuel cell"].startswith("燃料电池\t")
    assert "fuel cell" not in rows["燃料电池"]


ECDICT = """word,translation,bnc,frq
pump,"n. 水泵, 抽水机（旧称）\\nvt. 抽吸\\n[网络] 泵浦",900,800
pump valve,[机] 泵阀,0,0
pump room,泵房,0,0
wastewater,n. 废水,0,13395
zyxin,n. 斑联蛋白,0,0
Pump,n. 庞普,1,1
"""


def test_a_dictionary_joins_what_parallel_texts_tell_little_of(tmp_path: Path) -> None:
    source = tmp_path / "ecdict.csv"
    source.write_text(ECDICT, "utf-8")
    titles = [*([Pair("阀门", "valve")] * 9), Pair("泵", "pump"), Pair("废水", "waste")]
    glosses = [Pair("废水", "effluent", 0.5), Pair("阀门", "valve", 0.5)]
    logs, counts = joined([*titles, *glosses])
    file = tmp_path / "table.gz"
    write(file, {"format": 2}, logs, counts, glossary(source, said_in(titles), logs))
    rows = dict(
        line.split("\t", 1) for line in gzip.decompress(file.read_bytes()).decode().splitlines()[1:]
    )
    # Half of what the dictionary says, where the first sense says most, half of what a title does.
    assert rows["pump"] == "泵\t0.500\t水泵\t0.312\t抽水机\t0.188"
    assert rows["pump valv"] == "泵阀\t0.850"
    assert "pump room" not in rows  # no title says room
    assert rows["valv"] == "阀门\t1.000"
    assert rows["wastewat"] == "废水\t0.850"
    assert "\twastewat\t0.500" in rows["废水"]
    assert "zyxin" not in rows


def built_from_platform(folder: Path) -> tuple[str, dict[str, int]]:
    """The table, and how many pairs of what it was learnt from."""
    source = folder / "ipc.jsonl"
    source.write_text(json.dumps({"title_zh": "机翼", "title_en": "wings"}) + "\n", "utf-8")
    dictionary = folder / "dictionary.gz"
    dictionary.write_bytes(gzip.compress("飛機 飞机 [fei1 ji1] /airplane/aircraft/\n".encode()))
    out = folder / "out.gz"
    call_command("lexicon", "build", ipc=source, dictionary=dictionary, out=out, from_platform=True)
    text = gzip.decompress(out.read_bytes()).decode()
    pairs: dict[str, int] = json.loads(text.partition("\n")[0][2:])["pairs"]
    return text, pairs


def test_the_command_says_at_once_what_is_not_there(tmp_path: Path) -> None:
    source = tmp_path / "ipc.jsonl"
    source.write_text("not read", "utf-8")
    for action, wrong, said in (
        ("build", {"out": tmp_path / "nowhere" / "out.gz"}, "No folder"),
        ("classes", {"out": tmp_path / "nowhere" / "out.gz"}, "No folder"),
        ("build", {"out": tmp_path}, "is a folder"),
        ("build", {"ipc": tmp_path}, "No IPC titles"),
        ("build", {"dictionary": tmp_path / "nowhere.gz"}, "No dictionary"),
        ("build", {"glossary": tmp_path / "nowhere.csv"}, "No glossary"),
        ("build", {"dictionary": source, "out": None}, "would lose what ECDICT says"),
    ):
        with pytest.raises(CommandError, match=said):
            call_command("lexicon", action, **{"ipc": source, "out": tmp_path / "out.gz", **wrong})


@pytest.mark.django_db
def test_the_command_needs_no_platform_texts(tmp_path: Path) -> None:
    text, pairs = built_from_platform(tmp_path)
    assert "aircraft\t飞机\t1.000\n" in text
    assert pairs == {"dictionary": 2, "ipc": 1, "platform": 0}


@pytest.mark.django_db
def test_the_command_learns_from_what_the_platform_says_in_both_languages(tmp_path: Path) -> None:
    owner = member_of(make_organisation("licensor"))
    english = {
        **TEXT,
        "title": "Separator",
        "summary": "A separator.",
        "description": "The separator is porous. It stops dendrites! It is thin.",
        "problem": "Dendrites short-circuit cells. They do.",
    }
    hant = {
        "language": "zh-Hant",
        "status": "human",
        "title": "隔膜",
        "summary": "一種隔膜。",
        "description": "隔膜為多孔。可抑制枝晶！其薄。",
        "problem": "枝晶使電池短路。",
        "confidential": "燒結",
    }
    both = {"title_en": "Anode", "title_hans": "阳极", "abstract_en": "An anode. It is of zinc.",
            "abstract_hant": "一種陽極。為鋅製。"}  # fmt: skip
    texts = [english, hant]
    publish(make_listing(owner, texts=texts, patents=[make_patent(**both)]), owner)
    hidden = {"title_en": "Gasket", "title_hans": "垫圈"}
    publish(make_listing(owner, patents=[make_patent(**hidden)], anonymous=True), owner)
    make_listing(owner, texts=texts)  # a draft
    text, pairs = built_from_platform(tmp_path)
    # title, summary, three sentences; of the patent its title and two: the problems do not pair
    assert pairs["platform"] == 8
    learnt = {word: row for word, _, row in (x.partition("\t") for x in text.splitlines())}
    for word, other in (("隔", "separ"), ("枝", "dendrit"), ("阳", "anod"), ("锌", "zinc")):
        assert f"\t{other}\t" in learnt[word]
    assert {"垫", "烧", "gasket"}.isdisjoint(learnt)
