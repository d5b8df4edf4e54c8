"""When a desk is open: its own hours, on days on which its school is."""

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from firstbell.kernel.openings import Openings
from firstbell.kernel.schooltime import SchoolTime

ZONE = ZoneInfo("America/New_York")
SCHOOL = SchoolTime(
    ZONE, {day: (time(7, 30), time(15, 30)) for day in range(5)}, frozenset({date(2026, 9, 7)}), None, date(2026, 9, 20)
)
MORNING, LUNCH = (time(7, 30), time(8, 15)), (time(11, 30), time(12, 30))
DESK = Openings(SCHOOL, {0: [LUNCH, MORNING], 1: [MORNING], 2: [MORNING], 4: [MORNING]}, own=True)


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


@pytest.mark.parametrize(
    ("at", "opens", "closes"),
    [
        ("2026-09-14T07:00", "2026-09-14T07:30", "2026-09-14T08:15"),
        ("2026-09-14T07:30", "2026-09-14T07:30", "2026-09-14T08:15"),
        ("2026-09-14T08:15", "2026-09-14T11:30", "2026-09-14T12:30"),
        ("2026-09-14T12:30", "2026-09-15T07:30", "2026-09-15T08:15"),
        ("2026-09-05T09:00", "2026-09-08T07:30", "2026-09-08T08:15"),
    ],
)
def test_it_is_open_now_or_next(at: str, opens: str, closes: str) -> None:
    assert DESK.next(local(at)) == (local(opens), local(closes))


def test_after_the_last_day_of_school_it_opens_no_more() -> None:
    assert DESK.next(local("2026-09-18T08:15")) is None
    assert Openings(SCHOOL, {}).next(local("2026-09-14T08:00")) is None


def test_neighbouring_days_with_the_same_hours_are_one_line() -> None:
    assert DESK.week() == [(0, 0, [MORNING, LUNCH]), (1, 2, [MORNING]), (4, 4, [MORNING])]
