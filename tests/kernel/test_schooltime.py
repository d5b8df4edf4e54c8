"""School time: to the minute against the reference, and its corners."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firstbell.kernel.schooltime import ClosedForGood, SchoolTime

NEW_YORK = ZoneInfo("America/New_York")
HOURS = {day: (time(7, 30), time(15, 30)) for day in range(5)}
SCHOOL = SchoolTime(NEW_YORK, HOURS, frozenset({date(2026, 9, 7)}))
YEAR = SchoolTime(NEW_YORK, HOURS, frozenset(), date(2026, 8, 17), date(2026, 12, 18))


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=NEW_YORK)


def test_it_agrees_with_the_reference_to_the_minute(vectors: Any):
    family = vectors["sla_calendar"]
    zone = ZoneInfo(family["tz"])
    hours = (time.fromisoformat(family["open"]), time.fromisoformat(family["close"]))
    closed = frozenset(date.fromisoformat(day) for day in family["holidays"])
    school = SchoolTime(zone, dict.fromkeys(range(5), hours), closed)
    for case in family["cases"]:
        opened = datetime.fromisoformat(case["opened"])
        assert opened + timedelta(hours=48) == datetime.fromisoformat(case["elapsed_48h"])
        assert school.after_seconds(opened, 16 * 3600) == datetime.fromisoformat(case["open_16h"])
        assert school.after_days(opened, 2) == datetime.fromisoformat(case["school_days_2"])
    pause = family["pause"]
    moment = {name: datetime.fromisoformat(pause[name]) for name in ("start", "end", "pause_from", "pause_to")}
    whole = school.seconds_between(moment["start"], moment["end"])
    paused = school.seconds_between(moment["pause_from"], moment["pause_to"])
    assert (whole / 3600, paused / 3600) == (pause["open_hours"], pause["paused"])
    assert (whole - paused) / 3600 == pause["net"]


@pytest.mark.parametrize(
    ("since", "until", "minutes"),
    [
        ("2026-09-14T08:00", "2026-09-14T09:00", 60),
        ("2026-09-14T15:00", "2026-09-15T08:00", 60),
        ("2026-09-12T08:00", "2026-09-13T20:00", 0),  # a weekend
        ("2026-09-04T15:00", "2026-09-08T08:00", 60),  # over Labor Day
        ("2026-09-14T09:00", "2026-09-14T08:00", 0),  # backwards
        ("2026-09-14T05:00", "2026-09-14T22:00", 480),
        ("2026-10-30T15:00", "2026-11-02T08:30", 90),  # the clocks go back in between
    ],
)
def test_minutes_between(since, until, minutes):
    assert SCHOOL.seconds_between(local(since), local(until)) == minutes * 60


@given(
    st.dates(date(2026, 7, 1), date(2027, 2, 1)),
    st.integers(-10, 250),
    st.sets(st.dates(date(2026, 8, 1), date(2026, 12, 31)), max_size=20),
    st.sets(st.integers(0, 6)),
    st.booleans(),
)
def test_school_days_after_a_day_are_those_one_would_walk_through(day, ahead, closed, weekdays, bounded):
    hours = dict.fromkeys(weekdays, HOURS[0])
    ends = (YEAR.first_day, YEAR.last_day) if bounded else (None, None)
    school = SchoolTime(NEW_YORK, hours, frozenset(closed), *ends)
    last = day + timedelta(days=ahead)
    walked = sum(school.is_school_day(day + timedelta(days=step)) for step in range(1, ahead + 1))
    assert school.days_after(day, last) == walked


def test_days_outside_the_year_are_closed():
    assert [YEAR.is_school_day(date(2026, 8, day)) for day in (14, 17, 22)] == [False, True, False]
    assert not YEAR.is_school_day(date(2026, 12, 21))
    assert YEAR.span_of(date(2026, 12, 21)) is None
    assert YEAR.span_of(date(2026, 8, 17)) == (local("2026-08-17T07:30"), local("2026-08-17T15:30"))
    assert YEAR.seconds_between(local("2026-01-01T00:00"), local("2027-01-01T00:00")) == 480 * 60 * 90


def test_a_start_outside_school_time_counts_from_the_next_opening():
    assert SCHOOL.after_days(local("2026-09-12T11:00"), 2) == local("2026-09-16T07:30")
    assert SCHOOL.after_seconds(local("2026-09-12T11:00"), 60) == local("2026-09-14T07:31")


def test_no_days_and_no_seconds_are_at_once():
    assert SCHOOL.after_days(local("2026-09-14T09:00"), 0) == local("2026-09-14T09:00")
    assert SCHOOL.after_seconds(local("2026-09-14T09:00"), 0) == local("2026-09-14T09:00")


def test_a_year_that_ends_has_no_due_time_any_more():
    for start in ("2026-12-18T14:00", "2027-03-01T09:00"):
        with pytest.raises(ClosedForGood):
            YEAR.after_days(local(start), 2)
        with pytest.raises(ClosedForGood):
            YEAR.after_seconds(local(start), 16 * 3600)


def test_a_school_that_never_opens():
    closed = SchoolTime(NEW_YORK, {})
    with pytest.raises(ClosedForGood):
        closed.after_days(local("2026-09-14T09:00"), 1)
    with pytest.raises(ClosedForGood):
        SchoolTime(
            NEW_YORK, {0: HOURS[0]}, frozenset(date(2026, 1, 5) + timedelta(7 * n) for n in range(200))
        ).after_days(local("2026-09-14T09:00"), 1)
    rare = SchoolTime(NEW_YORK, {0: HOURS[0]}, frozenset(date(2026, 9, 21) + timedelta(7 * n) for n in range(200)))
    with pytest.raises(ClosedForGood):
        rare.after_days(local("2026-09-14T09:00"), 1)


moments = st.datetimes(datetime(2026, 8, 1), datetime(2027, 6, 30), timezones=st.just(UTC))  # noqa: DTZ001 -- set by timezones


@given(moments, moments, moments)
def test_time_adds_up(first, second, third):
    a, b, c = sorted((first, second, third))
    assert SCHOOL.seconds_between(a, c) == pytest.approx(
        SCHOOL.seconds_between(a, b) + SCHOOL.seconds_between(b, c), abs=2
    )


@given(moments, st.integers(1, 40 * 3600))
def test_after_is_the_inverse_of_between(start, seconds):
    assert SCHOOL.seconds_between(start, SCHOOL.after_seconds(start, seconds)) == pytest.approx(seconds, abs=1)
