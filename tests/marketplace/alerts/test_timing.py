from __future__ import annotations

from datetime import UTC, datetime

import pytest

from marketplace.alerts.timing import due_at


@pytest.mark.parametrize(
    ("frequency", "zone", "now", "due"),
    [
        ("immediate", "Europe/London", "2026-11-23T03:00", "2026-11-23T03:00"),
        # Hong Kong is eight hours ahead: there it is eight at midnight here.
        ("daily", "Asia/Hong_Kong", "2026-11-22T23:59", "2026-11-23T00:00"),
        ("daily", "Asia/Hong_Kong", "2026-11-23T00:00", "2026-11-24T00:00"),
        # Monday 23 November; a Monday that has passed eight waits a week.
        ("weekly", "Asia/Hong_Kong", "2026-11-22T23:59", "2026-11-23T00:00"),
        ("weekly", "Asia/Hong_Kong", "2026-11-23T00:00", "2026-11-30T00:00"),
        ("weekly", "America/Los_Angeles", "2026-11-23T15:00", "2026-11-23T16:00"),
        # London's clocks go forward on 29 March 2026 at one: eight is seven in UTC from then on.
        ("daily", "Europe/London", "2026-03-28T07:00", "2026-03-28T08:00"),
        ("daily", "Europe/London", "2026-03-28T09:00", "2026-03-29T07:00"),
        ("weekly", "Europe/London", "2026-03-28T09:00", "2026-03-30T07:00"),
        # and back on 25 October; New York's on 1 November.
        ("daily", "Europe/London", "2026-10-24T08:00", "2026-10-25T08:00"),
        ("weekly", "Europe/London", "2026-10-19T07:00", "2026-10-26T08:00"),
        ("daily", "America/New_York", "2026-10-31T12:00", "2026-11-01T13:00"),
        ("daily", "America/New_York", "2026-03-07T13:00", "2026-03-08T12:00"),
        # Lord Howe's go by half an hour.
        ("daily", "Australia/Lord_Howe", "2026-04-03T22:00", "2026-04-04T21:30"),
    ],
)
def test_when_an_alert_goes_out(frequency: str, zone: str, now: str, due: str) -> None:
    at, wanted = (datetime.fromisoformat(one).replace(tzinfo=UTC) for one in (now, due))
    assert due_at(frequency, zone, at) == wanted


@pytest.mark.parametrize("zone", ["Hong Kong", "", "Europe", "../zone", "\ud800", "a" * 300])
def test_a_zone_that_is_none_is_utc(zone: str) -> None:
    now = datetime(2026, 11, 23, 7, tzinfo=UTC)
    assert due_at("daily", zone, now) == datetime(2026, 11, 23, 8, tzinfo=UTC)
