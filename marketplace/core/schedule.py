"""Jobs that time brings about, such as expiry. Each runs at most once an interval, whichever
worker is first, and may run again: it finds what is due by itself."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import transaction

from .models import ScheduledJob

logger = logging.getLogger(__name__)

Job = Callable[[datetime], object]
JOBS: dict[str, tuple[timedelta, Job]] = {}


def every(interval: timedelta) -> Callable[[Job], Job]:
    """Register a job in an app's `tasks.py`; it is called with the time."""

    def register(job: Job) -> Job:
        JOBS[job.__name__] = (interval, job)
        return job

    return register


def run_due(now: datetime) -> list[str]:
    """Run what is due; the names of what ran. A job that fails is tried again at its next turn."""
    ran = []
    for name, (interval, job) in JOBS.items():
        with transaction.atomic():
            ScheduledJob.objects.get_or_create(name=name, defaults={"ran_at": now - 2 * interval})
            last = (
                ScheduledJob.objects.select_for_update(skip_locked=True).filter(name=name).first()
            )
            if last is None or last.ran_at + interval > now:
                continue
            last.ran_at = now
            last.save(update_fields=["ran_at"])
        try:
            job(now)
        except Exception:
            logger.exception("job %s failed", name)
        else:
            ran.append(name)
    return ran
