"""The demo's school days: around whatever day it is, so that there is always school life to look at."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, time, timedelta

from firstbell.directory.rules import Period

MONDAY, THURSDAY = 0, 3
_BACK, _AHEAD = timedelta(days=120), timedelta(days=120)
_BREAK = timedelta(days=12)

_SECONDARY = (
    ("Advisory", time(8), time(8, 20)),
    ("1st period", time(8, 20), time(9, 25)),
    ("2nd period", time(9, 25), time(10, 30)),
    ("3rd period", time(10, 30), time(11, 35)),
    ("Lunch", time(11, 35), time(12, 15)),
    ("4th period", time(12, 15), time(13, 20)),
    ("5th period", time(13, 20), time(14, 25)),
    ("6th period", time(14, 25), time(15, 10)),
)
_ELEMENTARY = (
    ("Morning meeting", time(7, 45), time(8, 15)),
    ("Morning", time(8, 15), time(11)),
    ("Lunch", time(11), time(11, 40)),
    ("Afternoon", time(11, 40), time(14, 30)),
)
_OFFICE = (("Office hours", time(7, 30), time(16)),)


@dataclass(frozen=True)
class Year:
    """The days of a school year: first, last, and those without school."""

    first: date
    last: date
    holidays: tuple[tuple[date, str], ...]


def bells(kind: str) -> list[Period]:
    """Return the bell times of a week at a secondary or elementary school, or the hours of the office."""
    table = {"secondary": _SECONDARY, "elementary": _ELEMENTARY, "office": _OFFICE}[kind]
    return [Period(weekday, name, starts, ends) for weekday in range(5) for name, starts, ends in table]


def year_around(today: date, term: tuple[date, date]) -> Year:
    """Return the term that the roster tells of while today lies in it, else days around today."""
    first, last = term
    if not first <= today <= last:
        first, last = today - _BACK, today + _AHEAD
    found = sorted({day: name for year in range(first.year, last.year + 1) for day, name in _holidays(year)}.items())
    return Year(first, last, tuple((day, name) for day, name in found if first <= day <= last and day.weekday() < 5))


def _holidays(year: int) -> Iterator[tuple[date, str]]:
    yield _weekday(year, 1, MONDAY, 3), "Martin Luther King Jr. Day"
    yield _weekday(year, 2, MONDAY, 3), "Presidents' Day"
    yield date(year, 5, 31) - timedelta(days=date(year, 5, 31).weekday()), "Memorial Day"
    yield date(year, 7, 4), "Independence Day"
    yield _weekday(year, 9, MONDAY, 1), "Labor Day"
    yield _weekday(year, 10, MONDAY, 2), "Fall holiday"
    yield date(year, 11, 11), "Veterans Day"
    thanksgiving = _weekday(year, 11, THURSDAY, 4)
    yield thanksgiving, "Thanksgiving"
    yield thanksgiving + timedelta(days=1), "Day after Thanksgiving"
    for days in range(_BREAK.days):
        yield date(year, 12, 22) + timedelta(days=days), "Winter break"
        yield date(year - 1, 12, 22) + timedelta(days=days), "Winter break"


def _weekday(year: int, month: int, weekday: int, nth: int) -> date:
    """Return the n-th such weekday of a month."""
    first = date(year, month, 1)
    return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (nth - 1))
