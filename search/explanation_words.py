"""The sentences of explanations, in the reader's language; Traditional is converted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from marketplace.core.language import Language, to_traditional
from marketplace.core.vocabulary import Exclusivity, ListingKind
from marketplace.matching import reasons
from marketplace.patents.ipc import Symbol, title_of

from .explanation import Ground
from .text import IS_HAN

SENTENCES: Mapping[str, tuple[str, str]] = {
    "word": ("{found} stands in {fields}.", "{fields}中有{found}。"),
    "written": ("{found}, for {asked}, stands in {fields}.", "{fields}中有{found}，即{asked}。"),
    "into_chinese": (
        "{found} in {fields} is Chinese for {asked}.",
        "{fields}中的{found}是{asked}的中文。",
    ),
    "into_english": (
        "{found} in {fields} is English for {asked}.",
        "{fields}中的{found}是{asked}的英文。",
    ),
    "synonym": (
        "{found} in {fields} is a synonym of {asked}.",
        "{fields}中的{found}是{asked}的同义词。",
    ),
    "similar": (
        "{found} in {fields} is spelt nearly like {asked}.",
        "{fields}中的{found}与{asked}拼写相近。",
    ),
    "prefix": ("{found} in {fields} begins with {asked}.", "{fields}中的{found}以{asked}开头。"),
    "phrase": ("It holds the phrase {asked}.", "含有短语{asked}。"),
    "number": ("It has the number {asked}.", "号码为{asked}。"),
    "class": (
        "The query names class {asked}, of which {found} in {fields} are words.",
        "查询即分类 {asked} 的名称，{fields}中的{found}是该类用词。",
    ),
    "class_signs": (
        "The query names class {asked}, of whose words it has parts.",
        "查询即分类 {asked} 的名称，其中有该类用词的部分文字。",
    ),
    "candidates": (
        "It is classified in {classes}, as the best candidates are.",
        "与最佳候选同属分类 {classes}。",
    ),
    "own": (
        "It is classified in {classes}, which is asked for.",
        "属于所要求的分类 {classes}。",
    ),
    "meaning": (
        "In meaning it is number {place} of those nearest to the query.",
        "含义与查询最接近的第 {place} 项。",
    ),
    "signs": (
        "It shares single characters with the query.",
        "与查询有零散的相同字词。",
    ),
    "without": ("It has nothing of what is to be left out.", "不含要求排除的内容。"),
}
CLASSIFIED = ("It is classified in {classes}, as asked.", "属于所要求的分类 {classes}。")
FILTERED: Mapping[str, tuple[str, str]] = {
    "ipc": CLASSIFIED,
    "ipc_section": CLASSIFIED,
    "ipc_subclass": CLASSIFIED,
    "trl": ("Its TRL is {values}, as asked.", "技术成熟度为所要求的 {values} 级。"),
    "kind": ("It offers {values}, as asked.", "提供所要求的{values}。"),
    "territory": ("It is offered for {values}, as asked.", "许可地域包括所要求的 {values}。"),
    "exclusivity": (
        "The exclusivity asked for ({values}) is offered.",
        "可提供所要求的许可方式（{values}）。",
    ),
    "jurisdiction": (
        "Its owner is registered in {values}, as asked.",
        "权利人注册于所要求的 {values}。",
    ),
    "industry": ("It is for industry {values}, as asked.", "适用于所要求的行业 {values}。"),
    "sdg": (
        "It serves sustainable development goal {values}, as asked.",
        "服务于所要求的可持续发展目标 {values}。",
    ),
    "year": ("It is of {values}, as asked.", "年份为所要求的 {values}。"),
    "price": ("Its price lies within what is asked.", "价格在所要求的范围之内。"),
}
NAMES: Mapping[str, tuple[str, str]] = {
    one: reasons.NAMES[one] for one in (*Exclusivity, *ListingKind)
}
FIELDS: Mapping[str, tuple[str, str]] = {
    "title": ("the title", "标题"),
    "summary": ("the summary", "摘要"),
    "description": ("the description", "说明"),
    "applicants": ("the names of owner and applicants", "权利人与申请人名称"),
    "claims": ("the claims", "权利要求"),
}


def key_of(ground: Ground) -> str:
    """Which sentence says it."""
    if ground.kind == "word" and list(ground.found) != [ground.asked]:
        return "written"
    if ground.kind == "translation":
        return "into_chinese" if IS_HAN.match(ground.found[0]) else "into_english"
    return "class_signs" if ground.kind == "class" and not ground.found else ground.kind


def sentence(ground: Ground, language: str) -> str:
    """The ground in words."""
    chinese = language != Language.EN
    said = FILTERED[ground.asked] if ground.kind == "filter" else SENTENCES[key_of(ground)]
    text = said[chinese].format(
        asked=quoted([ground.asked], chinese) if ground.kind != "class" else ground.asked,
        place=ground.asked,
        found=quoted(ground.found, chinese),
        fields=listed([FIELDS[name][chinese] for name in ground.fields], chinese),
        classes=classes(ground.found, language) if "{classes}" in said[chinese] else "",
        values=listed([NAMES[v][chinese] if v in NAMES else v for v in ground.found], chinese),
    )
    return to_traditional(text) if language == Language.HANT else text


def listed(words: Sequence[str], chinese: bool) -> str:
    if chinese:
        return "、".join(words)
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def quoted(words: Sequence[str], chinese: bool) -> str:
    return listed([f"“{word}”" for word in words], chinese)


def classes(symbols: Sequence[str], language: str) -> str:
    """Symbols, the first with its title."""
    chinese = language != Language.EN
    if not symbols:
        return ""
    named = Language.HANS if chinese else Language.EN
    title = title_of(Symbol(symbols[0]), named).partition(";")[0].partition("；")[0].capitalize()
    first = f"{symbols[0]}（{title}）" if chinese else f"{symbols[0]} ({title})"
    return listed([first if title else symbols[0], *symbols[1:]], chinese)
