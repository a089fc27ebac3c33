"""An agreement's text: which clauses its terms call for, and the words that fill their blanks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from marketplace.accounts.models import Organisation
from marketplace.core.money import Money
from marketplace.deals.models import Deal
from marketplace.documents.models import Document
from marketplace.documents.services import document_draft, latest
from marketplace.negotiation.differences import WORDS
from marketplace.negotiation.services import assets_named
from marketplace.negotiation.terms import Royalty, RoyaltyBase, Terms, TermsLanguage
from marketplace.rights.models import Asset
from marketplace.rights.scope import EVERY_FIELD

EN, ZH = 0, 1
TITLE = ("Licence agreement", "技术许可合同")
Pair = tuple[str, str]


def clauses(terms: Terms) -> Iterator[str]:
    """The names of the templates, in the order of the text."""
    yield from ("licence-parties", "licence-grant", "licence-payment")
    if terms.milestones:
        yield "licence-milestones"
    if terms.royalty:
        yield "licence-royalty"
    yield from (
        "licence-sublicence",
        "licence-improvements",
        "licence-audit",
        "licence-tax",
        "licence-validity",
        "licence-confidentiality",
        "licence-end",
        "licence-law",
        "licence-language",
    )
    if terms.special:
        yield "licence-special"


def draw_up(deal: Deal, terms: Terms, subject: str) -> Document:
    """The next version of the subject's document, from the clauses' versions in force."""
    blanks = values(deal, terms)
    return document_draft(
        subject=subject,
        title_en=TITLE[EN],
        title_zh=TITLE[ZH],
        templates=[latest(name) for name in clauses(terms)],
        values={
            "en": {name: pair[EN] for name, pair in blanks.items()},
            "zh": {name: pair[ZH] for name, pair in blanks.items()},
        },
        parties=[deal.licensor, deal.buyer],
    )


def values(deal: Deal, terms: Terms) -> Mapping[str, Pair]:
    """By blank, the words in English and Chinese."""
    end = terms.end.isoformat() if terms.end else None
    start = terms.start.isoformat()
    return {
        "licensor": names(deal.licensor),
        "licensee": names(deal.buyer),
        "listing": same(str(deal.listing_id)),
        "exclusivity": WORDS[terms.exclusivity],
        "acts": listed([WORDS[act] for act in terms.acts]),
        "assets": listed([asset_words(one) for one in assets_named(deal, terms)]),
        "territories": same(", ".join(terms.territories)),
        "fields": (
            ("every field", "全部领域")
            if EVERY_FIELD in terms.fields_of_use
            else same("; ".join(terms.fields_of_use))
        ),
        "period": (
            (f"from {start} until the day before {end}", f"自{start}起至{end}前一日止")
            if end
            else (f"from {start} for as long as the rights last", f"自{start}起至权利终止")
        ),
        "upfront": same(str(Money(terms.upfront, terms.currency))),
        "interest": same(percent(terms.late_interest)),
        "milestones": same(
            "\n".join(
                f"({number}) {one.what}; {one.evidence}; {one.due}; "
                f"{Money(one.amount, terms.currency)}"
                for number, one in enumerate(terms.milestones, 1)
            )
        ),
        **royalty_words(terms.royalty, terms.currency),
        "sublicensing": ("may", "可") if terms.sublicensable else ("may not", "不得"),
        "improvements": WORDS[terms.improvements],
        "grantback": WORDS[terms.grant_back],
        "grantbackfee": same(str(Money(terms.grant_back_fee, terms.currency))),
        "audit": (
            (
                "The licensee keeps records of what is due for five years, and the licensor may "
                f"have them audited once a year after {terms.audit_notice_days} days of notice.",
                "被许可方应将应付款项的账簿保存五年；许可方提前"
                f"{terms.audit_notice_days}日通知后，每年可审计一次。",
            )
            if terms.audit
            else (
                "The licensee keeps records of what is due for five years.",
                "被许可方应将应付款项的账簿保存五年。",
            )
        ),
        "tax": (
            (
                "Amounts are net: the licensee bears what it must withhold, in addition.",
                "各项金额均为税后金额，应代扣代缴的税费由被许可方另行承担。",
            )
            if terms.gross_up
            else (
                "The licensee may withhold what the law tells it to.",
                "被许可方可依法代扣代缴税费。",
            )
        ),
        "challenge": ("may", "可") if terms.challenge_allowed else ("may not", "不得"),
        "law": same(terms.governing_law),
        "seat": same(terms.seat),
        "rules": same(terms.rules.upper()),
        "language": {
            TermsLanguage.EN: ("The English text prevails.", "以英文文本为准。"),
            TermsLanguage.ZH: ("The Chinese text prevails.", "以中文文本为准。"),
            TermsLanguage.BOTH: ("Both texts are equally authentic.", "两种文本同等作准。"),
        }[terms.language],
        "special": same(terms.special),
    }


def royalty_words(royalty: Royalty | None, currency: str) -> dict[str, Pair]:
    if royalty is None:
        return {}
    by_sales = royalty.base == RoyaltyBase.NET_SALES
    tiers = [
        (
            (f"{percent(t.rate)} from {Money(t.above, currency)} on",)
            if by_sales
            else (f"{Money(t.rate, currency)} a unit from unit {t.above + 1} on",)
        )
        + (
            (f"自{Money(t.above, currency)}起{percent(t.rate)}",)
            if by_sales
            else (f"自第{t.above + 1}件起每件{Money(t.rate, currency)}",)
        )
        for t in royalty.tiers
    ]
    return {
        "base": WORDS[royalty.base],
        "tiers": ("; ".join(t[EN] for t in tiers), "；".join(t[ZH] for t in tiers)),
        "minimum": same(str(Money(royalty.minimum_a_year, currency))),
        "cap": (("none", "无") if royalty.cap is None else same(str(Money(royalty.cap, currency)))),
    }


def asset_words(asset: Asset) -> Pair:
    if asset.patent is not None:
        return same(asset.patent.docdb)
    return (
        ("the know-how of the listing", "该技术的技术秘密")
        if asset.kind == Asset.Kind.KNOW_HOW
        else ("the software of the listing", "该技术的软件")
    )


def names(organisation: Organisation) -> Pair:
    return organisation.name, organisation.name_zh or organisation.name


def listed(pairs: list[Pair]) -> Pair:
    return ", ".join(p[EN] for p in pairs), "、".join(p[ZH] for p in pairs)


def same(text: str) -> Pair:
    return text, text


def percent(basis_points: int) -> str:
    return f"{basis_points / 100:g} %"
