from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from marketplace.core import schedule
from tests.factories import NOW

pytestmark = pytest.mark.django_db


def test_a_job_runs_once_an_interval_and_a_failure_stops_no_other(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seen: list[datetime] = []

    def fail(now: datetime) -> None:
        raise RuntimeError("not today")

    jobs = {"fail": (timedelta(hours=1), fail), "note": (timedelta(hours=1), seen.append)}
    monkeypatch.setattr(schedule, "JOBS", jobs)
    assert schedule.run_due(NOW) == ["note"]
    assert schedule.run_due(NOW + timedelta(minutes=59)) == []
    assert schedule.run_due(NOW + timedelta(hours=1)) == ["note"]
    assert seen == [NOW, NOW + timedelta(hours=1)]


def test_expiry_is_scheduled() -> None:
    assert {"expire_listings", "expire_needs", "lapse_verifications"} <= set(schedule.JOBS)
