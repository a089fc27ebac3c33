"""What changed from one offer to another, in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from marketplace.core.language import Language, to_traditional
from marketplace.core.money import Money

EN, ZH = 0, 1
LABELS: Mapping[str, tuple[str, str]] = {
    "exclusivity": ("Exclusivity", "许可方式"),
    "patents": ("Patents", "专利"),
    "know_how": ("Know-how", "技术秘密"),
    "territories": ("Territories", "地域"),
    "fields_of_use": ("Fields of use", "使用领域"),
    "acts": ("Acts", "许可行为"),
    "start": ("Start", "开始日"),
    "end": ("End (the day after the last)", "终止日（次日）"),
    "sublicensable": ("Sublicensing", "再许可"),
    "currency": ("Currency", "币种"),
    "upfront": ("Upfront fee", "入门费"),
    "milestones": ("Milestone", "里程碑"),
    "what": ("what", "内容"),
    "evidence": ("evidence", "证明"),
    "due": ("due by", "期限"),
    "amount": ("amount", "金额"),
    "royalty": ("Royalty", "提成费"),
    "base": ("base", "计算基础"),
    "tiers": ("tier", "档次"),
    "above": ("from", "起点"),
    "rate": ("rate", "费率"),
    "minimum_a_year": ("minimum a year", "年最低额"),
    "cap": ("cap", "封顶额"),
    "late_interest": ("Late interest", "逾期利息"),
    "gross_up": ("Gross-up", "税费包干"),
    "improvements": ("Improvements", "改进成果"),
    "grant_back": ("Grant-back", "回授"),
    "grant_back_fee": ("Fee for the grant-back", "回授费"),
    "audit": ("Audit right", "审计权"),
    "audit_notice_days": ("Notice of an audit, days", "审计通知天数"),
    "challenge_allowed": ("Challenge to validity allowed", "允许质疑效力"),
    "governing_law": ("Governing law", "适用法律"),
    "seat": ("Seat of arbitration", "仲裁地"),
    "rules": ("Arbitration rules", "仲裁规则"),
    "language": ("Language", "语言"),
    "special": ("Special terms", "特别约定"),
}
WORDS: Mapping[str, tuple[str, str]] = {
    "exclusive": ("exclusive", "独占"),
    "sole": ("sole", "排他"),
    "non_exclusive": ("non-exclusive", "普通"),
    "make": ("make", "制造"),
    "use": ("use", "使用"),
    "sell": ("sell", "销售"),
    "offer": ("offer for sale", "许诺销售"),
    "import": ("import", "进口"),
    "sublicense": ("sublicense", "再许可"),
    "net_sales": ("net sales", "净销售额"),
    "units": ("units", "件数"),
    "none": ("none", "无"),
    "maker": ("whoever makes one", "归作出方"),
    "joint": ("joint", "共有"),
    "licensor": ("the licensor", "归许可方"),
    "both": ("both languages", "两种文本同等效力"),
    "en": ("English", "英文"),
    "zh": ("Chinese", "中文"),
}
MONEY = {"upfront", "amount", "minimum_a_year", "cap", "grant_back_fee"}
PERCENT = {"late_interest"}
TEXTS = {"special", "what", "evidence", "seat"}
NOTHING, YES, NO, ADDED, GONE = (
    ("nothing", "无"),
    ("yes", "是"),
    ("no", "否"),
    ("added", "新增"),
    ("removed", "删除"),
)
Stored = Mapping[str, Any]


def differences(old: Stored, new: Stored, language: str) -> list[str]:
    """One sentence for each term that differs, in the order of the terms; empty: they agree."""
    tongue = EN if language == Language.EN else ZH
    found = list(compare(old, new, (), tongue, (old, new)))
    return [to_traditional(one) for one in found] if language == Language.HANT else found


def compare(
    old: Any, new: Any, path: tuple[str | int, ...], tongue: int, whole: tuple[Stored, Stored]
) -> Iterator[str]:
    if old == new and not (path and path[-1] in MONEY and currencies(whole)):
        return
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        for name in LABELS:
            if name in old or name in new:
                yield from compare(old.get(name), new.get(name), (*path, name), tongue, whole)
    elif rows(old) and rows(new):
        for i in range(max(len(old), len(new))):
            before = old[i] if i < len(old) else None
            after = new[i] if i < len(new) else None
            yield from compare(before, after, (*path, i), tongue, whole)
    elif isinstance(old, Mapping) or isinstance(new, Mapping):
        given, sign, side = (new, ADDED, 1) if old is None else (old, GONE, 0)
        parts = ", ".join(
            f"{LABELS[name][tongue]} {shown(value, (*path, name), tongue, whole[side])}"
            for name, value in given.items()
            if name in LABELS
        )
        yield f"{label(path, tongue)} {sign[tongue]}: {parts}"
    elif old or new or old != new:
        before = shown(old, path, tongue, whole[0])
        after = shown(new, path, tongue, whole[1])
        yield f"{label(path, tongue)}: {before} → {after}"


def currencies(whole: tuple[Stored, Stored]) -> bool:
    return bool(whole[0].get("currency") != whole[1].get("currency"))


def rows(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(one, Mapping) for one in value)


def label(path: tuple[str | int, ...], tongue: int) -> str:
    words = [str(p + 1) if isinstance(p, int) else LABELS[p][tongue] for p in path]
    return " ".join(words) if tongue == EN else "".join(words)


def shown(value: Any, path: tuple[str | int, ...], tongue: int, terms: Stored) -> str:
    name = path[-1]
    if value is None or value in ("", []):
        return NOTHING[tongue]
    if isinstance(value, bool):
        return (YES if value else NO)[tongue]
    if name in MONEY:
        return str(Money(value, terms["currency"]))
    if name in PERCENT:
        return f"{value / 100:g} %"
    if name in {"rate", "above"}:
        return tiered(str(name), value, terms)
    if isinstance(value, list):
        if rows(value):
            return "; ".join(
                ", ".join(shown(v, (*path, k), tongue, terms) for k, v in one.items())
                for one in value
            )
        return ", ".join(shown(one, path, tongue, terms) for one in value)
    return str(value) if name in TEXTS else WORDS.get(str(value), (str(value),) * 2)[tongue]


def tiered(name: str, value: int, terms: Stored) -> str:
    """A tier of sales starts at money and has a rate in per cent; of units, the other way."""
    by_sales = (terms.get("royalty") or {}).get("base") == "net_sales"
    if by_sales == (name == "above"):
        return str(Money(value, terms["currency"]))
    return f"{value / 100:g} %" if by_sales else str(value)
