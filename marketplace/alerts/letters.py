"""What a subscriber is sent: a mail in their language, or JSON for their server."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from django.conf import settings
from django.core.mail import EmailMessage
from django.urls import reverse

from marketplace.core.language import Language, to_traditional
from marketplace.listings.models import Listing
from marketplace.listings.selectors import wording

from .models import Alert, SavedSearch
from .services import unsubscribe_token

MOST_SHOWN = 50  # listings in one mail
SENTENCES: Mapping[str, tuple[str, str]] = {
    "subject": ("{count} new for “{name}”", "“{name}”有{count}项新技术"),
    "start": ("New or changed listings for “{name}”:", "符合“{name}”的新技术或有更新的技术："),
    "more": ("… and {count} more.", "……另有{count}项。"),
    "end": ("To hear no more of “{name}”: {link}", "如不想再收到“{name}”的通知：{link}"),
}


def say(key: str, language: str, **values: object) -> str:
    text = SENTENCES[key][language != Language.EN]
    return (to_traditional(text) if language == Language.HANT else text).format(**values)


def unsubscribe_link(saved: SavedSearch) -> str:
    return settings.PUBLIC_URL + reverse("unsubscribe", args=[unsubscribe_token(saved)])


def mail(saved: SavedSearch, alerts: Sequence[Alert]) -> EmailMessage:
    """One mail for all that is new; mail programs show its unsubscribe link too (RFC 8058)."""
    language, link = saved.user.language, unsubscribe_link(saved)
    lines = [say("start", language, name=saved.name), ""]
    for alert in alerts[:MOST_SHOWN]:
        lines += [*entry(alert.listing, language), ""]
    if len(alerts) > MOST_SHOWN:
        lines += [say("more", language, count=len(alerts) - MOST_SHOWN), ""]
    lines.append(say("end", language, name=saved.name, link=link))
    return EmailMessage(
        subject=say("subject", language, name=" ".join(saved.name.split()), count=len(alerts)),
        body="\n".join(lines),
        to=[saved.user.email],
        headers={
            "List-Unsubscribe": f"<{link}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        },
    )


def entry(listing: Listing, language: str) -> list[str]:
    """What everybody may see of it; never the owner of an anonymous listing."""
    words = wording(listing.texts.all(), language)
    name = None if listing.anonymous else listing.owner.name
    return [line for line in (f"* {words.title}", words.summary, name, str(listing.pk)) if line]


def body(saved: SavedSearch, alerts: Sequence[Alert], delivery: int) -> bytes:
    """For a webhook; times in ISO 8601."""
    language = saved.user.language
    listings = []
    for alert in alerts:
        words = wording(alert.listing.texts.all(), language)
        listings.append(
            {
                "id": str(alert.listing_id),
                "title": words.title,
                "summary": words.summary,
                "language": words.language,
                "found_at": alert.created_at.isoformat(),
            }
        )
    content = {
        "delivery": str(delivery),
        "saved_search": {"id": str(saved.pk), "name": saved.name},
        "listings": listings,
        "unsubscribe": unsubscribe_link(saved),
    }
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
