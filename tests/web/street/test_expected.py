"""On which day a device is expected back, by hand-counted examples. 2026-09-14 is a Monday."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firstbell.kernel.schooltime import SchoolTime
from firstbell.repairs.rules import Stage
from firstbell.web.street.expected import KNOWN, Pace, expected_day

HOURS = {weekday: (time(8), time(15)) for weekday in range(5)}
SCHOOL = SchoolTime(ZoneInfo("America/New_York"), HOURS)
PACE = Pace(SCHOOL, SCHOOL, frozenset({"0", "2", "4"}), repair_days=5, hand_back_days=1)
MONDAY = datetime(2026, 9, 14, 14, tzinfo=UTC)  # 10 a.m.


@pytest.mark.parametrize(
    ("stage", "day"),
    [
        # today's courier, 5 working days at the depot: Monday 21st, courier on the 21st, in hand on the 22nd
        (Stage.AT_DESK, date(2026, 9, 22)),
        (Stage.AWAITING_PICKUP, date(2026, 9, 22)),
        (Stage.IN_TRANSIT, date(2026, 9, 22)),
        (Stage.RECEIVED, date(2026, 9, 22)),
        (Stage.DIAGNOSED, date(2026, 9, 22)),
        (Stage.REPAIRED, date(2026, 9, 15)),
        (Stage.CHECKED, date(2026, 9, 15)),
        (Stage.RETURNING, date(2026, 9, 15)),
        (Stage.AT_SCHOOL, None),
        (Stage.AWAITING_PARTS, None),
        (Stage.BEYOND_REPAIR, None),
        (Stage.HANDED_BACK, None),
    ],
)
def test_each_stage_has_its_day_or_none(stage, day):
    assert expected_day(stage, MONDAY, MONDAY, PACE) == day


def test_after_today_s_closing_the_next_courier_counts():
    evening = MONDAY + timedelta(hours=8)
    assert expected_day(Stage.CHECKED, evening, evening, PACE) == date(2026, 9, 17)  # Wednesday, in hand on Thursday


def test_a_repair_that_began_last_week_is_back_sooner():
    begun = MONDAY - timedelta(days=4)  # Thursday: ready this Thursday, courier on Friday, in hand on Monday
    assert expected_day(Stage.RECEIVED, begun, MONDAY, PACE) == date(2026, 9, 21)


def test_a_repair_that_is_long_overdue_is_promised_from_today():
    begun = MONDAY - timedelta(days=60)
    assert expected_day(Stage.RECEIVED, begun, MONDAY, PACE) == date(2026, 9, 15)


def test_a_holiday_moves_it():
    closed = SchoolTime(ZoneInfo("America/New_York"), HOURS, closed=frozenset({date(2026, 9, 15)}))
    pace = Pace(closed, SCHOOL, PACE.pickup_days, 5, 1)
    assert expected_day(Stage.CHECKED, MONDAY, MONDAY, pace) == date(2026, 9, 16)


def test_nobody_promises_a_day_when_school_is_over():
    over = SchoolTime(ZoneInfo("America/New_York"), HOURS, last_day=date(2026, 9, 1))
    assert expected_day(Stage.CHECKED, MONDAY, MONDAY, Pace(over, over, PACE.pickup_days, 5, 1)) is None


@given(
    stage=st.sampled_from(sorted(KNOWN)),
    days=st.integers(0, 30),
    hours=st.integers(0, 24 * 14),
    pickup=st.frozensets(st.sampled_from("01234"), min_size=1),
)
def test_the_day_is_a_school_day_and_never_past(stage, days, hours, pickup):
    at = MONDAY + timedelta(hours=hours)
    pace = Pace(SCHOOL, SCHOOL, pickup, repair_days=5, hand_back_days=1)
    day = expected_day(stage, at - timedelta(days=days), at, pace)
    assert day is not None
    assert SCHOOL.is_school_day(day)
    assert day >= at.astimezone(SCHOOL.zone).date()
