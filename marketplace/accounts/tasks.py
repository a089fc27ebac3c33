from __future__ import annotations

from datetime import datetime, timedelta

from marketplace.core.calendar import day_of
from marketplace.core.schedule import every

from .services import verification_lapse


@every(timedelta(hours=1))
def lapse_verifications(now: datetime) -> int:
    return verification_lapse(today=day_of(now))
