"""Clocks between school and depot, by the calendar of 07:30-15:30 on weekdays, Labor Day off."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from firstbell.kernel.schooltime import SchoolTime
from firstbell.repairs.clocks import days_late, due_after_days, due_at_next_pickup, due_within_48_hours, next_pickup_day

ZONE = ZoneInfo("America/New_York")
SCHOOL = SchoolTime(
    zone=ZONE,
    hours={day: (time(7, 30), time(15, 30)) for day in range(5)},
    closed=frozenset({date(2026, 9, 7)}),
    first_day=date(2026, 8, 1),
    last_day=date(2027, 6, 10),
)
OVER = SchoolTime(zone=ZONE, hours=SCHOOL.hours, last_day=date(2026, 6, 1))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE).astimezone(UTC)


FRIDAY = at("2026-09-04T10:00")


@pytest.mark.parametrize(
    ("reading", "due"),
    [
        ("elapsed", at("2026-09-06T10:00")),
        ("open_hours", at("2026-09-09T10:00")),
        ("school_days", at("2026-09-09T10:00")),
    ],
)
def test_48_hours_are_read_as_the_plan_says(reading, due):
    assert due_within_48_hours(SCHOOL, FRIDAY, reading) == due


@pytest.mark.parametrize("reading", ["open_hours", "school_days"])
def test_nothing_is_due_when_school_is_over(reading):
    assert due_within_48_hours(OVER, FRIDAY, reading) is None
    assert due_after_days(OVER, FRIDAY, 3) is None
    assert due_within_48_hours(OVER, FRIDAY, "elapsed") is not None


def test_working_days_leave_out_weekend_and_holiday():
    assert due_after_days(SCHOOL, FRIDAY, 5) == at("2026-09-14T10:00")


@pytest.mark.parametrize(
    ("now", "days", "expected"),
    [
        ("2026-09-09T10:00", "024", date(2026, 9, 9)),  # Wednesday, the courier still comes
        ("2026-09-09T16:00", "024", date(2026, 9, 11)),  # the school has closed
        ("2026-09-04T16:00", "0", date(2026, 9, 14)),  # Monday is a holiday
        ("2026-09-04T16:00", "", None),
    ],
)
def test_the_courier_comes_on_the_next_of_its_days_that_is_a_school_day(now, days, expected):
    assert next_pickup_day(SCHOOL, frozenset(days), at(now)) == expected


@pytest.mark.parametrize(("now", "late"), [("2026-09-04T18:00", 0), ("2026-09-07T09:00", 0), ("2026-09-09T09:00", 2)])
def test_days_late_are_school_days_that_have_begun(now, late):
    assert days_late(SCHOOL, FRIDAY, at(now)) == late


@pytest.mark.parametrize(
    ("ready", "days", "due"),
    [
        ("2026-09-09T07:00", "024", "2026-09-09T15:30"),  # Wednesday before school: today's courier takes it
        ("2026-09-09T10:00", "024", "2026-09-11T15:30"),  # the courier may have been there already
        ("2026-09-10T10:00", "024", "2026-09-11T15:30"),
        ("2026-09-04T16:00", "0", "2026-09-14T15:30"),  # Monday is a holiday
    ],
)
def test_what_is_ready_goes_with_the_next_courier(ready, days, due):
    assert due_at_next_pickup(SCHOOL, frozenset(days), at(ready)) == at(due)


def test_without_days_or_school_no_courier_is_missed():
    assert due_at_next_pickup(SCHOOL, frozenset(), FRIDAY) is None
    assert due_at_next_pickup(OVER, frozenset("024"), FRIDAY) is None
