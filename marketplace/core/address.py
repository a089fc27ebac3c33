"""Where a request comes from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.conf import settings


def address_of(meta: Mapping[str, Any]) -> str:
    """The client's IP address. Behind `TRUSTED_PROXIES` proxies it is the one that the outermost of
    them wrote into X-Forwarded-For; what stands left of it anybody could have written."""
    proxies: int = settings.TRUSTED_PROXIES
    forwarded = meta.get("HTTP_X_FORWARDED_FOR", "").split(",")
    if proxies and len(forwarded) >= proxies and forwarded[-proxies].strip():
        return str(forwarded[-proxies]).strip()
    return str(meta["REMOTE_ADDR"])
