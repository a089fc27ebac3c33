from __future__ import annotations

from datetime import datetime, timedelta

from marketplace.core.schedule import every

from .services import HONG_KONG, verification_lapse


@every(timedelta(hours=1))
def lapse_verifications(now: datetime) -> int:
    return verification_lapse(today=now.astimezone(HONG_KONG).date())
