"""Paths that open for whoever was given one, for a short time, and what is sent there."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from django.core import signing
from django.http import Http404
from django.urls import reverse

LIFETIME = 300  # seconds


def link(route: str, **ticket: str) -> str:
    """The path of the named route, good for `LIFETIME`; to be given only to who may open it."""
    return reverse(route, args=[signing.dumps(ticket, salt=route)])


def opened(route: str, signed: str) -> dict[str, Any]:
    """The ticket in a path that `link` made. Http404 where it is not good any more."""
    try:
        ticket: dict[str, Any] = signing.loads(signed, salt=route, max_age=LIFETIME)
    except signing.BadSignature:
        raise gone() from None
    return ticket


def gone() -> Http404:
    return Http404("The link is not good any more; ask for a new one.")


def headers(name: str, *, inline: bool = False) -> dict[str, str]:
    """Of an answer that nobody else may keep: not a proxy, nor the next page's log."""
    place = "inline" if inline else "attachment"
    return {
        "Content-Disposition": f"{place}; filename*=UTF-8''{quote(name)}",
        "Cache-Control": "private, no-store",
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
    }
