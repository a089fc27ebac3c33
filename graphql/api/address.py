"""Where a request comes from."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from graphene import ResolveInfo


def address_of(info: ResolveInfo) -> str:
    """The client's IP address. Behind `TRUSTED_PROXIES` proxies it is the one that the outermost of
    them wrote into X-Forwarded-For; what stands left of it anybody could have written."""
    request: Any = info.context
    proxies: int = settings.TRUSTED_PROXIES
    forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
    if proxies and len(forwarded) >= proxies and forwarded[-proxies].strip():
        return str(forwarded[-proxies]).strip()
    return str(request.META["REMOTE_ADDR"])
