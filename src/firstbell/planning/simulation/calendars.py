"""Open hours by day number. Time is in days since the first midnight: 1.5 is noon of day 1."""

import math
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from itertools import accumulate

from firstbell.kernel.schooltime import SchoolTime
from firstbell.planning.errors import require

Opening = tuple[float, float]
CLOSED: Opening = (0.0, 0.0)
WHOLE_DAY: Opening = (0.0, 1.0)


class Calendar:
    """When something is open. ``openings`` holds each day's opening and closing as parts of the day."""

    __slots__ = ("_before", "openings")

    def __init__(self, openings: Sequence[Opening]) -> None:
        require(bool(openings), "A calendar must hold a day.")
        require(all(0 <= opens <= closes <= 1 for opens, closes in openings), "A day must open before it closes.")
        self.openings = tuple(openings)
        self._before = [0.0, *accumulate(24 * (closes - opens) for opens, closes in self.openings)]

    @classmethod
    def always(cls, days: int) -> "Calendar":
        """Return a calendar that never closes."""
        return cls([WHOLE_DAY] * days)

    @classmethod
    def of_school(cls, school: SchoolTime, first: date, days: int) -> "Calendar":
        """Return the open hours of a site from its first day on, by the clock on its wall."""
        return cls([_opening(school, first + timedelta(days=n)) for n in range(days)])

    @property
    def days(self) -> int:
        """How many days it holds."""
        return len(self.openings)

    def is_open(self, day: int) -> bool:
        """Say whether this day has open hours."""
        opens, closes = self.openings[day]
        return closes > opens

    def open_days(self) -> list[int]:
        """Return the days with open hours."""
        return [day for day in range(self.days) if self.is_open(day)]

    def worked(self, moment: float) -> float:
        """Return the open hours from the first midnight to this moment."""
        day = int(moment)
        if day >= self.days:
            return self._before[-1]
        opens, closes = self.openings[day]
        part = moment - day
        return self._before[day] + (24 * (min(part, closes) - opens) if part > opens else 0.0)

    def after(self, moment: float, hours: float) -> float:
        """Return the moment when so many more open hours have passed; infinity when the calendar ends before."""
        if hours == 0:
            return moment
        goal = self.worked(moment) + hours
        day = bisect_right(self._before, goal) - 1
        if self._before[day] == goal:
            day = self._last_open_before(day)  # ends at a closing time, not at the next opening
        if day >= self.days:
            return math.inf
        opens, _ = self.openings[day]
        return max(moment, day + opens + (goal - self._before[day]) / 24)

    def _last_open_before(self, day: int) -> int:
        day -= 1
        while not self.is_open(day):
            day -= 1
        return day


def _opening(school: SchoolTime, day: date) -> Opening:
    if not school.is_school_day(day):
        return CLOSED
    opens, closes = school.hours[day.weekday()]
    return _part(opens), _part(closes)


def _part(moment: time) -> float:
    return (moment.hour + moment.minute / 60 + moment.second / 3600) / 24


def moment_of(when: datetime, first: date) -> float:
    """Return a wall-clock time as a moment of a simulation that begins at midnight of ``first``."""
    return (when.date() - first).days + _part(when.time())


def usual_closings(first: date) -> Iterable[date]:
    """Yield the weekdays on which a US school year that begins in August ``first`` is closed (assumed)."""
    year = first.year
    spans = [
        (date(year, 9, 7), 1),
        (date(year, 10, 5), 5),
        (date(year, 11, 25), 3),
        (date(year, 12, 21), 14),
        (date(year + 1, 1, 18), 1),
        (date(year + 1, 2, 15), 1),
        (date(year + 1, 3, 29), 5),
    ]
    for start, days in spans:
        yield from (start + timedelta(days=n) for n in range(days))
