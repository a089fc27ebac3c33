"""What the parties of a deal are told by mail: nothing that a forwarded mail should not show."""

from __future__ import annotations

from collections.abc import Mapping

from django.conf import settings
from django.core.mail import send_mail

from marketplace.accounts.models import Membership, Organisation
from marketplace.core.language import Language, to_traditional

from .policies import EDITORS

Letter = Mapping[str, tuple[str, str]]  # by language: subject and body


def letter(subject_en: str, body_en: str, subject_zh: str, body_zh: str) -> Letter:
    return {
        Language.EN: (subject_en, body_en),
        Language.HANS: (subject_zh, body_zh),
        Language.HANT: (to_traditional(subject_zh), to_traditional(body_zh)),
    }


def write(to: Organisation, letter: Letter, **words: str) -> None:
    """One letter to each admin and dealmaker, in their language; `words` fill its blanks."""
    members = Membership.objects.filter(organisation=to, roles__overlap=list(EDITORS))
    for member in members.select_related("user"):
        subject, body = letter[member.user.language]
        send_mail(subject, body.format(**words), settings.DEFAULT_FROM_EMAIL, [member.user.email])


ENQUIRED = letter(
    "A buyer enquires about your technology",
    "Please answer the enquiry {deal} by {due}.",
    "有买方咨询贵方技术",
    "请于{due}前答复咨询{deal}。",
)
REMINDER = letter(
    "An enquiry still waits for your answer",
    "The enquiry {deal} turns stale on {due}; how fast you answer is public.",
    "有咨询尚待贵方答复",
    "咨询{deal}将于{due}逾期；贵方的答复速度是公开的。",
)
MOVED: Mapping[str, Letter] = {
    "deal.accept": letter(
        "Your enquiry was accepted",
        "The owner accepted the enquiry {deal}. An NDA comes next.",
        "贵方的咨询已获接受",
        "权利人已接受咨询{deal}。下一步是签署保密协议。",
    ),
    "deal.decline": letter(
        "Your enquiry was declined",
        "The owner declined the enquiry {deal}; the reason stands beside it.",
        "贵方的咨询已被婉拒",
        "权利人已婉拒咨询{deal}；理由见平台。",
    ),
}
