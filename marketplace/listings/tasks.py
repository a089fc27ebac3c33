from __future__ import annotations

from datetime import datetime, timedelta

from marketplace.core.schedule import every

from .duplicates import sign_what_changed
from .services import listings_expire


@every(timedelta(minutes=10))
def expire_listings(now: datetime) -> int:
    return listings_expire(now=now)


@every(timedelta(minutes=10))
def sign_texts(now: datetime) -> int:
    return sign_what_changed()
