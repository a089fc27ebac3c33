"""What a buyer's declines say of other listings."""

from __future__ import annotations

from dataclasses import replace

import pytest

from marketplace.core.language import Language
from marketplace.core.vocabulary import DeclineReason, IprStatus
from marketplace.matching.declines import Declined, groups, learnt
from marketplace.matching.reasons import SENTENCES, sentence
from marketplace.matching.scoring import LESSON, LESSONS_AT_MOST, Reason, match

from .test_matching import OFFER, WISH

SILENT = replace(
    WISH, trl_min=None, trl_max=None, budget=None, territories=[], ipr_statuses=[], ipc=[]
)
DECLINED = Declined(
    reasons=[],
    same_need=True,
    trl=6,
    ipr_status="patent_granted",
    territories=["CN", "HK"],
    price=100,
    currency="HKD",
    groups=["H01M 10"],
)
TEACHING = {
    "too_early": ({"trl": 6}, {"trl": 7}),
    "price": ({"price": 100}, {"price": 99}),
    "territory": ({"territories": ["HK"]}, {"territories": ["HK", "US"]}),
    "ip_position": ({}, {"ipr_status": "patent_pending"}),
    "no_strategic_fit": ({}, {"ipc": ["H01M 50/10"]}),
    "already_have": ({}, {"ipc": ["H01M"]}),
    "scientific": ({}, {"ipc": []}),
}


@pytest.mark.parametrize("reason", DeclineReason.values)
def test_what_a_reason_teaches(reason: str) -> None:
    declined = [replace(DECLINED, reasons=[reason])]
    if reason not in TEACHING:
        assert learnt(WISH, OFFER, declined) == []
        return
    alike, other = TEACHING[reason]
    (lesson,) = learnt(WISH, replace(OFFER, **alike), declined)
    assert lesson.key == f"learnt_{reason}"
    assert sentence(lesson, Language.EN) != sentence(lesson, Language.HANS)
    assert learnt(WISH, replace(OFFER, **other), declined) == []


@pytest.mark.parametrize("reason", TEACHING)
def test_what_a_need_says_itself_outweighs_what_was_declined_for_another(reason: str) -> None:
    offer = replace(OFFER, **TEACHING[reason][0])
    elsewhere = [replace(DECLINED, reasons=[reason], same_need=False)]
    assert learnt(WISH, offer, elsewhere) == []
    assert [one.key for one in learnt(SILENT, offer, elsewhere)] == [f"learnt_{reason}"]


def test_what_is_unknown_teaches_nothing() -> None:
    unknown = Declined(list(TEACHING), True, None, "", [], None, "", [])
    assert learnt(WISH, OFFER, [unknown]) == []
    bare = replace(OFFER, trl=None, price=None, territories=[], ipr_status="", ipc=[])
    assert learnt(WISH, bare, [replace(DECLINED, reasons=list(TEACHING))]) == []
    in_yuan = replace(OFFER, currency="CNY")
    assert learnt(WISH, in_yuan, [replace(DECLINED, reasons=["price"])]) == []


def test_lessons_take_points_up_to_a_limit_and_never_below_nothing() -> None:
    lessons = learnt(WISH, OFFER, [replace(DECLINED, reasons=list(TEACHING))] * 2)
    assert len(lessons) == len(TEACHING)
    before = match(WISH, OFFER, relevance=1.0, words=["lithium"])
    for number, lost in ((1, LESSON), (2, 2 * LESSON), (len(lessons), LESSONS_AT_MOST)):
        after = match(WISH, OFFER, relevance=1.0, words=["lithium"], learnt=lessons[:number])
        assert after.components == {**before.components, "feedback": -lost}
        assert after.score == before.score - lost
        assert after.reasons == [*before.reasons, *lessons[:number]]
    poor = replace(WISH, kinds=["patent"], ipc=["A61K"], trl_min=1, trl_max=1)
    far = replace(OFFER, territories=["US"], exclusivity=["non_exclusive"], price=10**9)
    worst = match(
        replace(poor, exclusivity="exclusive"), far, relevance=0, words=[], learnt=lessons
    )
    assert worst.score == 0
    assert sum(worst.components.values()) == 0


def test_what_came_of_its_own_decline() -> None:
    before = match(WISH, OFFER, relevance=1.0, words=["lithium"])

    def after(key: str) -> tuple[int, list[str], list[str]]:
        said = Reason(key, {"reasons": "price, too_early"})
        found = match(WISH, OFFER, relevance=1.0, words=["lithium"], said=said)
        reasons = [sentence(one, "en") for one in found.reasons[len(before.reasons) :]]
        return found.score, reasons, [sentence(one, "en") for one in found.exclusions]

    assert after("declined") == (100, [], ["You declined it: price, too early."])
    assert after("declined_elsewhere") == (
        90,
        ["You declined it for another need: price, too early."],
        [],
    )
    assert after("declined_before_it_changed") == (
        100,
        ["You declined it (price, too early); its text has changed since."],
        [],
    )
    text = sentence(Reason("declined", {"reasons": "price, too_early"}), Language.HANT)
    assert text == "您已謝絕：價格、成熟度過低。"


def test_words_that_are_also_reasons_stay_as_they_are() -> None:
    shared = Reason("words", {"words": "price, territory"})
    assert sentence(shared, Language.HANS) == "双方都提到：price、territory。"


def test_groups_and_sentences() -> None:
    assert groups(["H01M", "H01M 10/00", "H01M 10/0562", "C04B 35/50"]) == ["H01M 10", "C04B 35"]
    assert {f"learnt_{reason}" for reason in TEACHING} <= set(SENTENCES)


@pytest.mark.parametrize("status", IprStatus.values)
def test_no_sentence_has_a_word_of_the_vocabulary_in_it(status: str) -> None:
    for key in ("learnt_ip_position", "must_ipr_status"):
        for language in Language:
            said = sentence(Reason(key, {"status": status}), language)
            assert "_" not in said
            assert language == Language.EN or status not in said
    assert sentence(Reason("learnt_ip_position", {"status": "patent_granted"}), "en") == (
        "Its protection, a granted patent, is that of one whose IP position you declined."
    )
    assert sentence(Reason("must_kind", {"kind": "know_how"}), "zh-Hant") == (
        "類型（技術秘密）不符合必須的類型。"
    )
    assert sentence(Reason("must_ipr_status", {"status": "?"}), "zh-Hans") == (
        "权利状态（未注明）不符合必须的状态。"
    )
