"""Stretches of time against a picture of every minute."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from firstbell.kernel.schooltime import SchoolTime
from firstbell.measures.intervals import Interval, Ruler, merged, without

START = datetime(2026, 9, 14, tzinfo=UTC)
stretches = st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), max_size=8)
school = SchoolTime(
    ZoneInfo("America/New_York"),
    {day: (time(7, 30), time(15, 30)) for day in range(5)},
    frozenset({date(2026, 9, 16)}),
)


def _times(pairs: list[tuple[int, int]]) -> list[Interval]:
    return [(START + timedelta(minutes=start), START + timedelta(minutes=end)) for start, end in pairs]


def _picture(pairs: list[tuple[int, int]]) -> set[int]:
    return {minute for start, end in pairs for minute in range(start, end)}


def _minutes(found: list[Interval]) -> set[int]:
    step = timedelta(minutes=1)
    return _picture([((start - START) // step, (end - START) // step) for start, end in found])


@given(stretches)
def test_joined_stretches_cover_the_same_time_in_order_without_touching(pairs: list[tuple[int, int]]) -> None:
    found = merged(_times(pairs))
    assert _minutes(found) == _picture(pairs)
    assert all(earlier[1] < later[0] for earlier, later in pairwise(found))


@given(stretches, stretches)
def test_what_is_taken_out_is_gone_and_nothing_else(pairs: list[tuple[int, int]], taken: list[tuple[int, int]]) -> None:
    assert _minutes(without(_times(pairs), _times(taken))) == _picture(pairs) - _picture(taken)


@given(st.integers(0, 20000), st.integers(0, 20000))
def test_the_ruler_measures_as_school_time_does(one: int, other: int) -> None:
    ruler = Ruler(school, START, START + timedelta(days=14))
    start, end = START + timedelta(minutes=one), START + timedelta(minutes=other)
    assert ruler.seconds(start, end) == school.seconds_between(start, end)
