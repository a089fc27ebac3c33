"""The standard questions of an enquiry: short, the same for all, so that an owner can compare."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from marketplace.core.checks import Check, words
from marketplace.core.language import Language, to_traditional


@dataclass(frozen=True)
class Question:
    name: str
    limit: int
    text: Mapping[str, str]


def question(name: str, limit: int, en: str, zh: str) -> Question:
    texts = {Language.EN.value: en, Language.HANS.value: zh}
    return Question(name, limit, {**texts, Language.HANT.value: to_traditional(zh)})


QUESTIONS = (
    question(
        "application",
        1000,
        "What would you use it for, in which product and market?",
        "贵方拟将该技术用于何种产品与市场？",
    ),
    question(
        "fit",
        1000,
        "What must it do that is not done today?",
        "该技术须解决哪些现有方案未能解决的问题？",
    ),
    question(
        "plan",
        600,
        "Who decides, by when, and what is the next step you want?",
        "由谁决定、何时决定，希望的下一步是什么？",
    ),
)
CHECKS: Mapping[str, Check] = {one.name: words(one.limit, at_least=10) for one in QUESTIONS}
