"""What an owner is told of declines: how many buyers said so, and what to do about it."""

from __future__ import annotations

from collections.abc import Mapping

from marketplace.core.language import Language, to_traditional
from marketplace.core.vocabulary import DeclineReason as R

# reason: what the buyers found, and what to do; English, then Chinese
ADVICE: Mapping[str, tuple[str, str]] = {
    R.TOO_EARLY: (
        "found it too early: say what the next stage is and when, or offer a pilot or an option",
        "认为成熟度过低：请说明下一阶段及时间，或提供中试或选择权",
    ),
    R.BENEFIT_UNCLEAR: (
        "found the benefit unclear: add a quantified advantage",
        "认为效益不明：请补充量化的优势",
    ),
    R.COMMERCIAL_ROUTE_UNCLEAR: (
        "found the commercial route unclear: name the products, the market and who makes them",
        "认为商业化路径不明：请写明产品、市场与生产者",
    ),
    R.DESCRIPTION_UNCLEAR: (
        "found the description unclear: say the problem and how it is solved in plain words",
        "认为说明不清：请用浅显的文字写明所解决的问题与方法",
    ),
    R.SCIENTIFIC: (
        "had scientific doubts: add test data, a publication or an independent test",
        "对科学依据存疑：请补充试验数据、论文或第三方检测",
    ),
    R.NO_STRATEGIC_FIT: (
        "saw no strategic fit: check the classes and fields of use by which it is found",
        "认为不符合战略：请核对分类与应用领域",
    ),
    R.IP_POSITION: (
        "declined for its IP position: say the status, the family and what is free to use",
        "因知识产权状况谢绝：请写明法律状态、同族专利与自由实施情况",
    ),
    R.PRICE: (
        "found the price too high: offer another price model, such as a running royalty",
        "认为价格过高：请考虑其他计价方式，例如提成",
    ),
    R.TERRITORY: (
        "wanted another territory: offer more territories, or say why not",
        "需要其他许可地域：请增加许可地域或说明原因",
    ),
    R.ALREADY_HAVE: (
        "already have one: say what yours does that others do not",
        "已有同类技术：请写明与同类技术的不同之处",
    ),
    R.COMPLIANCE: (
        "declined for compliance: say the export class and the registrations it needs",
        "因合规原因谢绝：请写明出口管制分类与所需登记",
    ),
    R.NO_CAPACITY: (
        "have no capacity now: ask again later, or offer help with the transfer",
        "目前无力承接：可稍后再联系，或提供技术支持",
    ),
}
NUMBERS = ("three", "four", "five", "six", "seven", "eight", "nine", "ten")


def advice(reason: str, buyers: int, language: str) -> str:
    """In words; `buyers` from three on."""
    english, chinese = ADVICE[reason]
    if language == Language.EN:
        number = NUMBERS[buyers - 3] if buyers - 3 < len(NUMBERS) else str(buyers)
        return f"{number.capitalize()} buyers {english}."
    text = f"{buyers} 家买方{chinese}。"
    return to_traditional(text) if language == Language.HANT else text
