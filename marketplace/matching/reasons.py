"""The sentences of matching, in the viewer's language; Traditional is converted."""

from __future__ import annotations

from collections.abc import Mapping

from marketplace.core.language import Language, to_traditional
from marketplace.core.vocabulary import DeclineReason, Exclusivity, IprStatus, ListingKind

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
        "类型（{kind}）不符合必须的类型。",
    ),
    "must_ipr_status": (
        "Its protection, {status}, is none of those that are a must.",
        "权利状态（{status}）不符合必须的状态。",
    ),
    "must_ipc": ("It is not classified in {ipc}, which is a must.", "不属于必须的分类 {ipc}。"),
    "taken": (
        "Nothing that it offers is free in {territories}.",
        "其所提供的许可在 {territories} 均已被取得或保留。",
    ),
    "must_word": ("It does not speak of “{word}”, which is a must.", "没有提到必须的“{word}”。"),
    "not_of_interest": (
        "It speaks of “{word}”, which is not of interest.",
        "涉及不感兴趣的“{word}”。",
    ),
    "declined": ("You declined it: {reasons}.", "您已谢绝：{reasons}。"),
    "declined_before_it_changed": (
        "You declined it ({reasons}); its text has changed since.",
        "您曾谢绝（{reasons}），此后其文字已有改动。",
    ),
    "declined_elsewhere": (
        "You declined it for another need: {reasons}.",
        "您曾就另一需求谢绝：{reasons}。",
    ),
    "learnt_too_early": (
        "You found TRL {declined} too early; this is TRL {trl}.",
        "您认为技术成熟度 {declined} 级过低；此项为 {trl} 级。",
    ),
    "learnt_price": (
        "Its price is no lower than one that you declined.",
        "其价格不低于您谢绝过的价格。",
    ),
    "learnt_territory": (
        "It is offered only for {territories}; you declined one for its territory.",
        "仅提供 {territories}；您曾因许可地域谢绝过一项。",
    ),
    "learnt_ip_position": (
        "Its protection, {status}, is that of one whose IP position you declined.",
        "权利状态（{status}）与您因知识产权状况谢绝过的一项相同。",
    ),
    "learnt_no_strategic_fit": (
        "It is in {ipc}, where you saw no strategic fit.",
        "属于 {ipc}，您曾认为该领域不符合战略。",
    ),
    "learnt_already_have": (
        "It is in {ipc}, of which you already have one.",
        "属于 {ipc}，您已有同类技术。",
    ),
    "learnt_scientific": (
        "It is in {ipc}, where you had scientific doubts.",
        "属于 {ipc}，您曾对该领域的科学依据存疑。",
    ),
}  # fmt: skip
NAMED = {"exclusivity", "reasons", "kind", "status"}  # values that are of a vocabulary
NAMES: Mapping[str, tuple[str, str]] = {
    Exclusivity.EXCLUSIVE: ("exclusive", "独占"),
    Exclusivity.SOLE: ("sole", "排他"),
    Exclusivity.NON_EXCLUSIVE: ("non-exclusive", "普通"),
    ListingKind.PATENT_LICENCE: ("a patent licence", "专利许可"),
    ListingKind.ASSIGNMENT: ("an assignment", "转让"),
    ListingKind.KNOW_HOW: ("know-how", "技术秘密"),
    ListingKind.SOFTWARE: ("software", "软件"),
    ListingKind.JOINT_DEVELOPMENT: ("joint development", "合作开发"),
    IprStatus.PATENT_GRANTED: ("a granted patent", "专利已授权"),
    IprStatus.PATENT_APPLIED: ("a patent application", "专利申请中"),
    IprStatus.SECRET_KNOWHOW: ("secret know-how", "技术秘密"),
    IprStatus.COPYRIGHT: ("copyright", "著作权"),
    IprStatus.DESIGN: ("a design", "外观设计"),
    IprStatus.TRADEMARK: ("a trade mark", "商标"),
    IprStatus.EXCLUSIVE_RIGHTS: ("exclusive rights", "专有权"),
    IprStatus.PLANT_VARIETY: ("a plant variety", "植物新品种"),
    IprStatus.IC_LAYOUT: ("an IC layout", "集成电路布图设计"),
    IprStatus.NONE: ("none", "无"),
    "?": ("not said", "未注明"),
    DeclineReason.TOO_EARLY: ("too early", "成熟度过低"),
    DeclineReason.BENEFIT_UNCLEAR: ("benefit unclear", "效益不明"),
    DeclineReason.COMMERCIAL_ROUTE_UNCLEAR: ("commercial route unclear", "商业化路径不明"),
    DeclineReason.DESCRIPTION_UNCLEAR: ("description unclear", "说明不清"),
    DeclineReason.SCIENTIFIC: ("scientific doubts", "科学依据存疑"),
    DeclineReason.NO_STRATEGIC_FIT: ("no strategic fit", "不符合战略"),
    DeclineReason.IP_POSITION: ("IP position", "知识产权状况"),
    DeclineReason.PRICE: ("price", "价格"),
    DeclineReason.TERRITORY: ("territory", "许可地域"),
    DeclineReason.ALREADY_HAVE: ("already have one", "已有同类技术"),
    DeclineReason.COMPLIANCE: ("compliance", "合规"),
    DeclineReason.NO_CAPACITY: ("no capacity now", "目前无力承接"),
}


def sentence(reason: Reason, language: str) -> str:
    """The reason in words."""
    chinese = language != Language.EN
    between = "、" if chinese else ", "
    values = {
        name: between.join(
            NAMES[one][chinese] if one and name in NAMED else one for one in value.split(", ")
        )
        for name, value in reason.values.items()
    }
    text = SENTENCES[reason.key][chinese].format(**values)
    return to_traditional(text) if language == Language.HANT else text
