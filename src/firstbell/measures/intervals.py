"""Stretches of time as half-open pairs [start, end): joined, and taken out of one another. Pure."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import accumulate

from firstbell.kernel.schooltime import SchoolTime

Interval = tuple[datetime, datetime]


def merged(stretches: Iterable[Interval]) -> list[Interval]:
    """Return the same time as stretches that neither overlap nor touch, in order; empty ones are left out."""
    found: list[Interval] = []
    for start, end in sorted(stretch for stretch in stretches if stretch[0] < stretch[1]):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((start, end))
    return found


def without(stretches: Iterable[Interval], taken: Iterable[Interval]) -> list[Interval]:
    """Return what is left of some stretches once others are taken out; one walk along both."""
    away = merged(taken)
    rest: list[Interval] = []
    first = 0
    for start, end in merged(stretches):
        while first < len(away) and away[first][1] <= start:
            first += 1
        rest += _between(start, end, away, first)
    return rest


def _between(start: datetime, end: datetime, away: list[Interval], first: int) -> Iterator[Interval]:
    """Yield what lies between the stretches that are taken out, from the first that reaches into this one."""
    for place in range(first, len(away)):
        since, until = away[place]
        if since >= end:
            break
        if start < since:
            yield start, since
        start = max(start, until)
    if start < end:
        yield start, end


class Ruler:
    """Open time of one school, laid out once over a period, so that thousands of stretches are measured quickly."""

    def __init__(self, school: SchoolTime, start: datetime, end: datetime) -> None:
        spans = list(school.spans(start, end))
        self._starts = [span[0] for span in spans]
        self._lengths = [(span[1] - span[0]).total_seconds() for span in spans]
        self._before = [0.0, *accumulate(self._lengths)]

    def _upto(self, moment: datetime) -> float:
        found = bisect_right(self._starts, moment) - 1
        if found < 0:
            return 0.0
        into = (moment - self._starts[found]).total_seconds()
        return self._before[found] + min(into, self._lengths[found])

    def seconds(self, start: datetime, end: datetime) -> int:
        """Return the open seconds between two moments of the period, as ``SchoolTime.seconds_between`` would."""
        return max(0, int(self._upto(end) - self._upto(start)))
