from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings

from marketplace.core.schedule import every

from .reconcile import page_events, reconcile
from .stripe_gateway import stripe_gateway


@every(timedelta(hours=1))
def fetch_missed_events(now: datetime) -> None:
    if settings.STRIPE_SECRET_KEY:
        page_events(stripe_gateway(), now)


@every(timedelta(days=1))
def compare_books(now: datetime) -> None:
    """Every difference is an alarm; none is mended."""
    if settings.STRIPE_SECRET_KEY:
        reconcile(stripe_gateway(), now)
