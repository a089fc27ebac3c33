"""The sentences of matching, in the viewer's language; Traditional is converted."""

from __future__ import annotations

from collections.abc import Mapping

from marketplace.core.language import Language, to_traditional
from marketplace.core.vocabulary import Exclusivity

from .scoring import Reason

SENTENCES: Mapping[str, tuple[str, str]] = {
    "words": ("Both speak of {words}.", "双方都提到：{words}。"),
    "ipc": ("Both are classified in {ipc}.", "双方同属分类 {ipc}。"),
    "trl_fits": (
        "TRL {trl} lies within {low} to {high}.",
        "技术成熟度 {trl} 级，在所需的 {low} 至 {high} 级之内。",
    ),
    "territory": ("It is offered for {territories}.", "许可地域包括 {territories}。"),
    "exclusivity": (
        "The exclusivity wanted ({exclusivity}) is offered.",
        "可提供所需的许可方式（{exclusivity}）。",
    ),
    "price": ("The indicative price is within the budget.", "参考价格在预算之内。"),
    "nothing_in_particular": (
        "Found by its text; nothing in particular speaks for it.",
        "由文本检索得出，没有突出的匹配点。",
    ),
    "must_trl": (
        "TRL {trl} is outside {low} to {high}, which is a must.",
        "技术成熟度 {trl} 级不在必须的 {low} 至 {high} 级之内。",
    ),
    "must_territory": (
        "It is not offered for {territories}, which is a must.",
        "不提供必须的地域：{territories}。",
    ),
    "must_exclusivity": (
        "The exclusivity that is a must ({exclusivity}) is not offered.",
        "不提供必须的许可方式（{exclusivity}）。",
    ),
    "must_budget": (
        "It has no price within the budget, which is a must.",
        "没有在预算之内的价格，而这是必须的。",
    ),
    "must_kind": (
        "Its kind, {kind}, is none of those that are a must.",
        "类型 {kind} 不符合必须的类型。",
    ),
    "must_ipr_status": (
        "Its protection, {status}, is none of those that are a must.",
        "权利状态 {status} 不符合必须的状态。",
    ),
    "must_ipc": ("It is not classified in {ipc}, which is a must.", "不属于必须的分类 {ipc}。"),
    "must_word": ("It does not speak of “{word}”, which is a must.", "没有提到必须的“{word}”。"),
    "not_of_interest": (
        "It speaks of “{word}”, which is not of interest.",
        "涉及不感兴趣的“{word}”。",
    ),
}  # fmt: skip
NAMES: Mapping[str, tuple[str, str]] = {
    Exclusivity.EXCLUSIVE: ("exclusive", "独占"),
    Exclusivity.SOLE: ("sole", "排他"),
    Exclusivity.NON_EXCLUSIVE: ("non-exclusive", "普通"),
}


def sentence(reason: Reason, language: str) -> str:
    """The reason in words."""
    chinese = language != Language.EN
    values = {
        name: NAMES[value][chinese]
        if value in NAMES
        else value.replace(", ", "、" if chinese else ", ")
        for name, value in reason.values.items()
    }
    text = SENTENCES[reason.key][chinese].format(**values)
    return to_traditional(text) if language == Language.HANT else text
