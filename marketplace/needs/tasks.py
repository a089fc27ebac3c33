from __future__ import annotations

from datetime import datetime, timedelta

from marketplace.core.calendar import day_of
from marketplace.core.schedule import every

from .services import needs_expire


@every(timedelta(minutes=10))
def expire_needs(now: datetime) -> int:
    return needs_expire(today=day_of(now))
